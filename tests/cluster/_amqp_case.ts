// Copyright 2026 the Weft authors. MIT license.

import { AmqpQueue, type AmqpQueueOptions } from "../../cluster/amqp_queue.ts";
import type { BrokerCase } from "./_broker_cases.ts";
import { noRabbit, useRabbit } from "./_rabbit_server.ts";

/** Queues at RabbitMQ. */
export const amqpCase: BrokerCase = {
  name: "AmqpQueue",
  protocol: "amqp:",
  missing: noRabbit,
  use: useRabbit,
  make: <T>(name: string, options: AmqpQueueOptions) => new AmqpQueue<T>(name, options),
};
