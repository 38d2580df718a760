// Copyright 2026 the Weft authors. MIT license.

import type { Scenario } from "./_frame/scenario.ts";
import { scenario as brokers } from "./brokers.ts";
import { scenario as command } from "./command.ts";
import { scenario as conditionEventBarrier } from "./condition_event_barrier.ts";
import { scenario as coroutineAsyncio } from "./coroutine_asyncio.ts";
import { scenario as coroutineGevent } from "./coroutine_gevent.ts";
import { scenario as coroutineSwitch } from "./coroutine_switch.ts";
import { scenario as crawler } from "./crawler.ts";
import { scenario as deadlock } from "./deadlock.ts";
import { scenario as forkView } from "./fork_view.ts";
import { scenario as gil } from "./gil.ts";
import { scenario as manager } from "./manager.ts";
import { scenario as managerPython } from "./manager_python.ts";
import { scenario as pipe } from "./pipe.ts";
import { scenario as processAttributes } from "./process_attributes.ts";
import { scenario as processBasics } from "./process_basics.ts";
import { scenario as processDaemon } from "./process_daemon.ts";
import { scenario as processIsolation } from "./process_isolation.ts";
import { scenario as processJoin } from "./process_join.ts";
import { scenario as processPool } from "./process_pool.ts";
import { scenario as processSubclass } from "./process_subclass.ts";
import { scenario as producerConsumer } from "./producer_consumer.ts";
import { scenario as queueBasics } from "./queue_basics.ts";
import { scenario as queueProcesses } from "./queue_processes.ts";
import { scenario as semaphore } from "./semaphore.ts";
import { scenario as sharedMemory } from "./shared_memory.ts";
import { scenario as tcpServer } from "./tcp_server.ts";
import { scenario as threadBasics } from "./thread_basics.ts";
import { scenario as threadDaemon } from "./thread_daemon.ts";
import { scenario as threadLocal } from "./thread_local.ts";
import { scenario as threadLock } from "./thread_lock.ts";
import { scenario as threadPool } from "./thread_pool.ts";
import { scenario as tickets } from "./tickets.ts";
import { scenario as zombieOrphan } from "./zombie_orphan.ts";

/** All scenarios, in the order of the tutorials: processes, locks, queues, threads, pools, coroutines, more machines. */
export const scenarios: readonly Scenario[] = [
  processBasics,
  processSubclass,
  processJoin,
  processIsolation,
  processAttributes,
  processDaemon,
  zombieOrphan,
  forkView,
  command,
  tickets,
  threadLock,
  sharedMemory,
  deadlock,
  semaphore,
  conditionEventBarrier,
  queueBasics,
  queueProcesses,
  producerConsumer,
  pipe,
  threadBasics,
  threadDaemon,
  threadLocal,
  gil,
  processPool,
  threadPool,
  crawler,
  tcpServer,
  coroutineGevent,
  coroutineSwitch,
  coroutineAsyncio,
  manager,
  managerPython,
  brokers,
];
