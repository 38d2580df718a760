// Copyright 2026 the Weft authors. MIT license.

import { RedisQueue, type RedisQueueOptions } from "../../cluster/redis_queue.ts";
import type { BrokerCase } from "./_broker_cases.ts";
import { noOwnRedis, noRedis, RedisServer, useRedis } from "./_redis_server.ts";

/** Queues at Redis. */
export const redisCase: BrokerCase = {
  name: "RedisQueue",
  module: new URL("../../cluster/redis_queue.ts", import.meta.url).href,
  protocol: "redis:",
  missing: noRedis,
  ownMissing: noOwnRedis,
  use: useRedis,
  start: () => RedisServer.start(),
  make: <T>(name: string, options: RedisQueueOptions) => new RedisQueue<T>(name, options),
};
