// Copyright 2026 the Weft authors. MIT license.

import { currentIsolate } from "./isolate.ts";
import type { Memory } from "./memory/memory.ts";
import { currentOwner } from "./owner.ts";

/** Where something happened. */
export interface Scene {
  /** Milliseconds since 1970, with fractions: the same clock in all processes of a machine. */
  readonly time: number;
  /** The process. */
  readonly pid: number;
  /** Number of the thread within its process; 0 is the main thread. */
  readonly thread: number;
  /** Name of the thread. */
  readonly threadName: string;
  /** Number of the coroutine within its thread; 0 if none runs. */
  readonly coroutine: number;
}

/** What is waited for, or held. */
export interface Subject {
  /** What it is and what is waited for, such as `Lock`, `Queue.get` or `Thread.join`. */
  readonly what: string;
  /**
   * What tells it from all others of the machine, the same in all threads and processes that share it; empty where
   * nothing does.
   */
  readonly object: string;
  /** Its name, if it has one. */
  readonly name?: string | undefined;
}

/** What words of a memory belong to, for who observes. */
export interface Label {
  /** What is waited for, such as `Lock`. */
  readonly what: string;
  /** Its name, if it has one. */
  readonly name: string | undefined;
  /** The first word of what it belongs to. */
  readonly index: number;
}

/** What an observer is told. */
export type Happening =
  /** Somebody goes to sleep; `blocks` says that the whole thread does. */
  | ({ readonly type: "wait-begin"; readonly wait: number; readonly blocks: boolean } & Subject)
  /** The wait with this number of this thread is over; `error` is the name of what it threw. */
  | { readonly type: "wait-end"; readonly wait: number; readonly error?: string | undefined }
  /** Somebody has taken a lock, or released it. */
  | ({ readonly type: "hold-begin" | "hold-end" } & Subject)
  /** This process has started another; of an external program, too. */
  | { readonly type: "process-begin"; readonly child: number; readonly name: string }
  /** `how` is one of `ExitReason`, or `ended` for an external program. */
  | {
    readonly type: "process-end" | "thread-end";
    readonly child: number;
    readonly how: string;
    readonly code: number;
  }
  /** This thread has started another of its process. */
  | { readonly type: "thread-begin"; readonly child: number; readonly name: string }
  /** The task of this thread or process begins; a worker of a pool has many, one after the other. */
  | { readonly type: "task-begin"; readonly name: string }
  | { readonly type: "task-end" }
  /** This thread has spawned a coroutine; `parent` is that which did, or 0. */
  | {
    readonly type: "coroutine-begin";
    readonly child: number;
    readonly name: string;
    readonly parent: number;
  }
  | { readonly type: "coroutine-end"; readonly child: number; readonly how: string }
  /** A greenlet of this thread goes on, or stops; `dead` says that it has ended. */
  | {
    readonly type: "greenlet-begin" | "greenlet-end";
    readonly child: number;
    readonly name: string;
    readonly dead: boolean;
  };

/** What happened, and where. */
export type ObserverEvent = Scene & Happening;

/** Who wants to know what happens in this isolate. */
export interface Observer {
  /** Is told at once; must not throw, nor wait, nor use this library. */
  onEvent(event: ObserverEvent): void;
}

interface Seat {
  observer: Observer | undefined;
}

/**
 * Where the observer of this isolate is put: also before this library is loaded, or when it is loaded twice.
 *
 * ```ts ignore
 * const seat = globalThis[Symbol.for("@weft/concurrency/observer")] ??= { observer: undefined };
 * seat.observer = { onEvent: (event) => log.push(event) };
 * ```
 *
 * An object that is always there, so that to look whether somebody observes is to load one field of a constant.
 */
const seat: Seat = takeSeat(Symbol.for("@weft/concurrency/observer"));

function takeSeat(key: symbol): Seat {
  const global = globalThis as unknown as Record<symbol, Seat | undefined>;
  const known = global[key];
  if (known !== undefined) return known;
  const value: Seat = { observer: undefined };
  Object.defineProperty(globalThis, key, { value });
  return value;
}

/** Says what something in shared memory is. */
export function subjectOf({ identity }: Memory, { what, name, index }: Label): Subject {
  return { what, name, object: `${identity}+${index}` };
}

/** Tells whether somebody observes this isolate. */
export function isObserved(): boolean {
  return seat.observer !== undefined;
}

/**
 * Tells the observer of this isolate, if there is one.
 *
 * @param coroutine The one that it is about, if that is not the one that runs.
 */
export function emit(happening: Happening, coroutine: number = currentOwner()): void {
  const { observer } = seat;
  if (observer === undefined) return;
  const { id, name } = currentIsolate().entry;
  observer.onEvent({
    time: performance.timeOrigin + performance.now(),
    pid: Deno.pid,
    thread: id,
    threadName: name,
    coroutine,
    ...happening,
  });
}

/** Ends a wait that is observed; `error` is what it threw. */
export type EndObserved = (error?: unknown) => void;

let waits = 0;

/**
 * Tells the observer that the caller waits.
 *
 * @returns What tells it that the wait is over; nothing if nobody observes.
 */
export function observeWait(subject: Subject, blocks = false): EndObserved {
  const wait = ++waits;
  emit({ type: "wait-begin", wait, blocks, ...subject });
  return (error) => {
    emit({ type: "wait-end", wait, error: error === undefined ? undefined : nameOf(error) });
  };
}

/**
 * Waits for what `begin` gives, and tells the observer so if there is one.
 *
 * @param subject What is waited for; its name alone, if nothing tells it from others.
 */
export function observed<T>(
  subject: string | (() => Subject),
  begin: () => Promise<T>,
): Promise<T> {
  if (!isObserved()) return begin();
  return observe(typeof subject === "string" ? { what: subject, object: "" } : subject(), begin);
}

async function observe<T>(subject: Subject, begin: () => Promise<T>): Promise<T> {
  const end = observeWait(subject);
  try {
    const value = await begin();
    end();
    return value;
  } catch (error) {
    end(error);
    throw error;
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "error";
}
