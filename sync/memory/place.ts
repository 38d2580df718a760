// Copyright 2026 the Weft authors. MIT license.

import type { Destination, Memory, Scope } from "./memory.ts";
import { ProcessMemory } from "./process_memory.ts";
import { ThreadMemory } from "./thread_memory.ts";

/** Some words of a memory, where a primitive has its state. */
export interface Place {
  readonly memory: Memory;
  /** The first of the words. */
  readonly index: number;
}

/** A place as it travels. */
export type PlaceState =
  | { readonly buffer: SharedArrayBuffer; readonly id: number; readonly index: number }
  | { readonly path: string; readonly bytes: number; readonly id: string; readonly index: number };

/** Bytes of a memory that many primitives share: a file and a mapping for each would be too much. */
const arenaBytes = 65536;
/** Words between primitives: a cache line, so that they do not slow each other down. */
const cellWords = 16;

let arena: { readonly memory: ProcessMemory; used: number } | undefined;

/** The memories that this isolate has mapped, by their id. */
const mapped = new Map<string, WeakRef<ProcessMemory>>();

/**
 * Finds words that are zero and nobody else's.
 *
 * They are taken for good: whoever was told of them may still use them. The memory itself goes when no
 * primitive in it is left.
 *
 * @throws {TypeError} If `scope` is none.
 */
export function allocate(scope: Scope | undefined, words: number): Place {
  const needed = Math.ceil(words / cellWords) * cellWords;
  if (scope !== "process" || needed * 4 > arenaBytes / 4) return allocateAlone(scope, needed * 4);
  if (arena === undefined || (arena.used + needed) * 4 > arenaBytes) {
    arena = { memory: remember(ProcessMemory.create(arenaBytes)), used: 0 };
  }
  const index = arena.used;
  arena.used += needed;
  return { memory: arena.memory, index };
}

/**
 * Creates a memory that is zero, for one thing alone.
 *
 * @param bytes Its size, a multiple of four.
 * @throws {TypeError} If `scope` is none.
 */
export function allocateAlone(scope: Scope | undefined, bytes: number): Place {
  if (scope === undefined || scope === "thread") {
    return { memory: new ThreadMemory(bytes), index: 0 };
  }
  if (scope === "process") return { memory: remember(ProcessMemory.create(bytes)), index: 0 };
  throw new TypeError(
    `Cannot share memory as the scope is not "thread" or "process": current value is ${scope}`,
  );
}

/**
 * Says how the other side finds a place.
 *
 * @param what What is there, for the message.
 * @throws {DOMException} Named `DataCloneError`, if the other side is a process and cannot reach it.
 */
export function describePlace(
  { memory, index }: Place,
  destination: Destination | undefined,
  what: string,
): PlaceState {
  if (memory instanceof ProcessMemory) {
    return { path: memory.path, bytes: memory.bytes.length, id: memory.id, index };
  }
  if (destination === "thread") {
    const { buffer, id } = memory as ThreadMemory;
    return { buffer, id, index };
  }
  throw new DOMException(
    `Cannot clone ${what} for another process as its scope is "thread": create it with ` +
      '{ scope: "process" }',
    "DataCloneError",
  );
}

/**
 * Finds a place that another side has described.
 *
 * @throws {Deno.errors.NotFound} If the process that described it has closed it or ended.
 */
export function openPlace(state: PlaceState): Place {
  const { index } = state;
  if ("buffer" in state) return { memory: new ThreadMemory(state.buffer, state.id), index };
  const known = mapped.get(state.id)?.deref();
  if (known !== undefined && known.words.length > 0) return { memory: known, index };
  return { memory: remember(ProcessMemory.open(state.path, state.bytes, state.id)), index };
}

function remember(memory: ProcessMemory): ProcessMemory {
  mapped.set(memory.id, new WeakRef(memory));
  forgotten.register(memory, memory.id);
  return memory;
}

const forgotten = new FinalizationRegistry<string>((id) => {
  if (mapped.get(id)?.deref() === undefined) mapped.delete(id);
});
