// Copyright 2026 the Weft authors. MIT license.

// Random trees of coroutines, cancelled at random: whatever happens, what was begun has cleaned up, nobody holds a lock,
// no item is lost or there twice, and all have ended.

import { assertEquals } from "@std/assert";
import { Queue } from "../../channel/mod.ts";
import {
  cancelAll,
  checkpoint,
  type Coroutine,
  gather,
  race,
  sleep,
  spawn,
  TaskGroup,
  withTimeout,
} from "../../coroutine/mod.ts";
import { Condition, Lock, RLock, RWLock, Semaphore } from "../../sync/mod.ts";

/** Numbers from 0 to 1, the same for the same seed (mulberry32, by Tommy Ettinger). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

class World {
  readonly random: () => number;
  readonly all: Coroutine[] = [];
  readonly lock = new Lock();
  readonly rlock = new RLock();
  readonly rwLock = new RWLock();
  readonly semaphore = new Semaphore(2);
  readonly condition = new Condition();
  readonly queue = new Queue<number>({ maxSize: 3, scope: "local" });
  readonly shared = new Queue<number>({ maxSize: 3 });
  readonly put: number[] = [];
  readonly got: number[] = [];
  begun = 0;
  cleaned = 0;
  inside = 0;
  #item = 0;

  constructor(seed: number) {
    this.random = randomOf(seed);
  }

  pick(n: number): number {
    return Math.floor(this.random() * n);
  }

  spawn(depth: number): Coroutine {
    const kind = this.pick(3);
    let coroutine: Coroutine;
    if (kind === 0) coroutine = spawn(() => this.asAsync(depth));
    else if (kind === 1) coroutine = spawn(() => this.asGenerator(depth));
    else coroutine = spawn(() => this.asBoth(depth));
    this.all.push(coroutine);
    return coroutine;
  }

  async asAsync(depth: number): Promise<void> {
    this.begun++;
    try {
      for (let i = this.pick(5); i >= 0; i--) await this.step(depth);
    } finally {
      try {
        if (this.pick(2) === 0) await sleep(this.pick(2));
      } finally {
        this.cleaned++;
      }
    }
  }

  *asGenerator(depth: number): Generator<unknown, void> {
    this.begun++;
    try {
      for (let i = this.pick(5); i >= 0; i--) yield this.step(depth);
    } finally {
      try {
        if (this.pick(2) === 0) yield sleep(this.pick(2));
        if (this.pick(2) === 0) yield;
      } finally {
        this.cleaned++;
      }
    }
  }

  async *asBoth(depth: number): AsyncGenerator<unknown, void> {
    this.begun++;
    try {
      for (let i = this.pick(5); i >= 0; i--) yield this.step(depth);
    } finally {
      try {
        if (this.pick(2) === 0) yield sleep(this.pick(2));
      } finally {
        this.cleaned++;
      }
    }
  }

  async step(depth: number): Promise<void> {
    switch (this.pick(15)) {
      case 0:
        return await sleep(this.pick(3));
      case 1:
        return await checkpoint();
      case 2: {
        using _guard = await this.lock.acquire();
        return await this.alone();
      }
      case 3: {
        using _outer = await this.rlock.acquire();
        using _inner = await this.rlock.acquire();
        return await checkpoint();
      }
      case 4: {
        using _guard = await this.semaphore.acquire();
        return await sleep(this.pick(2));
      }
      case 5: {
        using _guard = this.pick(2) === 0
          ? await this.rwLock.acquireRead()
          : await this.rwLock.acquireWrite();
        return await checkpoint();
      }
      case 6:
      case 7: {
        const queue = this.pick(2) === 0 ? this.queue : this.shared;
        const item = this.#item++;
        await queue.put(item);
        this.put.push(item);
        return;
      }
      case 8:
      case 9: {
        const queue = this.pick(2) === 0 ? this.queue : this.shared;
        this.got.push(await queue.get({ timeout: 5 }).catch((error) => this.unlessFull(error)));
        return;
      }
      case 10: {
        if (depth === 0) return;
        const child = this.spawn(depth - 1);
        if (this.pick(2) === 0) await child;
        return;
      }
      case 11: {
        if (depth === 0) return;
        await using group = new TaskGroup();
        for (let i = this.pick(3); i >= 0; i--) {
          this.all.push(group.spawn(() => this.asGenerator(depth - 1)));
        }
        return;
      }
      case 12:
        return await withTimeout(this.pick(3), () => this.asAsync(0)).catch(ignoreTimeout);
      case 13: {
        if (depth === 0) return;
        const children = [this.spawn(depth - 1), this.spawn(0)];
        await (this.pick(2) === 0 ? race(children) : gather(children));
        return;
      }
      case 14: {
        using _guard = await this.condition.acquire();
        if (this.pick(2) === 0) this.condition.notify();
        else await this.condition.wait({ timeout: 3 }).catch(ignoreTimeout);
      }
    }
  }

  /** Fails if another one is inside. */
  async alone(): Promise<void> {
    assertEquals(this.inside++, 0);
    try {
      await sleep(this.pick(2));
    } finally {
      this.inside--;
    }
  }

  unlessFull(error: unknown): number {
    if ((error as Error).name === "QueueEmptyError") return -1;
    throw error;
  }
}

function ignoreTimeout(error: unknown): void {
  if (!(error instanceof DOMException && error.name === "TimeoutError")) throw error;
}

/** Whether an error says that somebody was cancelled, perhaps one that was waited for. */
function comesFromCancel(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.every(comesFromCancel);
  return error instanceof DOMException && error.name === "AbortError";
}

async function play(seed: number): Promise<void> {
  const world = new World(seed);
  const roots = Array.from({ length: 6 }, () => world.spawn(3));
  for (let i = 0; i < 12; i++) {
    if (world.pick(2) === 0) await sleep(world.pick(3));
    else for (let turns = world.pick(20); turns > 0; turns--) await undefined;
    const victim = world.all[world.pick(world.all.length)]!;
    const done = victim.cancel();
    if (world.pick(4) === 0) await done;
  }
  // Those that put into a full queue or wait for an item that never comes.
  await sleep(10);
  await cancelAll(roots);
  await cancelAll(world.all);

  for (const coroutine of world.all) {
    assertEquals(coroutine.done, true);
    await coroutine.join().catch((error) => {
      if (!comesFromCancel(error)) throw error;
    });
  }
  const left = [];
  for (const queue of [world.queue, world.shared]) {
    while (!queue.isEmpty) left.push(queue.getNowait());
  }
  const got = world.got.filter((item) => item >= 0);
  assertEquals([...got, ...left].sort(ascending), world.put.sort(ascending));
  assertEquals(world.cleaned, world.begun);
  assertEquals(world.inside, 0);
  assertEquals([world.lock.locked, world.rlock.locked, world.rwLock.writeLocked], [
    false,
    false,
    false,
  ]);
  assertEquals(world.semaphore.value, 2);
  using _last = await world.condition.acquire({ timeout: 1000 });
  using _write = await world.rwLock.acquireWrite({ timeout: 1000 });
}

function ascending(a: number, b: number): number {
  return a - b;
}

const first = Number(Deno.env.get("WEFT_TEST_SEED") ?? Math.floor(Math.random() * 2 ** 31));

for (let i = 0; i < 100; i++) {
  Deno.test(`Coroutines cancelled at random leave nothing behind (seed ${first + i})`, async () => {
    await play(first + i);
  });
}
