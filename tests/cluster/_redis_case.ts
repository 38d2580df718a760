// Copyright 2026 the Weft authors. MIT license.

import { RedisQueue, type RedisQueueOptions } from "../../cluster/redis_queue.ts";
import type { BrokerCase } from "./_broker_cases.ts";
import { noRedis, useRedis } from "./_redis_server.ts";

/** Options of all handles: a program that was killed is to be noticed soon, and none taken for dead that is busy. */
export const redisOptions = { leaseTime: 4000 };

/** Queues at Redis. */
export const redisCase: BrokerCase = {
  name: "RedisQueue",
  protocol: "redis:",
  missing: noRedis,
  use: useRedis,
  make: <T>(name: string, options: RedisQueueOptions) => new RedisQueue<T>(name, options),
};
