// Copyright 2026 the Weft authors. MIT license.

import type { ThreadEntry } from "../sync/thread_table.ts";
import { currentIsolate, mainEntry } from "../sync/isolate.ts";

/** What any thread can tell of another one of its process. */
export interface ThreadInfo {
  /** Number of the thread, unique within its process; the main thread has 0. */
  readonly id: number;
  /** Name of the thread; `"MainThread"` for the main one. */
  readonly name: string;
  /** Whether the program may end while the thread runs. */
  readonly daemon: boolean;
  /** Whether the thread was started and has not ended. */
  readonly isAlive: boolean;
}

/** The threads that this isolate started, so that {@linkcode threads} gives these very objects. */
const started = new Map<number, ThreadInfo>();
let current: ThreadInfo | undefined;

/**
 * Tells which thread runs this code.
 *
 * @returns In the `run` of a subclass of `Thread` that very instance, elsewhere a description.
 *
 * @example Ask for the name of this thread
 * ```ts
 * import { currentThread } from "@weft/concurrency/thread";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(currentThread().name, "MainThread");
 * ```
 */
export function currentThread(): ThreadInfo {
  return current ??= describe(currentIsolate().entry);
}

/**
 * Tells which thread is the main one of this process.
 *
 * @example See whether this is the main thread
 * ```ts
 * import { currentThread, mainThread } from "@weft/concurrency/thread";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(currentThread().id, mainThread().id);
 * ```
 */
export function mainThread(): ThreadInfo {
  return currentIsolate().slot === undefined ? currentThread() : describe(mainEntry);
}

/**
 * Counts the threads of this process that are alive, the main thread among them.
 *
 * @example Count
 * ```ts
 * import { activeCount } from "@weft/concurrency/thread";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(activeCount(), 1);
 * ```
 */
export function activeCount(): number {
  return currentIsolate().table.alive;
}

/**
 * Lists the threads of this process that are alive, the main thread first, then by id.
 *
 * @returns For a thread that was started by the calling one its `Thread`, else a description, whose
 * name is cut to 236 bytes.
 *
 * @example List the names
 * ```ts
 * import { threads } from "@weft/concurrency/thread";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(threads().map((thread) => thread.name), ["MainThread"]);
 * ```
 */
export function threads(): ThreadInfo[] {
  const { entry, table } = currentIsolate();
  const others = table.entries().map((other) =>
    other.id === entry.id ? currentThread() : started.get(other.id) ?? describe(other)
  );
  return [mainThread(), ...others];
}

/** Makes an instance what {@linkcode currentThread} gives. */
export function setCurrentThread(thread: ThreadInfo): void {
  current = thread;
}

/** Notes a thread that this isolate started. */
export function rememberThread(thread: ThreadInfo): void {
  started.set(thread.id, thread);
}

/** Notes that a thread has ended. */
export function forgetThread(thread: ThreadInfo): void {
  started.delete(thread.id);
}

function describe(entry: ThreadEntry): ThreadInfo {
  const { table } = currentIsolate();
  return {
    ...entry,
    get isAlive() {
      return entry.id === mainEntry.id || table.entries().some(({ id }) => id === entry.id);
    },
  };
}
