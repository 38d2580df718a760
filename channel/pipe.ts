// Copyright 2026 the Weft authors. MIT license.

import { allocate } from "../sync/memory/place.ts";
import type { SyncOptions } from "../sync/shared_object.ts";
import { createRings, PipeEnd, pipeWords, type Side } from "./_pipe_end.ts";
import { Hold } from "./_hold.ts";
import { Connection } from "./connection.ts";

/** Options of {@linkcode pipe}. */
export interface PipeOptions extends SyncOptions {
  /**
   * Whether both ends can send and receive; if not, the first only receives and the second only sends.
   *
   * @default {true}
   */
  readonly duplex?: boolean | undefined;
}

/**
 * Creates a pipe in one direction, as Python's `Pipe(duplex=False)` does: the first end only receives, the second only
 * sends.
 *
 * @typeParam T Not used.
 * @typeParam U Type of the messages.
 * @param options Scope and name, which both ends get.
 * @returns Who receives and who sends.
 * @throws {TypeError} If the scope is not one.
 * @throws {Deno.errors.NotCapable} If the scope is `"process"` and `--allow-ffi` is missing.
 * @throws {Deno.errors.NotSupported} If the scope is `"process"` on another system than Linux.
 *
 * @example Send in one direction
 * ```ts
 * import { pipe } from "@weft/concurrency/channel";
 * import { assertEquals } from "@std/assert";
 *
 * const [receiver, sender] = pipe<string>({ duplex: false });
 * await sender.send("hello");
 * sender.close();
 *
 * assertEquals(await Array.fromAsync(receiver), ["hello"]);
 * ```
 */
export function pipe<T, U = T>(
  options: PipeOptions & { readonly duplex: false },
): [Connection<never, U>, Connection<U, never>];
/**
 * Creates a pipe: two connections, of which each receives what the other sends.
 *
 * @typeParam T Type of what the first end sends and the second receives.
 * @typeParam U Type of what the second end sends and the first receives.
 * @param options Direction; scope and name, which both ends get.
 * @returns Both ends.
 * @throws {TypeError} If the scope is not one.
 * @throws {Deno.errors.NotCapable} If the scope is `"process"` and `--allow-ffi` is missing.
 * @throws {Deno.errors.NotSupported} If the scope is `"process"` on another system than Linux.
 *
 * @example Ask and answer
 * ```ts
 * import { pipe } from "@weft/concurrency/channel";
 * import { assertEquals } from "@std/assert";
 *
 * const [client, server] = pipe<string, number>();
 * await client.send("hello");
 * await server.send((await server.receive()).length);
 *
 * assertEquals(await client.receive(), 5);
 * ```
 */
export function pipe<T, U = T>(options?: PipeOptions): [Connection<T, U>, Connection<U, T>];
export function pipe(options: PipeOptions = {}): [Connection<never>, Connection<never>] {
  const { duplex = true, scope, name } = options;
  const place = allocate(scope, pipeWords);
  const rings = createRings(place, duplex);
  const end = (side: Side) =>
    new Connection<never>(new Hold(new PipeEnd(place, side, rings), name));
  return [end(0), end(1)];
}
