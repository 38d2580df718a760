// Copyright 2026 the Weft authors. MIT license.

/**
 * Producers and consumers: 生产者: 生产数据 ---》 队列 ---》 消费者: 使用数据.
 *
 * They never talk to each other, only to the queue between them, which evens out who is faster: 棒冰会存储在
 * 冰柜内. This freezer has room for two. The tutorial's consumers leave when they find it empty, which
 * may also mean that they are early; here the queue is closed when all is eaten.
 *
 * ```sh
 * deno task demo producer-consumer
 * deno run --allow-run --allow-read=. --allow-net=127.0.0.1 --allow-ffi demo/producer_consumer.ts
 * ```
 *
 * @module
 */

import { Queue } from "@weft/concurrency/channel";
import { Process } from "@weft/concurrency/process";
import { task } from "@weft/concurrency/task";
import { runProgram, sleep } from "./_frame/program.ts";
import type { Scenario } from "./_frame/scenario.ts";

/** What goes through the queue: a food, and which of its producer's it is. */
interface Food {
  readonly food: string;
  readonly number: number;
}

/** How many foods each of ten producers makes; in the tutorial it is one. */
const each = 3;
/** How many foods there is room for; less than that, so that no producer is done before the others. */
const room = 2;

/** S0.10: 生产者 */
export const producer = task(
  import.meta,
  async function producer(name: string, food: string, q: Queue<Food>) {
    for (let number = 1; number <= each; number++) {
      const msg = `${name} 生产了 ${food} 食物 ${number}`;
      // 生产一个食物,添加到队列中
      await q.put({ food, number });
      console.log(msg);
    }
  },
);

/** S0.10: 消费者; gives what it has eaten. */
export const customer = task(
  import.meta,
  async function customer(name: string, q: Queue<Food>, ms: number) {
    const eaten: Food[] = [];
    // The tutorial's while True, try and except: ends when the queue is closed and empty.
    for await (const { food, number } of q) {
      console.log(`${name}\t吃了 ${food} 食物 ${number}!`);
      await sleep(ms);
      eaten.push({ food, number });
      q.taskDone();
    }
    return eaten;
  },
);

/** The scenario. */
export const scenario: Scenario = {
  name: "producer-consumer",
  module: import.meta.url,
  seeds: "S0.10 S4.8",
  title: "Ten producers and two consumers, processes all, and a queue with room for two.",
  claim: "nothing is lost or doubled, each producer's order is kept, producers wait for room",
  permissions: ["run", "read=.", "net=127.0.0.1", "ffi"],

  async run(ctx) {
    const q = new Queue<Food>({ maxSize: room, scope: "process" });
    // 创建十个生产者
    const foods = Array.from({ length: 10 }, (_, line) => `Pig饲料${line}`);
    const producers = foods.map((food) => {
      return new Process(producer, { args: ["tank1", food, q] }).start();
    });
    while (q.size < room) await sleep(20);
    await ctx.sleep(1);
    const inside = q.size;
    const waiting = producers.filter((p1) => p1.isAlive).length;
    ctx.say(`${inside} are in the freezer\t${waiting} producers wait`);

    // 创建两个消费者
    const c1 = new Process(customer, { args: ["jason", q, ctx.ms(0.5)] }).start();
    const c2 = new Process(customer, { args: ["sean", q, ctx.ms(0.5)] }).start();
    for (const p1 of producers) await p1.join();
    await q.join();
    ctx.say("all is eaten");
    q.close();
    const meals = [await c1.join(), await c2.join()];

    const eaten = meals.flat().map(({ food, number }) => `${food} ${number}`);
    const made = foods.flatMap((food) => {
      return Array.from({ length: each }, (_, i) => `${food} ${i + 1}`);
    });
    ctx.say(`jason ate ${meals[0]!.length}\tsean ate ${meals[1]!.length}`);
    ctx.check(
      "without consumers the queue was just full",
      inside === room,
      inside,
    );
    ctx.check("and all producers waited for room", waiting === 10, waiting);
    ctx.check(`all ${made.length} foods are eaten`, eaten.length === made.length, eaten);
    ctx.check("nothing is lost or doubled", `${eaten.toSorted()}` === `${made.toSorted()}`, eaten);
    ctx.check("each ate the foods of a producer in their order", meals.every(isInOrder), meals);
  },
};

function isInOrder(meal: Food[]): boolean {
  const last = new Map<string, number>();
  return meal.every(({ food, number }) => {
    const ascends = number > (last.get(food) ?? 0);
    last.set(food, number);
    return ascends;
  });
}

if (import.meta.main) await runProgram(scenario);
