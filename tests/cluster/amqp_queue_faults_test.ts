// Copyright 2026 the Weft authors. MIT license.

import { assertEquals, assertRejects } from "@std/assert";
import { AmqpQueue } from "../../cluster/amqp_queue.ts";
import { Event } from "../../sync/mod.ts";
import { testBrokerFaults } from "./broker_faults_suite.ts";
import { amqpCase } from "./_amqp_case.ts";
import type { BrokerServer } from "./_broker_cases.ts";
import { noOwnRabbit, RabbitServer } from "./_rabbit_server.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

// It takes so long to start that all tests have the same.
let server: RabbitServer;
if (noOwnRabbit === undefined) {
  Deno.test.beforeAll(async () => void (server = await RabbitServer.start()));
  Deno.test.afterAll(async () => await server[Symbol.asyncDispose]());
}

/** Gives the server to a test, after which it runs again. */
function start(): Promise<BrokerServer> {
  return Promise.resolve({
    url: server.url,
    start: () => server.start(),
    stop: (signal) => server.stop(signal),
    [Symbol.asyncDispose]: () => server.start(),
  });
}

testBrokerFaults({ ...amqpCase, start }, { backoff: { max: 200 } });

function test(name: string, body: () => Promise<void>): void {
  Deno.test({ name: `AmqpQueue ${name}`, ignore: noOwnRabbit !== undefined, fn: body });
}

test("has exactly what is not done when its server was stopped and started again", async () => {
  const name = `test ${crypto.randomUUID()}`;
  await using queue = new AmqpQueue<number>(name, { url: server.url, backoff: { max: 200 } });
  const items = Array.from({ length: 100 }, (_, i) => i);
  await Promise.all(items.map((item) => queue.put(item)));
  for (const item of items.slice(0, 70)) {
    assertEquals(await queue.get(), item);
    if (item % 2 === 0) await queue.taskDone(item);
  }
  await server.stop("SIGTERM");
  await server.start();

  const rest = items.filter((item) => item >= 70 || item % 2 === 1);
  const again: number[] = [];
  for (const _ of rest) again.push(await queue.get());
  assertEquals(again, rest);
  assertEquals(await queue.size, 0);
});

test("ends, and gives up in time, although its server does not answer", async () => {
  const name = `test ${crypto.randomUUID()}`;
  const queue = new AmqpQueue<number>(name, { url: server.url, connectTimeout: 2000 });
  await queue.put(1);
  assertEquals(await queue.get(), 1);
  await server.pause(true);
  try {
    const put = queue.put(2);
    put.catch(() => {});
    await queue[Symbol.asyncDispose]();
    await assertRejects(() => put);

    await using late = new AmqpQueue(name, { url: server.url, connectTimeout: 300 });
    await assertRejects(() => late.get(), Error, "within 300 ms");
    await using ended = new AmqpQueue(name, { url: server.url });
    const get = ended.get();
    get.catch(() => {});
    await ended[Symbol.asyncDispose]();
    await assertRejects(() => get);
  } finally {
    await server.pause(false);
  }
});
