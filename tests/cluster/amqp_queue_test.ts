// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { ChannelModel, ConfirmChannel, GetMessage } from "npm:@types/amqplib@^0.10";
import { QueueFullError } from "../../channel/mod.ts";
import {
  type AmqpConfirmChannel,
  type AmqpConnection,
  type AmqpMessage,
  loadAmqp,
  toBuffer,
} from "../../cluster/_amqp_client.ts";
import { AmqpDriver } from "../../cluster/_amqp_driver.ts";
import { checkOptions } from "../../cluster/broker_options.ts";
import { AmqpQueue, type AmqpQueueOptions } from "../../cluster/amqp_queue.ts";
import { Event } from "../../sync/mod.ts";
import { until } from "../process/_helpers.ts";
import { testBroker, testLargeItems } from "./broker_suite.ts";
import { amqpCase } from "./_amqp_case.ts";
import { Proxy } from "./_proxy.ts";
import { noRabbit, useRabbit } from "./_rabbit_server.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

testBroker(amqpCase);
testLargeItems(amqpCase);

/** What a test has. */
interface Case {
  readonly name: string;
  readonly url: string;
  /** Creates a handle on the queue, which is disposed of. */
  make<T = number>(options?: Partial<AmqpQueueOptions>): AmqpQueue<T>;
  /** A channel of another client. */
  open(): Promise<AmqpClientChannel>;
}

/** What of amqplib only the tests use. */
interface AmqpClientChannel extends Omit<AmqpConfirmChannel, "assertQueue" | "consume"> {
  assertQueue(name: string, options: object): Promise<unknown>;
  consume(name: string, listener: () => void, options: object): Promise<unknown>;
  deleteQueue(name: string): Promise<unknown>;
  sendToQueue(name: string, content: Uint8Array, options?: object): boolean;
  waitForConfirms(): Promise<unknown>;
  close(): Promise<void>;
}

let server: Awaited<ReturnType<typeof useRabbit>>;
if (noRabbit === undefined) {
  Deno.test.beforeAll(async () => void (server = await useRabbit()));
  Deno.test.afterAll(async () => await server[Symbol.asyncDispose]());
}

function test(name: string, body: (given: Case) => Promise<void>): void {
  Deno.test({
    name: `AmqpQueue${name}`,
    ignore: noRabbit !== undefined,
    fn: async () => {
      await using stack = new AsyncDisposableStack();
      const name = `test ${crypto.randomUUID()}`;
      const { url } = server;
      await body({
        name,
        url,
        make: (options = {}) => stack.use(new AmqpQueue(name, { url, ...options })),
        open: async () => {
          const connection = await (await loadAmqp()).connect(url, {});
          stack.defer(() => connection.close());
          const channel = await connection.createConfirmChannel();
          return channel as unknown as AmqpClientChannel;
        },
      });
    },
  });
}

function portOf(url: string): number {
  return Number(new URL(url).port || 5672);
}

test(' with the format "json" works with any client', async ({ name, make, open }) => {
  const queue = make<unknown>({ format: "json" });
  const other = await open();
  await queue.put({ text: "ü" });

  const message = await other.get(name) as GetMessage;
  assertEquals(new TextDecoder().decode(message.content), '{"text":"ü"}');
  assertEquals(message.properties.contentType, "application/json");
  assertEquals(message.properties.deliveryMode, 2);
  other.ack(message);
  other.sendToQueue(name, toBuffer(new TextEncoder().encode("[1, null]")));

  assertEquals(await queue.get(), [1, null]);
  await other.assertQueue(name, { durable: true });
});

test(".get() rejects what cannot be read to where the queue says", async (given) => {
  const { name, make, open } = given;
  const other = await open();
  const dead = `${name} dead`;
  await other.assertQueue(dead, {});
  await other.assertQueue(name, { deadLetterExchange: "", deadLetterRoutingKey: dead });
  const queue = make();
  const bytes = crypto.getRandomValues(new Uint8Array(100)).fill(255, 0, 8);
  other.sendToQueue(name, toBuffer(bytes));
  other.sendToQueue(name, toBuffer(new Uint8Array()));
  await other.waitForConfirms();

  for (const expected of [bytes, new Uint8Array()]) {
    const error = await assertRejects(() => queue.get(), DOMException, "not in its format");
    assertEquals(error.name, "DataCloneError");
    let message: AmqpMessage | false = false;
    while (message === false) message = await other.get(dead);
    assertEquals(new Uint8Array(message.content), expected);
  }
  assertEquals(await queue.size, 0);
});

