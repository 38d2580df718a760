// Copyright 2026 the Weft authors. MIT license.

/**
 * Thread lock: threads that change the same number.
 *
 * A change is to read, to compute and to write. What another thread writes in between is lost, unless a
 * lock makes the three one. Whether a thread comes in between is luck; here the scenario stops threads at
 * that place, so that it happens every time.
 *
 * ```sh
 * deno task demo thread-lock
 * deno run --allow-read=. demo/thread_lock.ts
 * ```
 *
 * @module
 */

import { Barrier, Event, Lock, Semaphore, SharedValue } from "@weft/concurrency/sync";
import { task } from "@weft/concurrency/task";
import { Thread } from "@weft/concurrency/thread";
import { runProgram, sleep } from "./_frame/program.ts";
import type { Context, Scenario } from "./_frame/scenario.ts";

/** A place where threads stop until the scenario lets them go on. */
interface Stop {
  /** A permit for each thread that has come here. */
  readonly reached: Semaphore;
  readonly go: Event;
}

function halt(stop?: Stop): void {
  stop?.reached.release();
  stop?.go.waitSync();
}

/** A number that a hundred threads count down. */
interface Count {
  readonly n: SharedValue<"i32">;
  readonly middle: Stop;
  readonly mutex?: Lock;
}

/** How two threads change a balance: beginning together, stopping once, with a lock. */
interface How {
  readonly start?: Barrier;
  readonly middle?: Stop;
  readonly lock?: Lock | undefined;
}

/** S0.二.3: one of a hundred threads; counts down one number without a lock, then one with it. */
export const work = task(
  import.meta,
  async function work(counts: readonly Count[], together: Barrier, ms: number) {
    for (const { n, middle, mutex } of counts) {
      await together.wait();
      using _guard = await mutex?.acquire();
      const temp = n.value;
      halt(middle);
      await sleep(ms);
      n.value = temp - 1;
    }
  },
);

/** S2: puts something in and takes it out again. */
function changeIt(balance: SharedValue<"i32">, n: number, middle?: Stop): void {
  balance.value = balance.value + n;
  const temp = balance.value;
  halt(middle);
  balance.value = temp - n;
}

/** S2: does so 100,000 times; only the last time it stops in the middle. */
export const runThread = task(
  import.meta,
  function runThread(n: number, balance: SharedValue<"i32">, { start, middle, lock }: How) {
    start?.waitSync();
    for (let i = 1; i <= 100_000; i++) {
      using _guard = lock?.acquireSync(); // 先要获取锁, 改完了一定要释放锁
      changeIt(balance, n, i === 100_000 ? middle : undefined);
    }
  },
);

/** The scenario. */
export const scenario: Scenario = {
  name: "thread-lock",
  module: import.meta.url,
  seeds: "S0.二.3 S2",
  title: "A hundred threads count down a number, two change a balance, without and with a Lock.",
  claim: "with a lock the number and the balance end at 0, without it they do not",
  permissions: ["read=."],

  async run(ctx) {
    ctx.say("— S0.二.3: a hundred threads, n = n - 1");
    const [free, locked] = await countDown(ctx);
    ctx.say(`without a lock\tn = ${free}\twith a lock\tn = ${locked}`);
    // Each of the four times, 25 threads have read the same number.
    ctx.check("without a lock 96 of 100 changes are lost", free === 96, free);
    ctx.check("with it none is", locked === 0, locked);

    ctx.say("— S2: two threads, 100,000 times balance + n - n");
    ctx.say(`without a lock, by luck\tbalance = ${await changeTogether()}`);
    const balance = await changeTogether(new Lock());
    ctx.say(`with a lock\tbalance = ${balance}`);
    ctx.check("with a lock the balance is 0", balance === 0, balance);

    const without = await changeOvertaken();
    ctx.say(`without a lock, overtaken\tbalance = ${without}`);
    // The second thread has put back the 5 that the first had taken out.
    ctx.check("without a lock a thread is overtaken, and the balance is 5", without === 5, without);
    const held = await changeOvertaken(new Lock(), ctx.ms(2, 500));
    ctx.say(`with a lock, not overtaken\tbalance = ${held}`);
    ctx.check("with it none is, and the balance is 0", held === 0, held);
  },
};

/** Lets a hundred threads count down two numbers; 25 at a time, as each takes some 14 MB. */
async function countDown(ctx: Context): Promise<readonly [number, number]> {
  const [free, locked] = [new SharedValue("i32", 100), new SharedValue("i32", 100)];
  const mutex = new Lock();
  for (let i = 0; i < 100; i += 25) {
    const counts = [{ n: free, middle: newStop() }, { n: locked, middle: newStop(), mutex }];
    const together = new Barrier(25);
    const threads = Array.from({ length: 25 }, () => {
      return Thread.spawn(work, counts, together, ctx.ms(0.1));
    });
    await letGo(counts[0]!.middle, 25);
    await letGo(counts[1]!.middle, 1);
    for (const t of threads) await t.join();
  }
  return [free.value, locked.value];
}

/** Lets two threads change a balance at the same time. */
async function changeTogether(lock?: Lock): Promise<number> {
  const balance = new SharedValue("i32", 0);
  const start = new Barrier(2);
  const t1 = Thread.spawn(runThread, 5, balance, { start, lock });
  const t2 = Thread.spawn(runThread, 8, balance, { start, lock });
  await t1.join();
  await t2.join();
  return balance.value;
}

/**
 * Lets the first thread write only when the second has read, and the second when the first has written.
 *
 * @param timeout How long to wait for the second, as it does not come where there is a lock.
 */
async function changeOvertaken(lock?: Lock, timeout?: number): Promise<number> {
  const balance = new SharedValue("i32", 0);
  const [first, second] = [newStop(), newStop()];
  const start = new Barrier(2);
  const t1 = Thread.spawn(runThread, 5, balance, { middle: first, lock });
  await first.reached.acquire();
  const t2 = Thread.spawn(runThread, 8, balance, { start, middle: second, lock });
  await start.wait();
  await second.reached.acquire({ timeout }).catch(() => {});
  first.go.set();
  await t1.join();
  second.go.set();
  await t2.join();
  return balance.value;
}

function newStop(): Stop {
  return { reached: new Semaphore(0), go: new Event() };
}

/** Lets threads go on when so many have come. */
async function letGo({ reached, go }: Stop, threads: number): Promise<void> {
  for (let i = 0; i < threads; i++) await reached.acquire();
  go.set();
}

if (import.meta.main) await runProgram(scenario);
