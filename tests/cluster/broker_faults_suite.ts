// Copyright 2026 the Weft authors. MIT license.

// What every queue at a broker does when programs and servers are killed.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { QueueClosedError, QueueEmptyError, QueueFullError } from "../../channel/mod.ts";
import type { WorkerNote, WorkerOrder } from "../fixtures/broker_worker.ts";
import { until } from "../process/_helpers.ts";
import { Random } from "../fixtures/stress_random.ts";
import type { BrokerCase, BrokerServer, Maker } from "./_broker_cases.ts";

const worker = decodeURIComponent(
  new URL("../fixtures/broker_worker.ts", import.meta.url).pathname,
);

/** Starts a program that gets items, and kills it when it has said something `lines` times. */
async function killWorker(order: WorkerOrder, lines: number): Promise<WorkerNote[]> {
  await using child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", worker, JSON.stringify(order)],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const notes: WorkerNote[] = [];
  const decoder = new TextDecoder();
  let text = "";
  let killed = false;
  // Until the end: what it has said before it was killed counts.
  for await (const bytes of child.stdout) {
    text += decoder.decode(bytes, { stream: true });
    const parts = text.split("\n");
    text = parts.pop()!;
    notes.push(...parts.map((part) => JSON.parse(part)));
    if (notes.length < lines || killed) continue;
    killed = true;
    child.kill("SIGKILL");
  }
  await child.status;
  return notes;
}

/**
 * Defines the tests of one class of queues.
 *
 * @param broker The class.
 * @param options Options of all handles, after which a program that was killed is noticed in seconds.
 */