test(".put() of several handles never exceeds the limit", async ({ make }) => {
  const handles = [1, 2, 3].map(() => make({ maxSize: 5 }));
  await Promise.all(handles.map((queue) => queue.size));
  const puts = handles.flatMap((queue) => [1, 2, 3, 4].map((item) => queue.putNowait(item)));

  const results = await Promise.allSettled(puts);

  assertEquals(results.filter(({ status }) => status === "fulfilled").length, 5);
  for (const result of results) {
    if (result.status === "rejected") assert(result.reason instanceof QueueFullError);
  }
  assertEquals(await handles[0]!.size, 5);
});

test(".put() keeps the order of items for which there was no room", async ({ make }) => {
  const [put, get] = [make({ maxSize: 3 }), make({ maxSize: 3, prefetch: 5 })];
  const items = Array.from({ length: 300 }, (_, i) => i);
  const puts = items.map((item) => put.put(item));
  // Its failure is that of the order.
  for (const waiting of puts) waiting.catch(() => {});
  const dones = [];
  for (const item of items) {
    assertEquals(await get.get(), item);
    dones.push(get.taskDone(item));
  }

  await Promise.all([...puts, ...dones]);
});

test(".put() waits for room in a queue that others limit", async ({ name, make, open }) => {
  const other = await open();
  await other.assertQueue(name, {
    maxLength: 1,
    arguments: { "x-overflow": "reject-publish" },
  });
  const queue = make();
  await queue.put(1);
  await assertRejects(() => queue.putNowait(2), QueueFullError);
  const put = queue.put(3);

  assertEquals(await queue.get(), 1);
  await put;
  assertEquals(await queue.get(), 3);
});

test(" says at once that the server refuses its password", async ({ url }) => {
  const wrong = new URL(url);
  wrong.password = "wrong-one";
  await using queue = new AmqpQueue("test", { url: wrong, connectTimeout: 600_000 });

  for (const wait of [queue.put(1), queue.get(), queue.size]) {
    const error = await assertRejects(() => wait, Error, "the server refuses");
    assert(error.cause instanceof Error);
    assert(!error.message.includes("wrong-one"), error.message);
  }
});

test(" says at once that the server refuses its name", async ({ url }) => {
  await using queue = new AmqpQueue("amq.own", { url, connectTimeout: 600_000 });

  await assertRejects(() => queue.get(), Error, "the server refuses");
});

test(".get() says that another has the queue for itself", async ({ name, make, open }) => {
  const queue = make();
  await queue.put(1);
  const other = await open();
  await other.consume(name, () => {}, { exclusive: true });

  await assertRejects(() => queue.get(), Error, "the server refuses");
  await other.close();

  assertEquals(await queue.get(), 1);
});

test(".get() says that it cannot be from a queue of another kind", async ({ name, make, open }) => {
  const other = await open();
  await other.assertQueue(name, { arguments: { "x-queue-type": "quorum" } });
  const queue = make();
  await queue.put(1);

  await assertRejects(() => queue.get(), Error, "the server refuses");
  await other.deleteQueue(name);
});

test(".put() says that an item is larger than the server takes", async ({ make }) => {
  const queue = make<Uint8Array | number>();
  const waiting = queue.get();

  await assertRejects(() => queue.put(new Uint8Array(129 << 20)), Error, "the server refuses");
  await queue.put(1);

  assertEquals(await waiting, 1);
});

test(" creates its queue again when it is deleted", async ({ name, make, open }) => {
  const backoff = { max: 50 };
  const [put, get] = [make({ backoff }), make({ backoff })];
  const other = await open();
  await put.put(0);
  assertEquals(await get.get(), 0);
  for (let i = 1; i <= 5; i++) {
    const waiting = i % 2 === 0 ? get.get() : undefined;
    await other.deleteQueue(name);
    await put.put(i);

    assertEquals(await (waiting ?? get.get()), i);
  }
});

