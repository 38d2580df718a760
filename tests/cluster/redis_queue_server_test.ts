// Copyright 2026 the Weft authors. MIT license.

// What a RedisQueue does with what else happens at its server.

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import type * as ioredis from "npm:ioredis@^5";
import type { RedisModule } from "../../cluster/_redis_session.ts";
import { RedisQueue, type RedisQueueOptions } from "../../cluster/redis_queue.ts";
import { isInstalled } from "./_ports.ts";
import { noOwnRedis, RedisServer } from "./_redis_server.ts";

const backoff = { min: 5, max: 50 };

/** Defines a test with a server of its own. */
function test(
  name: string,
  body: (
    make: <T = number>(options?: Partial<RedisQueueOptions>) => RedisQueue<T>,
    cli: (...args: string[]) => Promise<string>,
    server: RedisServer,
  ) => Promise<void>,
): void {
  Deno.test({
    name: `RedisQueue ${name}`,
    ignore: noOwnRedis !== undefined || !isInstalled("redis-cli"),
    fn: async () => {
      await using server = await RedisServer.start();
      await using stack = new AsyncDisposableStack();
      await body(
        <T>(options = {}) => {
          return stack.use(new RedisQueue<T>("jobs", { url: server.url, backoff, ...options }));
        },
        async (...args) => {
          const command = new Deno.Command("redis-cli", { args: ["-u", server.url, ...args] });
          return new TextDecoder().decode((await command.output()).stdout).trim();
        },
        server,
      );
    },
  });
}

Deno.test("RedisQueue uses what ioredis has", () => {
  const has = (module: RedisModule): RedisModule => module;
  const check: (module: typeof ioredis) => RedisModule = has;
  assert(check);
});

test('with the format "json" can be read and written by any program', async (make, cli) => {
  const queue = make<unknown>({ format: "json" });
  await cli("XADD", "weft:queue:{jobs}", "*", "note", "ours", "value", '{"a":[1,"ü"]}');
  assertEquals(await queue.get(), { a: [1, "ü"] });
  await queue.taskDone();

  await queue.put({ b: "ä" });
  assertStringIncludes(await cli("XRANGE", "weft:queue:{jobs}", "-", "+"), 'value\n{"b":"ä"}');
  await queue.get();
  await queue.taskDone();
  assertEquals(await cli("XLEN", "weft:queue:{jobs}"), "0");
});

test("puts aside what cannot be read", async (make, cli) => {
  const [json, codec] = [make({ format: "json" }), make<unknown>()];
  const key = "weft:queue:{jobs}";
  for (const bad of [["value", "{"], ["value", "\xff"], ["value", ""], ["other", "1"]]) {
    await cli("XADD", key, "*", ...bad);
    await assertRejects(() => json.get(), DOMException, "not in its format");
    await cli("XADD", key, "*", ...bad);
    await assertRejects(() => codec.get(), DOMException, "not in its format");
  }
  await json.join();

  assertEquals(await cli("XLEN", `${key}:dead`), "8");
  assertStringIncludes(await cli("XRANGE", `${key}:dead`, "-", "+", "COUNT", "1"), "reason");
});

test(
  "rejects when the server refuses, and goes on when it does not any more",
  async (make, cli) => {
    const queue = make();
    await cli("SET", "weft:queue:{jobs}", "text");
    for (const wait of [() => queue.put(1), () => queue.get(), () => queue.getNowait()]) {
      await assertRejects(wait, Error, "WRONGTYPE");
    }
    await assertRejects(() => queue.size, Error, "WRONGTYPE");
    await cli("DEL", "weft:queue:{jobs}");

    const get = queue.get();
    await queue.put(1);
    assertEquals(await get, 1);
  },
);

test("goes on when somebody deletes everything", async (make, cli) => {
  const [put, get] = [make(), make()];
  await put.put(1);
  await get.get();
  await get.taskDone();
  const waiting = get.get();
  await cli("FLUSHALL");
  assertEquals(await put.size, 0);
  await put.put(2);

  assertEquals(await waiting, 2);
  await get.taskDone();
  await put.join();
});

