// Copyright 2026 the Weft authors. MIT license.

import { AmqpQueue, type AmqpQueueOptions } from "../../cluster/amqp_queue.ts";
import type { BrokerCase } from "./_broker_cases.ts";
import { noOwnRabbit, noRabbit, RabbitServer, useRabbit } from "./_rabbit_server.ts";

/** Queues at RabbitMQ. */
export const amqpCase: BrokerCase = {
  name: "AmqpQueue",
  module: new URL("../../cluster/amqp_queue.ts", import.meta.url).href,
  protocol: "amqp:",
  missing: noRabbit,
  ownMissing: noOwnRabbit,
  forgetful: true,
  use: useRabbit,
  start: () => RabbitServer.start(),
  make: <T>(name: string, options: AmqpQueueOptions) => new AmqpQueue<T>(name, options),
};