test(" goes on when its connections are cut", async ({ url, make }) => {
  await using proxy = new Proxy(portOf(url));
  const through = Object.assign(new URL(url), { port: proxy.port }).href;
  const backoff = { max: 50 };
  const [put, get] = [make({ url: through, backoff }), make({ url: through, backoff })];
  const count = 300;
  const puts = Array.from({ length: count }, (_, i) => put.put(i));
  const got = new Set<number>();
  while (got.size < count) {
    got.add(await get.get());
    if (got.size % 40 === 5) proxy.cut();
    await get.taskDone();
  }
  await Promise.all(puts);
  // What was put twice, or done when there was no connection.
  for (;;) {
    const item = await get.get({ timeout: 0 }).catch(() => undefined);
    if (item === undefined) break;
    await get.taskDone();
  }

  await put.join();
});

test(".taskDone() is made up for when the connection was lost", async ({ url, make }) => {
  await using proxy = new Proxy(portOf(url));
  const through = Object.assign(new URL(url), { port: proxy.port }).href;
  const [put, get] = [make(), make({ url: through })];
  await put.put(1);
  await put.put(2);
  assertEquals([await get.get(), await get.get()], [1, 2]);

  proxy.cut();
  await until("lost", () => Deno.inspect(get).includes("not connected"));
  await get.taskDone(1);

  // The other one comes again, as it may belong to another now.
  assertEquals(await get.get(), 2);
  await get.taskDone(2);
  await get.taskDone(2);
  await put.join();
  assertEquals(await put.size, 0);
});

test("'s driver takes back what came through a lost connection, and goes on", async (given) => {
  const { name, url, make } = given;
  const queue = make();
  for (const item of [1, 2, 3]) await queue.put(item);
  await using proxy = new Proxy(portOf(url));
  const through = Object.assign(new URL(url), { port: proxy.port });
  const settings = checkOptions(name, { url: through }, { name: "test", protocols: ["amqp:"] });
  const tags: unknown[] = [];
  const { promise: revoked, resolve: revoke } = Promise.withResolvers<ReadonlySet<unknown>>();
  const { promise: fourth, resolve: stop } = Promise.withResolvers<void>();
  const driver = new AmqpDriver({ ...settings, heartbeat: 60 }, {
    deliver: ({ tag }) => {
      const count = tags.push(tag);
      if (count === 3) proxy.cut();
      if (count === 4) stop();
    },
    revoke,
    fail: () => {},
    room: () => {},
  });
  driver.demand(4);

  assertEquals([...await revoked], tags.slice(0, 3));
  await fourth;
  await driver.disconnect();
  assertEquals(await queue.get(), 1);
});

test(" notices that nothing comes through its connection", async ({ url, make }) => {
  await using proxy = new Proxy(portOf(url));
  const through = Object.assign(new URL(url), { port: proxy.port }).href;
  const get = make({ url: through, heartbeat: 1000 });
  const waiting = get.get();
  await assertRejects(() => get.getNowait());

  proxy.stall();
  await make().put(1);

  assertEquals(await waiting, 1);
});

test(" needs --allow-net alone, and lets a program end", async ({ name, url }) => {
  const program = decodeURIComponent(
    new URL("../fixtures/amqp_program.ts", import.meta.url).pathname,
  );
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-check", "--no-prompt", `--allow-net=${new URL(url).host}`],
      ...[program, name, url],
    ],
    stdin: "null",
  }).output();

  const text = new TextDecoder();
  assertEquals([code, text.decode(stdout), text.decode(stderr)], [0, "sum 3\n", ""]);
});

Deno.test("new AmqpQueue() refuses options of its own that cannot be", () => {
  const url = "amqp://127.0.0.1";
  assertThrows(() => new AmqpQueue("ü".repeat(128), { url }), RangeError, "255 bytes");
  for (const bad of [0, 999, NaN, Infinity]) {
    assertThrows(() => new AmqpQueue("a", { url, heartbeat: bad }), RangeError, "heartbeat");
  }
});

Deno.test("amqplib is what AmqpQueue takes it for", () => {
  const connection = (value: ChannelModel): AmqpConnection => value;
  const channel = (value: ConfirmChannel): AmqpConfirmChannel => value;
  assertEquals([connection.length, channel.length], [1, 1]);
});
