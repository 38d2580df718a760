// Copyright 2026 the Weft authors. MIT license.

/**
 * Tickets: ten processes buy from a file that holds one ticket.
 *
 * Each reads the file, waits for the network, and writes the file. Without a lock all of them have read
 * "one left" before the first has written; a lock across processes makes them do so one by one. The
 * network answers when the scenario says so: the tutorials' luck with `time.sleep` is made certain.
 *
 * ```sh
 * deno task demo tickets
 * deno run --allow-run --allow-read --allow-write --allow-net=127.0.0.1 --allow-ffi demo/tickets.ts
 * ```
 *
 * @module
 */

import { Process } from "@weft/concurrency/process";
import { Barrier, Event, Lock, Semaphore } from "@weft/concurrency/sync";
import { task } from "@weft/concurrency/task";
import { runProgram } from "./_frame/program.ts";
import type { Context, Scenario } from "./_frame/scenario.ts";

/** What the buyers share. */
interface Sale {
  /** The file `data.json`. */
  readonly data: string;
  /** Where the ten meet when each has looked. */
  readonly open: Barrier;
  /** A permit for each order on its way. */
  readonly orders: Semaphore;
  /** Set when the network answers. */
  readonly answer: Event;
}

/** S0.8: 查看余票 */
async function search(name: string, { data }: Sale): Promise<void> {
  const { number } = JSON.parse(await Deno.readTextFile(data));
  console.log(`用户[${name}]\t查看余票,余票还剩:${number}!`);
}

/** S0.8: 若有余票,购买成功,票数会减少 */
async function buy(name: string, { data, orders, answer }: Sale): Promise<boolean> {
  const tickets = JSON.parse(await Deno.readTextFile(data));
  if (tickets.number === 0) {
    console.log(`用户[${name}]\t抢票失败`);
    return false;
  }
  tickets.number -= 1;
  orders.release();
  await answer.wait(); // 模拟网络延迟
  await Deno.writeTextFile(data, JSON.stringify(tickets));
  console.log(`用户[${name}]\t抢票成功!!!`);
  return true;
}

/** S0.8 and S4.11: looks and buys; 如果不加锁,所有的人都能抢票成功 */
export const run = task(import.meta, async function run(name: string, sale: Sale, lock?: Lock) {
  await search(name, sale);
  await sale.open.wait();
  using _guard = await lock?.acquire();
  return await buy(name, sale);
});

/** The scenario. */
export const scenario: Scenario = {
  name: "tickets",
  module: import.meta.url,
  seeds: "S0.8 S4.11",
  title: "Ten processes buy from a file that holds one ticket, without and with a Lock.",
  claim: "ten tickets are sold without a lock, exactly one with it",
  permissions: ["run", "read", "write", "net=127.0.0.1", "ffi"],

  async run(ctx) {
    ctx.say("— 不加锁: without a lock");
    const without = await sell(ctx, 10);
    ctx.check("without a lock all ten bought the one ticket", without.sold === 10, without);

    ctx.say("— 互斥锁: with a lock");
    const withLock = await sell(ctx, 1, new Lock({ scope: "process" }));
    ctx.check("with it nobody ordered while another did", withLock.more === 0, withLock);
    ctx.check("and exactly one bought it", withLock.sold === 1, withLock);
    ctx.check("the file ends at 0", without.left === 0 && withLock.left === 0, withLock);
  },
};

/** Sells one ticket to ten processes; the network answers after so many orders. */
async function sell(ctx: Context, orders: number, lock?: Lock) {
  const scope = "process";
  const sale: Sale = {
    data: `${await ctx.tempDir()}/data.json`,
    open: new Barrier(10, { scope }),
    orders: new Semaphore(0, { scope }),
    answer: new Event({ scope }),
  };
  await Deno.writeTextFile(sale.data, JSON.stringify({ number: 1 }));

  const buyers = [];
  for (let line = 0; line < 10; line++) {
    const p1 = new Process(run, { args: [`jason${line}`, sale, lock] });
    buyers.push(p1.start());
  }
  for (let i = 0; i < orders; i++) await sale.orders.acquire();
  await ctx.sleep(1 + 2 * Math.random());
  const more = sale.orders.value;
  sale.answer.set();

  const bought = await Promise.all(buyers.map((p1) => p1.join()));
  const { number: left } = JSON.parse(await Deno.readTextFile(sale.data));
  return { sold: bought.filter(Boolean).length, left, more };
}

if (import.meta.main) await runProgram(scenario);
