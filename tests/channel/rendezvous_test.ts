// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertThrows } from "@std/assert";
import type { ConduitErrors } from "../../channel/_conduit.ts";
import { SharedFrames } from "../../channel/_frames.ts";
import { Put, Take, WatchingPut, WatchingTake } from "../../channel/_meeting.ts";
import { Offers } from "../../channel/_offers.ts";
import { Rendezvous } from "../../channel/_rendezvous.ts";
import { Channel } from "../../channel/mod.ts";
import type { WaitResult } from "../../sync/memory/memory.ts";
import { ThreadMemory } from "../../sync/memory/thread_memory.ts";
import { placeOf } from "../../sync/shared_object.ts";

const errors: ConduitErrors = {
  full: () => new Error("full"),
  empty: () => new Error("empty"),
  refused: () => new Error("refused"),
  ended: () => new Error("ended"),
  isEnd: () => true,
};

const offersWord = Rendezvous.words - Offers.words;
const ticketWord = offersWord + 1;

/** Memory as one of several isolates sees it, each of which can die. */
class IsolateMemory extends ThreadMemory {
  override readonly token: number;
  readonly #dead: Set<number>;
  /** Steps until it dies. */
  life = Infinity;

  constructor(buffer: SharedArrayBuffer, token: number, dead: Set<number>) {
    super(buffer);
    this.token = token;
    this.#dead = dead;
  }

  override isAlive(token: number): boolean {
    return !this.#dead.has(token);
  }

  // Nobody else runs meanwhile.
  override wait(): WaitResult {
    return "timed-out";
  }

  override load(index: number): number {
    this.#step(0);
    return super.load(index);
  }

  override store(index: number, value: number): void {
    this.#step(1);
    super.store(index, value);
  }

  override add(index: number, value: number): number {
    this.#step(1);
    return super.add(index, value);
  }

  override compareExchange(index: number, expected: number, value: number): number {
    this.#step(1);
    return super.compareExchange(index, expected, value);
  }

  #step(steps: number): void {
    this.life -= steps;
    if (this.life >= 0) return;
    this.#dead.add(this.token);
    throw new Error("dead");
  }
}

/** Several isolates with one rendezvous. */
class World {
  readonly #buffer = new SharedArrayBuffer(8192);
  readonly #frames: SharedFrames<number>;
  readonly dead = new Set<number>();
  readonly waiting: Take<number>[] = [];
  #isolates = 0;

