// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals } from "@std/assert";
import * as all from "../mod.ts";
import config from "../deno.json" with { type: "json" };

const modules: Record<string, string[]> = {
  channel: [
    "BufferTooShortError",
    "Channel",
    "ChannelClosedError",
    "Connection",
    "ConnectionClosedError",
    "LifoQueue",
    "NotBytesError",
    "PriorityQueue",
    "Queue",
    "QueueClosedError",
    "QueueEmptyError",
    "QueueFullError",
    "pipe",
    "select",
  ],
  cluster: [
    "AmqpQueue",
    "AuthenticationError",
    "BrokerQueue",
    "ClusterPool",
    "ClusterServer",
    "FrozenSet",
    "ManagerClient",
    "ManagerLostError",
    "ManagerServer",
    "PickleError",
    "PyFloat",
    "PythonError",
    "RedisQueue",
    "RemoteError",
    "RemoteEvent",
    "RemoteList",
    "RemoteLock",
    "RemoteMap",
    "RemoteNamespace",
    "RemoteObject",
    "RemoteProxy",
    "RemoteQueue",
    "RemoteValue",
    "UnknownTaskError",
    "connectManager",
    "isTuple",
    "pyFloat",
    "reportProgress",
    "serveCluster",
    "serveManager",
    "tuple",
  ],
  coroutine: [
    "Coroutine",
    "CoroutineLocal",
    "CoroutinePool",
    "Greenlet",
    "TaskGroup",
    "asCompleted",
    "cancelAll",
    "checkpoint",
    "currentCoroutine",
    "gather",
    "joinAll",
    "race",
    "shield",
    "sleep",
    "spawn",
    "withTimeout",
  ],
  process: [
    "CalledProcessError",
    "CommandTimeoutError",
    "Process",
    "ProcessExitedError",
    "ProcessPool",
    "activeChildren",
    "cpuCount",
    "currentProcess",
    "freezeSupport",
    "parentProcess",
    "run",
  ],
  sync: [
    "Barrier",
    "BoundedSemaphore",
    "BrokenBarrierError",
    "Condition",
    "Event",
    "Guard",
    "Lock",
    "LockAbandonedError",
    "RLock",
    "RWLock",
    "Semaphore",
    "SharedArray",
    "SharedMemory",
    "SharedValue",
  ],
  task: [
    "BootstrapError",
    "BrokenPoolError",
    "Future",
    "PoolClosedError",
    "WorkerLostError",
    "asCompleted",
    "currentTask",
    "importTask",
    "task",
    "wait",
  ],
  thread: [
    "Thread",
    "ThreadExitedError",
    "ThreadLocal",
    "ThreadPool",
    "ThreadTerminatedError",
    "Timer",
    "activeCount",
    "currentThread",
    "mainThread",
    "threads",
  ],
};

for (const [name, expected] of Object.entries(modules)) {
  Deno.test(`The ${name} module exports exactly what is public`, async () => {
    const module = await import(`../${name}/mod.ts`);

    assertEquals(Object.keys(module).sort(), expected);
  });

  Deno.test(`The root module has all that the ${name} module exports`, async () => {
    const module = await import(`../${name}/mod.ts`);

    for (const symbol of Object.keys(module)) {
      assert((all as Record<string, unknown>)[symbol] === module[symbol], symbol);
    }
  });
}

Deno.test("The package has an entry for the root and for each module", () => {
  const entries = Object.keys(modules).map((name) => [`./${name}`, `./${name}/mod.ts`]);

  assertEquals(config.exports, Object.fromEntries([[".", "./mod.ts"], ...entries]));
});
