// Copyright 2026 the Weft authors. MIT license.

/**
 * Deadlock: two threads that each wait for the lock that the other holds.
 *
 * `func1` takes lock A and then B, `func2` takes B and then A. As soon as one thread is in the middle
 * of each, neither can go on, nor can any other. With one `RLock` as both, which its owner can take
 * again, the same program comes to its end.
 *
 * ```sh
 * deno task demo deadlock
 * deno run --allow-read=. demo/deadlock.ts
 * ```
 *
 * @module
 */

import {
  Barrier,
  Event,
  Lock,
  LockAbandonedError,
  RLock,
  SharedArray,
  SharedValue,
} from "@weft/concurrency/sync";
import { task } from "@weft/concurrency/task";
import { currentThread, Thread } from "@weft/concurrency/thread";
import { runProgram, sleep } from "./_frame/program.ts";
import type { Context, Scenario } from "./_frame/scenario.ts";

/** What the ten threads share. */
interface Shared {
  readonly mutexA: Lock | RLock;
  readonly mutexB: Lock | RLock;
  readonly start: Barrier;
  /** The last thread that got A in func1, B in func1, B in func2, and A in func2. */
  readonly got: SharedArray<"i32">;
  /** Whether any has been in the middle of func1, and of func2. */
  readonly middle1: Event;
  readonly middle2: Event;
  /** How long each waits in the middle for another one; in place of the seed's `time.sleep(2)`. */
  readonly patience: number | undefined;
}

/** S0.二.5: a thread that takes two locks in one order, then in the other. */
@task(import.meta)
export class MyThread extends Thread {
  constructor(readonly shared: Shared) {
    super();
  }

  override async run(): Promise<void> {
    await this.shared.start.wait();
    await this.func1();
    await this.func2();
  }

  async func1(): Promise<void> {
    const { mutexA, mutexB, got, middle1, middle2 } = this.shared;
    using _a = await mutexA.acquire();
    console.log(`${this.name}\t拿到A锁`);
    const isFirst = Atomics.exchange(got.view, 0, this.id) === 0;
    if (!isFirst) await this.meet(middle1, middle2); // The first goes straight on to func2.
    using _b = await mutexB.acquire();
    console.log(`${this.name}\t拿到B锁`);
    got.view[1] = this.id;
  }

  async func2(): Promise<void> {
    const { mutexA, mutexB, got, middle1, middle2 } = this.shared;
    using _b = await mutexB.acquire();
    console.log(`${this.name}\t拿到B锁`);
    got.view[2] = this.id;
    await this.meet(middle2, middle1);
    using _a = await mutexA.acquire();
    console.log(`${this.name}\t拿到A锁`);
    got.view[3] = this.id;
  }

  async meet(here: Event, there: Event): Promise<void> {
    here.set();
    await there.wait({ timeout: this.shared.patience }).catch(() => {});
  }
}

/** S1.2: one of two threads that count to 4. */
export const countTo4 = task(
  import.meta,
  async function countTo4(myLock: RLock, num: SharedValue<"i32">, start: Barrier, ms: number) {
    const { name } = currentThread();
    await start.wait();
    for (let mine = 0;; mine++) {
      using _guard = await myLock.acquire();
      const number = num.value;
      if (number >= 4) {
        console.log(`${name} released\tNumber: ${number}`);
        return mine;
      }
      await sleep(ms);
      using _again = await myLock.acquire(); // 在同一线程中多次请求同一资源
      num.value = number + 1;
      console.log(`${name} locked\tNumber: ${num.value}\tcounter: ${myLock.depth}`);
    }
  },
);

/** Tells whether another thread than the owner gets the lock. */
export const gets = task(import.meta, function gets(myLock: RLock) {
  if (!myLock.tryAcquire()) return false;
  myLock.release();
  return true;
});