  constructor() {
    const memory = new IsolateMemory(this.#buffer, 1000, this.dead);
    this.#frames = SharedFrames.at<number>({ memory, index: Rendezvous.words });
  }

  isolate(): { memory: IsolateMemory; side: Rendezvous<number> } {
    const memory = new IsolateMemory(this.#buffer, ++this.#isolates, this.dead);
    const place = { memory, index: Rendezvous.words };
    const frames = SharedFrames.at<number>(place, this.#frames.describe());
    return { memory, side: new Rendezvous(place0(memory), frames, errors) };
  }

  /** The slots that somebody has who lives. */
  get slots(): number {
    const words = new Int32Array(this.#buffer);
    let slots = 0;
    for (let i = 0; i < words[offersWord]!; i++) {
      const token = words[offersWord + 2 + i * 3]!;
      if (token !== 0 && !this.dead.has(token)) slots++;
    }
    return slots;
  }
}

function place0(memory: IsolateMemory) {
  return { memory, index: 0 };
}

function receiver(side: Rendezvous<number>): Take<number> {
  const take = new Take(side, true);
  take.enter();
  return take;
}

function offering(side: Rendezvous<number>, item: number): Put<number> {
  const put = new Put(side, item);
  assertEquals(put.attempt(), false);
  return put;
}

Deno.test("Rendezvous gives nothing to a receiver for whom something is offered", async () => {
  const world = new World();
  const [a, b, c] = [world.isolate(), world.isolate(), world.isolate()];
  const first = offering(a.side, 1);
  const take = receiver(b.side);

  const second = new Put(c.side, 2);
  const isDone = second.attempt();

  assertEquals([isDone, take.attempt(), await take.finish()], [false, true, 1]);
  assertEquals([first.attempt(), second.giveUp(), b.side.tryTake()], [true, false, undefined]);
});

Deno.test("Rendezvous lets a receiver give up only if others receive what is given", async () => {
  const world = new World();
  const [a, b, c, d] = [world.isolate(), world.isolate(), world.isolate(), world.isolate()];
  offering(a.side, 1);
  const takes = [receiver(b.side), receiver(c.side)];
  assertEquals(new Put(d.side, 2).attempt(), true);

  const isDone = takes[0]!.giveUp();

  assertEquals([isDone, takes[1]!.attempt()], [true, true]);
  assertEquals([await takes[0]!.finish(), await takes[1]!.finish()], [1, 2]);
});

Deno.test("Rendezvous lets a receiver not give up for one who has died", async () => {
  const world = new World();
  const [a, b, c] = [world.isolate(), world.isolate(), world.isolate()];
  const take = receiver(a.side);
  receiver(b.side);
  assertEquals(new Put(c.side, 1).attempt(), true);

  world.dead.add(b.memory.token);

  assertEquals([take.giveUp(), await take.finish()], [true, 1]);
});

Deno.test("Rendezvous offers nothing when it is closed", () => {
  const world = new World();
  const [a, b] = [world.isolate(), world.isolate()];
  const port = new WatchingPut(a.side, 1);

  b.side.close();

  assertEquals([port.offer(), a.side.offers.size], [false, 0]);
  assertThrows(() => port.attempt(), Error, "refused");
});

Deno.test("Rendezvous tells who sends and who watches of each other", () => {
  const world = new World();
  const [a, b] = [world.isolate(), world.isolate()];
  const put = new WatchingPut(a.side, 1);
  const take = new WatchingTake(b.side, true);
  assertEquals(put.isWanted, false);
  take.enter();
  assertEquals([put.isWanted, put.attempt()], [true, false]);

  take.leave();
  take.leave();
  assertEquals(put.isWanted, false);
  take.enter();
  world.dead.add(b.memory.token);

  assertEquals(put.isWanted, false);
});

/** What one does while it dies, after the others have prepared it; those then go on. */
interface Death {
  readonly prepare?: (world: World, others: Rendezvous<number>[]) => Put<number>[];
  readonly act: (victim: Rendezvous<number>, put: Put<number>, take: Take<number>) => void;
  /** Whether it has waited as a receiver, or offered its item 0. */
  readonly waits?: "take" | "put";
}

const offersTwo = (_: World, [a, b]: Rendezvous<number>[]) => [offering(a!, 1), offering(b!, 2)];

const deaths: Record<string, Death> = {
  "takes what is offered": { prepare: offersTwo, act: (_, __, take) => take.attempt() },
  "takes what was given to it": {
    waits: "take",
    prepare: (_, [a, b]) => {
      assert(new Put(a!, 1).attempt());
      return [offering(b!, 2)];
    },
    act: (_, __, take) => take.attempt(),
  },
  "gives up as it receives": { waits: "take", act: (_, __, take) => take.giveUp() },
  "gives up where it must take": {
    waits: "take",
    prepare: (_, [a]) => {
      assert(new Put(a!, 1).attempt());
      return [];
    },
    act: (_, __, take) => take.giveUp(),
  },
  "begins to receive": { prepare: offersTwo, act: (_, __, take) => take.enter() },
  "offers": { prepare: offersTwo, act: (_, put) => put.attempt() },
  "withdraws": { waits: "put", prepare: offersTwo, act: (_, put) => put.giveUp() },
  "gives": {
    prepare: (world, [a]) => {
      world.waiting.push(receiver(a!));
      return [];
    },
    act: (_, put) => put.attempt(),
  },
  "learns that its item was taken": {
    waits: "put",
    prepare: (_, [a]) => {
      assertEquals(a!.tryTake()?.value, 0);
      return [];
    },
    act: (_, put) => put.attempt(),
  },
  "drops what was withdrawn": {
    prepare: (world, others) => {
      const puts = offersTwo(world, others);
      for (let i = 0; i < 20; i++) assertEquals(offering(others[0]!, 9).giveUp(), false);
      return puts;
    },
    act: (_, put) => put.attempt(),
  },
  "closes": { prepare: offersTwo, act: (victim) => victim.close({ value: "why" }) },
};

for (const [name, { prepare, act, waits }] of Object.entries(deaths)) {
  Deno.test(`Rendezvous goes on after one has died at any step as it ${name}`, () => {
    for (let life = 0;; life++) {
      const world = new World();
      const { memory, side } = world.isolate();
      const others = [world.isolate().side, world.isolate().side];
      const [put, take] = [new Put(side, 0), new Take(side, true)];
      if (waits === "put") put.attempt();
      if (waits === "take") take.enter();
      const puts = prepare?.(world, others) ?? [];

      memory.life = life;
      let hasDied = false;
      try {
        act(side, put, take);
      } catch (error) {
        hasDied = (error as Error).message === "dead";
        if (!hasDied) throw error;
      }
      if (!hasDied) {
        assert(life > 3, `${life} steps`);
        return;
      }

      const { size } = others[1]!.offers;
      const sent: number[] = [];
      const received: number[] = [];
      const drain = () => {
        for (;;) {
          const taken = others[1]!.tryTake();
          if (taken === undefined) break;
          received.push(taken.value);
        }
      };
      for (const waiting of world.waiting) {
        if (waiting.giveUp()) received.push(waiting.finishSync());
      }
      drain();
      assert(received.length <= size + 1, `${received} of ${size}`);
      if (!others[0]!.closed) {
        // Others go on: one offers and one gives.
        const offered = offering(others[0]!, 7);
        drain();
        assert(offered.attempt(), `life ${life}: what is offered is not taken`);
        const taking = receiver(others[1]!);
        assert(new Put(others[0]!, 8).attempt(), `life ${life}: nothing can be given`);
        assert(taking.attempt());
        received.push(taking.finishSync());
        sent.push(7, 8);
      }
      for (const survivor of puts) {
        try {
          assert(survivor.attempt(), `life ${life}: a sender still waits`);
        } catch (error) {
          assertEquals([(error as Error).message, others[0]!.closed], ["refused", true]);
        }
      }
      assertEquals(new Set(received).size, received.length, `life ${life}: ${received}`);
      for (const item of sent) assert(received.includes(item), `life ${life}: ${received}`);
      // One that died in the middle of a take may have the first; the order of the others stays.
      const old = received.filter((item) => item === 1 || item === 2);
      if (name !== "drops what was withdrawn") assertEquals(old, old.toSorted());
      assertEquals(world.slots, 0, `life ${life}: slots are lost`);
    }
  });
}

Deno.test("Rendezvous goes on when its tickets wrap around", async () => {
  for (const start of [2 ** 31 - 300, -300]) {
    const channel = new Channel<number>();
    const { memory, index } = placeOf(channel);
    memory.store(index + ticketWord, start | 0);
    const stays = channel.send(-1);
    for (let i = 0; i < 400; i++) {
      assertThrows(() => channel.sendSync(i, { timeout: 0 }), DOMException);
    }
    assertEquals(channel.tryReceive(), { state: "ok", value: -1 });

    await stays;
    for (let i = 0; i < 300; i++) {
      const receive = channel.receive();
      assertEquals(channel.trySend(i), true);
      assertEquals(await receive, i);
      const send = channel.send(i);
      assertEquals(channel.tryReceive(), { state: "ok", value: i });
      await send;
    }
    assert(((memory.load(index + ticketWord) - start) | 0) > 900);
  }
});

Deno.test("Rendezvous keeps its bytes few behind an offer that stays", () => {
  const world = new World();
  const [a, b] = [world.isolate(), world.isolate()];
  const stays = offering(a.side, 1);

  let most = 0;
  for (let i = 0; i < 100_000; i++) {
    const put = new Put(b.side, i);
    put.attempt();
    most = Math.max(most, b.side.frames.size);
    assertEquals(put.giveUp(), false);
  }

  assert(most < 50, `${most} frames`);
  const { length } = (b.side.frames as SharedFrames<number>).describe();
  assertEquals([length, a.side.tryTake()?.value, stays.attempt()], [65536, 1, true]);
});
