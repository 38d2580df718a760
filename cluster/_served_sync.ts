// Copyright 2026 the Weft authors. MIT license.

import { Barrier } from "../sync/barrier.ts";
import { Condition } from "../sync/condition.ts";
import { BrokenBarrierError } from "../sync/errors.ts";
import { Event } from "../sync/event.ts";
import { Lock } from "../sync/lock.ts";
import { RLock } from "../sync/rlock.ts";
import { Semaphore } from "../sync/semaphore.ts";
import { isTimeout } from "../sync/wait.ts";
import {
  type Caller,
  type Method,
  methodsOf,
  type Served,
  ServedKind,
  toMilliseconds,
} from "./_served.ts";

/** Who has acquired a lock, which others may release as well. */
const holders = new WeakMap<object, Caller>();

type Lockable = Lock | RLock | Semaphore | Condition;

/** Serves a primitive as Python's of the same name; `undefined` if the object is none. */
export function servePrimitive(target: object): Served | undefined {
  if (target instanceof Semaphore) return new ServedKind(target, semaphoreMethods);
  if (target instanceof Lock || target instanceof RLock) return new ServedKind(target, lockMethods);
  if (target instanceof Condition) return new ServedKind(target, conditionMethods);
  if (target instanceof Event) return new ServedKind(target, eventMethods);
  if (target instanceof Barrier) return new ServedKind(target, barrierMethods);
  return undefined;
}

const acquireParams = "blocking= timeout=";

const lockMethods = methodsOf<Lock | RLock>({
  acquire: [acquireParams, acquire],
  release: ["", release],
});

const semaphoreMethods = methodsOf<Semaphore>({
  acquire: [acquireParams, acquire],
  release: ["n=", (semaphore, [n = 1], caller) => {
    semaphore.release(n);
    for (let i = 0; i < n && caller.drop(semaphore); i++);
  }],
  get_value: ["", (semaphore) => semaphore.value],
});

const conditionMethods = methodsOf<Condition>({
  acquire: [acquireParams, acquire],
  release: ["", release],
  notify: ["n=", (condition, [n = 1]) => condition.notify(n)],
  notify_all: ["", (condition) => condition.notifyAll()],
  wait: [
    "timeout=",
    (condition, [timeout], { signal }) =>
      inTime(condition.wait({ timeout: toMilliseconds(timeout), signal })),
  ],
});

const eventMethods = methodsOf<Event>({
  clear: ["", (event) => event.clear()],
  is_set: ["", (event) => event.isSet],
  set: ["", (event) => event.set()],
  wait: [
    "timeout=",
    (event, [timeout], { signal }) =>
      event.isSet || inTime(event.wait({ timeout: toMilliseconds(timeout), signal })),
  ],
});

const barrierProperties: Readonly<Record<string, (barrier: Barrier) => unknown>> = {
  parties: (barrier) => barrier.parties,
  n_waiting: (barrier) => barrier.waiting,
  broken: (barrier) => barrier.broken,
};

const barrierMethods = methodsOf<Barrier>(
  {
    __getattribute__: ["name", (barrier, [name]) => {
      if (!Object.hasOwn(barrierProperties, name)) throw new RangeError(`no attribute '${name}'`);
      return barrierProperties[name]!(barrier);
    }],
    abort: ["", (barrier) => barrier.abort()],
    reset: ["", (barrier) => barrier.reset()],
    wait: [
      "timeout=",
      (barrier, [timeout], { signal }) => passBarrier(barrier, toMilliseconds(timeout), signal),
    ],
  } satisfies Record<string, Method<Barrier>>,
);

/** Gives whether it was acquired. Python's own says -1 for no limit. */
async function acquire(
  target: Lockable,
  [blocking = true, timeout = null]: unknown[],
  caller: Caller,
): Promise<boolean> {
  if (!blocking || timeout === 0) {
    if (!target.tryAcquire()) return false;
  } else {
    const ms = toMilliseconds(timeout === -1 ? null : timeout);
    // Of who has died, a client is told as Python tells: not at all.
    const options = { timeout: ms, signal: caller.signal, recover: true };
    if (!(await inTime(target.acquire(options)))) return false;
  }
  caller.hold(target, () => target.release());
  if (target instanceof Lock) holders.set(target, caller);
  return true;
}

/** Waits at a barrier. In Python, who does not want to wait any longer breaks it. */
async function passBarrier(
  barrier: Barrier,
  timeout: number,
  signal: AbortSignal,
): Promise<number> {
  try {
    return await barrier.wait({ timeout, signal });
  } catch (error) {
    if (!isTimeout(error)) throw error;
    barrier.abort();
    throw new BrokenBarrierError("The barrier is broken");
  }
}

function release(target: Lockable, _: unknown[], caller: Caller): void {
  const holder = holders.get(target) ?? caller;
  target.release();
  holder.drop(target);
}

/** Tells whether a wait ended before its time was over. */
async function inTime(wait: Promise<unknown>): Promise<boolean> {
  try {
    await wait;
    return true;
  } catch (error) {
    if (isTimeout(error)) return false;
    throw error;
  }
}
