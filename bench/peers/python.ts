// Copyright 2026 the Weft authors. MIT license.

import { Program } from "./program.ts";

/** A Python program that measures. */
export class Python extends Program {
  constructor(script: URL) {
    super("python3", script);
  }
}