export function testBrokerFaults(broker: BrokerCase, options: Record<string, unknown>): void {
  const { name: kind, module, ownMissing } = broker;

  /** Defines a test with a server of its own. */
  function test(
    name: string,
    body: (make: Maker, server: BrokerServer, queue: string) => Promise<void>,
  ): void {
    Deno.test({
      name: `${kind} ${name}`,
      ignore: ownMissing !== undefined,
      fn: async () => {
        const queue = `test ${crypto.randomUUID()}`;
        await using server = await broker.start();
        await using stack = new AsyncDisposableStack();
        await body(
          (more = {}) => {
            return stack.use(broker.make(queue, { url: server.url, ...options, ...more }));
          },
          server,
          queue,
        );
      },
    });
  }

  test(
    "delivers exactly those items again that a program which was killed has not done",
    async (_, server) => {
      async function round(seed: number): Promise<void> {
        const random = new Random(seed);
        const name = `round ${seed}`;
        const all = { url: server.url, ...options };
        await using put = broker.make<number>(name, all);
        const items = Array.from({ length: 60 }, (_, i) => i);
        await Promise.all(items.map((item) => put.put(item)));

        const notes = await Promise.all([1, 2].map((i) => {
          const order = { module, kind, name, options: all, seed: seed * 2 + i };
          return killWorker(order, 1 + random.below(15));
        }));
        // The second can have got what the first had when it was killed.
        const ranks = ["got", "doing", "done"] as const;
        const ranked = notes.flat().sort((a, b) => ranks.indexOf(a.state) - ranks.indexOf(b.state));
        const states = new Map(ranked.map(({ item, state }) => [item, state]));
        const again: number[] = [];
        const due = new Set(items.filter((item) => (states.get(item) ?? "got") === "got"));
        await using get = broker.make<number>(name, all);
        while (due.size > 0) {
          const item = await get.get({ timeout: 60_000 });
          again.push(item);
          due.delete(item);
          await get.taskDone(item);
        }
        for (;;) {
          try {
            again.push(await get.getNowait());
          } catch (error) {
            if (error instanceof QueueEmptyError) break;
            throw error;
          }
          await get.taskDone();
        }
        await put.join();

        const twice = again.filter((item, i) => again.indexOf(item) !== i);
        assertEquals(twice, [], `seed ${seed}`);
        assertEquals(again.filter((item) => states.get(item) === "done"), [], `seed ${seed}`);
      }
      const seed = Math.floor(Math.random() * 2 ** 30);
      for (let i = 0; i < 3; i++) {
        await Promise.all([1, 2, 3].map((j) => round(seed + 10 * i + j)));
      }
    },
  );

  test("loses nothing when its server is killed and started again", async (make, server) => {
    const [put, ...gets] = [make(), make(), make({ prefetch: 5 })] as const;
    const kept: number[] = [];
    const done = new Set<number>();
    const wrong: number[] = [];
    let stopped = false;
    const producer = (async () => {
      for (let i = 0; !stopped; i++) {
        await put.put(i);
        kept.push(i);
      }
    })();
    const consumers = gets.map(async (queue) => {
      for await (const item of queue) {
        if (done.has(item)) wrong.push(item);
        await queue.taskDone(item);
        done.add(item);
      }
    });

    for (let round = 1; round <= 3; round++) {
      while (done.size < round * 100) await put.get({ timeout: 1 }).then(again, () => {});
      await server.stop("SIGKILL");
      await server.start();
    }
    function again(item: number): void {
      done.add(item);
      void put.taskDone(item);
    }
    const before = done.size;
    while (done.size < before + 100) await new Promise((resolve) => setTimeout(resolve, 5));
    stopped = true;
    await producer;
    // A join may not see what others have, nor what is on its way to them.
    await until("done", () => kept.every((item) => done.has(item)), 120_000);
    await put.join();
    for (const queue of gets) await queue.close();
    await Promise.all(consumers);

    assertEquals(kept.filter((item) => !done.has(item)), []);
    // Those who work at the moment when it is killed.
    if (broker.forgetful) assert(wrong.length < done.size / 4, `${wrong}`);
    else assertEquals(wrong, []);
  });

  test("waits out that its server is not there", async (make, server) => {
    const [put, get] = [make(), make()];
    await put.put(0);
    assertEquals(await get.get(), 0);
    const waiting = get.get();
    waiting.catch(() => {});
    await server.stop("SIGKILL");
    // What is sent before it is noticed is waited for.
    await until("noticed", () => Deno.inspect(put).includes("not connected"));

    const full = await assertRejects(() => put.put(1, { timeout: 50 }), QueueFullError);
    assertEquals(full.value, 1);
    await assertRejects(() => get.get({ timeout: 50 }), QueueEmptyError);
    await assertRejects(() => put.put(2, { signal: AbortSignal.timeout(50) }), DOMException);
    const puts = [put.put(3), put.put(4)];
    const done = get.taskDone();
    await server.start();

    await Promise.all(puts);
    const items = new Set([await waiting, await get.get()]);
    // What was acknowledged without a connection may come again.
    if (items.has(0)) items.add(await get.get());
    assert(items.has(3) && items.has(4), `${[...items]}`);
    await done;
  });

  test("connects when its server comes in time", async (make, server) => {
    await server.stop();
    const queue = make({ connectTimeout: 60_000 });
    const waits = [queue.get(), queue.put(1)];
    await server.start();

    assertEquals((await Promise.all(waits))[0], 1);
  });

  test("ends although its server is gone", async (make, server) => {
    const queue = make({ connectTimeout: 300 });
    await queue.put(1);
    await queue.get();
    await server.stop("SIGKILL");
    const waits = [queue.put(2), queue.get(), queue.taskDone(), queue.join(), queue.size];
    const ends = Promise.allSettled(waits);

    await queue[Symbol.asyncDispose]();

    const [put, get] = await ends;
    assertEquals([put!.status, get!.status], ["rejected", "rejected"]);
    assert((get as PromiseRejectedResult).reason instanceof QueueClosedError);
    await server.start();
    await using other = make();
    assertEquals(await other.get(), 1);
  });
}
