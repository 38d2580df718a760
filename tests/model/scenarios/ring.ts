// Copyright 2026 the Weft authors. MIT license.

import type { Ring } from "../../../channel/ring.ts";
import { CheckedBytes, wordsOf } from "../bytes.ts";
import type { Actor, Context, Scenario } from "../checker.ts";
import type { Load } from "../plant.ts";
import {
  bytesWord,
  type Expected,
  firstBytes,
  frameOf,
  nameOf,
  Order,
  soundRing,
} from "./ring_frames.ts";

interface PutOptions {
  /** Frames that may be inside. */
  readonly limit?: number;
  /** Bytes that the ring grows to. */
  readonly mostBytes?: number;
}

function countReason({ count }: Context, { reason }: Ring): void {
  if (reason !== undefined) count(`reason ${nameOf(wordsOf(reason, 0, reason.length))}`);
}

async function actorsOf(load: Load) {
  const { Ring } = await load("channel/ring.ts");
  const ringOf = ({ memory }: Context) => {
    return new Ring(memory, 0, new CheckedBytes(memory, bytesWord, firstBytes));
  };

  return {
    /** Puts frames of so many words. */
    puts: (
      writer: number,
      lengths: readonly number[],
      { limit = Infinity, mostBytes = Infinity }: PutOptions = {},
    ): Actor => ({
      run: (context) => {
        const ring = ringOf(context);
        lengths.forEach((length, at) => {
          const limits = { frames: limit, bytes: mostBytes };
          const inside = ring.tryPut(frameOf(writer, at, length), limits);
          context.count(`${inside ? "put" : "no"} ${writer}.${at}`);
          if (inside === undefined) context.count("refused");
        });
      },
    }),

    /** Takes what there is, so many times; what it makes of the frame fails as often as it `throws`. */
    takes: (times: number, { throws = 0 }: { readonly throws?: number } = {}): Actor => ({
      run: (context) => {
        const ring = ringOf(context);
        const order = new Order();
        context.count("reads");
        for (let i = 0; i < times; i++) {
          let fails = i < throws;
          try {
            const taken = ring.tryTake((bytes, start, end) => {
              const name = nameOf(wordsOf(bytes, start, end));
              if (fails) throw new Error("no use");
              return name;
            });
            fails = false;
            if (taken === undefined) continue;
            order.see(taken.value);
            context.count(`got ${taken.value}`);
          } catch (error) {
            if (!fails) throw error;
            context.count("thrown");
          }
        }
      },
    }),

    /** Closes it, perhaps for a reason of so many words. */
    closes: (closer = 0, length = 0): Actor => ({
      run: (context) => {
        const ring = ringOf(context);
        ring.close(length > 0 ? frameOf(closer, 0, length) : undefined);
        context.count("put by then", ring.put);
        context.count("closed");
        if (length > 0) countReason(context, ring);
      },
    }),

    /** Looks so many times why it is closed. */
    asks: (times: number): Actor => ({
      run: (context) => {
        const ring = ringOf(context);
        for (let i = 0; i < times; i++) countReason(context, ring);
      },
    }),
  };
}