/** The scenario. */
export const scenario: Scenario = {
  name: "deadlock",
  module: import.meta.url,
  seeds: "S0.二.5 S1.2 S3.2.6",
  title: "Two locks taken in opposite order hang, one RLock as both does not.",
  claim: "the hang is seen, the RLock version ends, an RLock is free after as many releases",
  permissions: ["read=."],

  async run(ctx) {
    await showDeadlock(ctx);
    await showRLock(ctx);
    await showCounter(ctx);
  },
};

async function showDeadlock(ctx: Context): Promise<void> {
  ctx.say("— 死锁: ten threads and two locks");
  const shared = share(new Lock(), new Lock(), undefined);
  const { mutexA, mutexB, got, middle1, middle2 } = shared;
  const threads = startTen(shared);
  await middle1.wait();
  await middle2.wait();

  const late = await Promise.allSettled(threads.map((t) => t.join({ timeout: ctx.ms(2) })));
  ctx.say("然后就卡住，死锁了");
  const hang = late.every((one) => one.status === "rejected" && one.reason.name === "TimeoutError");
  ctx.check("none of the ten has come to its end after 2 s", hang, late);
  const [hasA, first, hasB, nobody] = got.view;
  const opposite = hasA !== first && hasB === first && nobody === 0;
  ctx.check(
    `Thread-${hasA} has A and wants B, Thread-${hasB} has B and wants A`,
    opposite,
    got.view,
  );
  ctx.check("both locks are held", mutexA.locked && mutexB.locked, shared);

  // 若无外力作用，它们都将无法推进下去: first go those who only wait, then one of the two.
  const [a, b] = [threads.find((t) => t.id === hasA)!, threads.find((t) => t.id === hasB)!];
  for (const t of [...threads.filter((t) => t !== a && t !== b), b]) {
    t.terminate();
    await t.exited;
  }
  const error = await a.join().catch((error) => error);
  ctx.check("with one gone the other is told", error instanceof LockAbandonedError, error);
}

async function showRLock(ctx: Context): Promise<void> {
  ctx.say("— 递归锁: mutexA = mutexB = RLock()");
  const mutex = new RLock();
  const threads = startTen(share(mutex, mutex, ctx.ms(2)));
  for (const t of threads) await t.join();
  ctx.check("with one RLock all ten come to their end", threads.every((t) => !t.isAlive));
  ctx.check("the lock is free", !mutex.locked, mutex);
}

function share(mutexA: Lock | RLock, mutexB: Lock | RLock, patience: number | undefined): Shared {
  const [start, got] = [new Barrier(10), new SharedArray("i32", 4)];
  const [middle1, middle2] = [new Event(), new Event()];
  return { mutexA, mutexB, start, got, middle1, middle2, patience };
}

function startTen(shared: Shared): MyThread[] {
  return Array.from({ length: 10 }, () => new MyThread(shared).start());
}

async function showCounter(ctx: Context): Promise<void> {
  ctx.say("— 递归锁的 counter: two threads");
  const myLock = new RLock();
  const num = new SharedValue("i32", 0);
  const start = new Barrier(2);
  const t1 = Thread.spawn(countTo4, myLock, num, start, ctx.ms(0.2));
  const t2 = Thread.spawn(countTo4, myLock, num, start, ctx.ms(0.2));
  const counts = [await t1.join(), await t2.join()] as const;
  ctx.check("the counts of both add up to 4", counts[0] + counts[1] === 4, counts);
  ctx.check("and so does the number", num.value === 4, num);

  const others = [];
  for (let i = 0; i < 4; i++) myLock.acquireSync();
  for (let i = 0; i < 5; i++) {
    if (i > 0) myLock.release();
    others.push(`${myLock.depth} ${await Thread.spawn(gets, myLock).join()}`);
  }
  const counter = others.join() === "4 false,3 false,2 false,1 false,0 true";
  ctx.check("another thread gets it after the fourth release, not before", counter, others);
}

if (import.meta.main) await runProgram(scenario);
