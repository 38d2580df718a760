// Copyright 2026 the Weft authors. MIT license.

import { children } from "./_children.ts";
import { Process } from "./process.ts";

/**
 * Lists the processes that the calling thread started and that are alive, in the order of their
 * start.
 *
 * @example List them
 * ```ts
 * import { activeChildren } from "@weft/concurrency/process";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(activeChildren(), []);
 * ```
 */
export function activeChildren(): Process<unknown>[] {
  return [...children].filter((child) => child instanceof Process);
}