export async function ringScenarios(load: Load): Promise<Scenario[]> {
  const { puts, takes, closes, asks } = await actorsOf(load);
  const make = (
    name: string,
    actors: readonly Actor[],
    expected: Expected,
    rest: Partial<Scenario> = {},
  ): Scenario => ({ name, actors, ...soundRing(expected), ...rest });
  const mortal = (actor: Actor): Actor => ({ ...actor, mortal: true });
  const death = { budget: { deaths: 1 } };

  return [
    make("one puts, one takes", [puts(1, [1, 2]), takes(3)], { puts: { 1: 2 } }),
    make("one takes what is there", [puts(1, [1]), takes(2)], {
      start: { frames: [2] },
      puts: { 1: 1 },
    }),
    make("two put", [puts(1, [1, 1]), puts(2, [2]), takes(2)], { puts: { 1: 2, 2: 1 } }),
    make("two take", [puts(1, [1]), takes(2), takes(1)], {
      start: { frames: [1, 1] },
      puts: { 1: 1 },
    }),

    make("the head jumps", [puts(1, [1, 2, 1]), takes(2)], {
      start: { tail: 32 },
      puts: { 1: 3 },
    }),
    // It can jump only where the first frame was.
    make("the head jumps to where a frame was", [puts(1, [2]), takes(2)], {
      start: { frames: [5, 1] },
      puts: { 1: 1 },
    }),
    make("the ring grows at its end", [puts(1, [2, 1]), takes(4)], {
      start: { tail: 8, frames: [3, 3] },
      puts: { 1: 2 },
    }),
    make("the ring grows behind the head", [puts(1, [5, 1]), takes(3)], {
      start: { tail: 32, frames: [2, 2], jumpAfter: 1 },
      puts: { 1: 2 },
    }),
    // The third could go where the frames from before the first are.
    make("the ring grows again", [puts(1, [1, 7, 1]), takes(3)], {
      start: { tail: 32, frames: [2, 2], jumpAfter: 1 },
      puts: { 1: 3 },
    }),
    // The frame has room where the first two are, but not where the first is.
    make("the tail moves twice during a put", [puts(1, [5]), takes(2)], {
      start: { bytes: 128, tail: 24, frames: [1, 7, 1], jumpAfter: 2 },
      puts: { 1: 1 },
    }),
    make("two put and the ring grows", [puts(1, [2]), puts(2, [2]), takes(2)], {
      start: { tail: 32, frames: [2, 2], jumpAfter: 1 },
      puts: { 1: 1, 2: 1 },
    }, { preemptions: 1 }),

    make("who puts dies", [mortal(puts(1, [2])), puts(2, [1]), takes(2)], {
      puts: { 1: 1, 2: 1 },
    }, {
      ...death,
      outcomes: ["A!() B(put 2.0 1) C(got 1.0 1, got 2.0 1", "A!() B(put 2.0 1) C(got 2.0 1"],
    }),
    make("who puts dies as the ring grows", [mortal(puts(1, [2])), puts(2, [5, 1]), takes(1)], {
      start: { tail: 24, frames: [2, 2, 2], jumpAfter: 2 },
      puts: { 1: 1, 2: 2 },
    }, { ...death, preemptions: 1 }),
    make("who puts dies as the head jumps", [mortal(puts(1, [2])), puts(2, [1]), takes(2)], {
      start: { tail: 32, frames: [1] },
      puts: { 1: 1, 2: 1 },
    }, { ...death, preemptions: 1 }),
    make("who takes dies", [mortal(takes(2)), takes(2), puts(1, [1])], {
      start: { frames: [1, 2] },
      puts: { 1: 1 },
    }, {
      ...death,
      preemptions: 1,
      outcomes: ["A!(reads 1) B(got 0.0 1", "A!(reads 1) B(got 0.1 1"],
    }),
    make("who takes dies, who puts needs room", [mortal(takes(2)), takes(2), puts(1, [2])], {
      start: { frames: [5, 1] },
      puts: { 1: 1 },
    }, { ...death, preemptions: 1 }),
    make("who puts dies, another closes", [mortal(puts(1, [1])), closes()], {
      puts: { 1: 1 },
    }, death),
    make("who closes dies", [mortal(closes()), puts(1, [1]), takes(1)], { puts: { 1: 1 } }, death),

    make("what is made of a frame fails", [takes(2, { throws: 1 }), takes(1), puts(1, [1])], {
      start: { frames: [1] },
      puts: { 1: 1 },
    }),
    make("a limit", [puts(1, [1, 1], { limit: 2 }), puts(2, [1], { limit: 2 }), takes(1)], {
      start: { frames: [1] },
      puts: { 1: 2, 2: 1 },
      limit: 2,
    }, { outcomes: ["no 1.0", "no 2.0"] }),
    make("a limit of bytes", [
      puts(1, [2, 1], { mostBytes: firstBytes }),
      puts(2, [1], { mostBytes: firstBytes }),
      takes(1),
    ], {
      start: { tail: 8, frames: [3, 3] },
      puts: { 1: 2, 2: 1 },
      mostBytes: firstBytes,
    }, { outcomes: ["no 1.0", "put 1.0"] }),
    make(
      "a frame larger than the limit of bytes",
      [
        puts(1, [14], { mostBytes: firstBytes }),
        takes(2),
      ],
      { start: { frames: [1] }, puts: { 1: 1 } },
      { outcomes: ["no 1.0", "put 1.0"] },
    ),
    make("it is closed", [puts(1, [1, 1]), puts(2, [1]), closes()], { puts: { 1: 2, 2: 1 } }, {
      outcomes: ["refused 1", "refused 2", "A(put 1.0 1, put 1.1 1) B(put 2.0 1)"],
    }),
    make("it is closed for a reason", [closes(8, 2), puts(1, [1]), takes(1), asks(2)], {
      start: { frames: [1] },
      puts: { 1: 1 },
    }, { preemptions: 1, outcomes: ["D()", "D(reason 8.0 1)", "D(reason 8.0 2)"] }),
    oneReason(make("two close it for a reason", [closes(8, 1), closes(9, 1), asks(2)], {})),
    make("the reason makes the ring grow", [closes(8, 2), takes(2), asks(1)], {
      start: { tail: 32, frames: [2, 2], jumpAfter: 1 },
    }, { outcomes: ["C(reason 8.0 1)"] }),
    make("who closes it for a reason dies", [mortal(closes(8, 2)), puts(1, [1]), asks(1)], {
      start: { tail: 48 },
      puts: { 1: 1 },
    }, { ...death, outcomes: ["A!() B(put 1.0 1)", "A!() B(no 1.0 1, refused 1) C(reason"] }),

    ...[2 ** 31 - 2, 2 ** 32 - 2].flatMap((taken) => [
      make(`the counters go over ${taken + 2}`, [puts(1, [1, 2]), takes(3)], {
        start: { taken, frames: [1] },
        puts: { 1: 2 },
      }, { outcomes: ["got 1.1"] }),
      make(`a limit, and the counters go over ${taken + 2}`, [
        puts(1, [1, 1], { limit: 2 }),
        takes(3),
      ], {
        start: { taken, frames: [1] },
        puts: { 1: 2 },
        limit: 2,
      }, { outcomes: ["no 1.1", "put 1.1"] }),
    ]),
  ];
}

/** Everybody is given the same reason. */
function oneReason(scenario: Scenario): Scenario {
  return {
    ...scenario,
    invariant: (total, word) => {
      if (total("reason 8.0") > 0 && total("reason 9.0") > 0) return "there are two reasons";
      return scenario.invariant!(total, word);
    },
  };
}
