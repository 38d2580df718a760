// Copyright 2026 the Weft authors. MIT license.

import { Pair } from "../fixtures/sync_pair.ts";
import { asyncMutexAlone, asyncMutexContended } from "./async_mutex.ts";
import { alone, aloneAsync, between, coroutines } from "./locks_ours.ts";
import type { Topic } from "./measure.ts";
import { Python } from "./python.ts";

/** The primitives of sync beside those of CPython, of async-mutex and of the platform. */
export async function locks(): Promise<Topic> {
  const python = new Python(new URL("./locks.py", import.meta.url));
  const threads = await Pair.start("thread");
  const processes = await Pair.start("process");

  const threading = (measure: string) => python.side("threading", measure);
  const multiprocessing = (measure: string) => python.side("multiprocessing", measure);
  const asyncio = (measure: string) => python.side("asyncio", measure);
  const inThreads = (body: Parameters<typeof between>[1]) => between(threads, body);
  const inProcesses = (body: Parameters<typeof between>[1]) => between(processes, body);

  return {
    measures: [
      {
        name: "uncontended, thread scope",
        rows: [
          [alone("Lock", "thread"), threading("Lock alone"), 2],
          [alone("RLock", "thread"), threading("RLock alone")],
          [alone("Semaphore", "thread"), threading("Semaphore alone")],
        ],
      },
      {
        name: "uncontended, process scope",
        rows: [
          [alone("Lock", "process"), multiprocessing("Lock alone"), 1],
          [alone("RLock", "process"), multiprocessing("RLock alone")],
          [alone("Semaphore", "process"), multiprocessing("Semaphore alone")],
        ],
      },
      {
        name: "uncontended, await, thread scope",
        rows: [
          [aloneAsync("Lock", "thread"), asyncio("Lock alone"), 1],
          [aloneAsync("Lock", "thread"), asyncMutexAlone("Mutex"), 5],
          [aloneAsync("Semaphore", "thread"), asyncio("Semaphore alone")],
          [aloneAsync("Semaphore", "thread"), asyncMutexAlone("Semaphore")],
        ],
      },
      {
        name: "uncontended, await, process scope",
        rows: [[aloneAsync("Lock", "process"), asyncio("Lock alone"), 1]],
      },
      {
        name: "contended by 2 threads",
        rows: [
          [inThreads("lockContended"), threading("Lock")],
          [inThreads("lockContended"), inThreads("bareContended")],
          [inThreads("rlockContended"), threading("RLock")],
          [inThreads("semaphoreContended"), threading("Semaphore")],
        ],
      },
      {
        name: "contended by 2 processes",
        rows: [
          [inProcesses("lockContended"), multiprocessing("Lock"), 4],
          [inProcesses("rlockContended"), multiprocessing("RLock")],
          [inProcesses("semaphoreContended"), multiprocessing("Semaphore")],
        ],
      },
      {
        name: "contended by 2 coroutines",
        rows: [
          [coroutines("lockContendedAsync"), asyncio("Lock")],
          [coroutines("lockContendedAsync"), asyncMutexContended],
        ],
      },
      {
        name: "ping-pong of threads",
        rows: [
          [inThreads("eventPingPong"), threading("Event")],
          [inThreads("conditionPingPong"), threading("Condition")],
          [inThreads("semaphorePingPong"), threading("Semaphore")],
          [inThreads("semaphorePingPong"), inThreads("barePingPong"), 1],
        ],
      },
      {
        name: "ping-pong of processes",
        rows: [
          [inProcesses("eventPingPong"), multiprocessing("Event"), 3],
          [inProcesses("eventPingPongAsync"), multiprocessing("Event")],
          [inProcesses("conditionPingPong"), multiprocessing("Condition"), 3],
          [inProcesses("conditionPingPongAsync"), multiprocessing("Condition")],
          [inProcesses("semaphorePingPong"), multiprocessing("Semaphore")],
        ],
      },
      {
        name: "ping-pong of coroutines",
        rows: [
          [coroutines("eventPingPongAsync"), asyncio("Event")],
          [coroutines("conditionPingPongAsync"), asyncio("Condition")],
        ],
      },
      {
        name: "barrier of 2 threads",
        rows: [
          [inThreads("barrierWait"), threading("Barrier")],
          [inThreads("barrierWait"), inThreads("bareBarrier")],
        ],
      },
      {
        name: "barrier of 2 processes",
        rows: [
          [inProcesses("barrierWait"), multiprocessing("Barrier"), 3],
          [inProcesses("barrierWaitAsync"), multiprocessing("Barrier")],
        ],
      },
      {
        name: "barrier of 2 coroutines",
        rows: [[coroutines("barrierWaitAsync"), asyncio("Barrier")]],
      },
      {
        name: "waking a thread that sleeps",
        rows: [
          [inThreads("eventWake"), inThreads("bareWake"), 1],
          [inThreads("semaphoreWake"), inThreads("bareWake"), 1],
        ],
      },
    ],
    async stop() {
      await Promise.all([python.stop(), threads.stop(), processes.stop()]);
    },
  };
}
