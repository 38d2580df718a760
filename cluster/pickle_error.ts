// Copyright 2026 the Weft authors. MIT license.

import { registerError } from "../channel/codec.ts";

/**
 * Rejects bytes from a Python program that are not a pickle of plain data: truncated or corrupt ones, ones that go
 * beyond a limit, and ones that name a class or function that is not among the few known here.
 *
 * @example See what a program sent
 * ```ts
 * import { PickleError } from "@weft/concurrency/cluster";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new PickleError("Cannot read the pickle as it ends too early", 12);
 * assertEquals(error.offset, 12);
 * ```
 */
export class PickleError extends Error {
  /** Always `"PickleError"`. */
  override readonly name = "PickleError";
  /** Bytes before the part that was refused. */
  readonly offset: number;

  /**
   * Creates the error of a part.
   *
   * @param message What happened.
   * @param offset Bytes before the part.
   */
  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

registerError(PickleError);