test("says what is wrong with a password, but not the password", async (make, cli, server) => {
  await cli("CONFIG", "SET", "requirepass", "right");
  const url = new URL(server.url);
  url.password = "wrong";
  const queue = make({ url, connectTimeout: 300 });
  const error = await assertRejects(() => queue.put(1), Error, "WRONGPASS");
  assert(!error.message.includes("wrong@") && !Deno.inspect(queue).includes("wrong"));
  url.password = "right";

  await make({ url }).put(1);
});

test("puts and gets every item once although its connections are lost", async (make, cli) => {
  const [put, full, get] = [make(), make({ maxSize: 20 }), make()];
  const count = 300;
  const items: number[] = [];
  const consumers = [get, make({ prefetch: 3 })].map(async (queue) => {
    for await (const item of queue) {
      items.push(item);
      await queue.taskDone(item);
    }
  });
  let done = false;
  const producers = [put, full].map(async (queue, which) => {
    for (let i = 0; i < count; i++) await queue.put(2 * i + which);
  });
  const killer = (async () => {
    while (!done) {
      await cli("CLIENT", "KILL", "TYPE", "normal");
      const { length } = items;
      while (!done && items.length < length + 10) await new Promise((end) => setTimeout(end, 1));
    }
  })();
  await Promise.all(producers);
  await put.join();
  done = true;
  await killer;
  await get[Symbol.asyncDispose]();

  const twice = items.filter((item, i) => items.indexOf(item) !== i);
  assertEquals([new Set(items).size, twice], [2 * count, []]);
  void consumers;
});

test("leaves an item to a handle that is alive, however long it takes", async (make) => {
  const leaseTime = 1500;
  const [slow, other] = [make({ leaseTime }), make({ leaseTime })];
  await slow.put(1);
  await slow.get();

  await assertRejects(() => other.get({ timeout: 3 * leaseTime }), Error, "empty");
  await slow.taskDone();
  await slow.join();
});

test(
  "delivers again what a handle has whose lease is over, which may be done with it late",
  async (make, cli) => {
    const [lost, other] = [make({ leaseTime: 600_000 }), make({ leaseTime: 300 })];
    for (const item of [1, 2, 3]) await lost.put(item);
    for (const item of [1, 2, 3]) assertEquals(await lost.get(), item);
    await lost.taskDone(2);
    const [name] = (await cli("ZRANGE", "weft:queue:{jobs}:leases", "0", "-1")).split("\n");
    await cli("ZADD", "weft:queue:{jobs}:leases", "1", name!);

    assertEquals(new Set([await other.get(), await other.get()]), new Set([1, 3]));
    await lost.taskDone(1);
    await lost.taskDone();
    await assertRejects(() => other.join({ timeout: 20 }), DOMException, "20 ms");
    await other.taskDone(3);
    await other.taskDone(1);
    await other.join();
  },
);

test("gives back nothing of consumers that are not ours", async (make, cli) => {
  const leaseTime = 300;
  const queue = make({ leaseTime, format: "json" });
  await queue.put(1);
  await queue.getNowait();
  await queue.put(2);
  await cli("XREADGROUP", "GROUP", "weft", "python", "STREAMS", "weft:queue:{jobs}", ">");
  await queue.taskDone();

  await assertRejects(() => queue.get({ timeout: 4 * leaseTime }), Error, "empty");
  await assertRejects(() => queue.join({ timeout: 20 }), DOMException, "20 ms");
});

test("lets the program end when it is closed, with few permissions", async (_, _cli, server) => {
  const module = new URL("../../cluster/redis_queue.ts", import.meta.url).href;
  const source = `
    import { RedisQueue } from ${JSON.stringify(module)};
    const queue = new RedisQueue("jobs", { url: ${JSON.stringify(server.url)} });
    await queue.put({ a: 1 });
    const item = await queue.get();
    await queue.close();
    await queue.taskDone(item);
    console.log(item);
  `;
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, source);
    const output = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", `--allow-net=${new URL(server.url).host}`, "--allow-env", file],
    }).output();
    const [stdout, stderr] = [output.stdout, output.stderr].map((it) =>
      new TextDecoder().decode(it)
    );
    assertEquals([stdout, output.code], ["{ a: 1 }\n", 0], stderr);
  } finally {
    await Deno.remove(file);
  }
});
