// Copyright 2026 the Weft authors. MIT license.

import { assertEquals, assertRejects } from "@std/assert";
import { MissingError, quantile, runRounds, type Side } from "../../bench/peers/measure.ts";

/** A side that takes so many milliseconds in its samples, the first of which warms up. */
function side(name: string, ...samples: number[]): Side & { readonly asked: number[] } {
  const asked: number[] = [];
  return {
    name,
    asked,
    run(times) {
      asked.push(times);
      return samples[asked.length - 1]! * times;
    },
  };
}

Deno.test("quantile() is between two values where it lies between", () => {
  assertEquals(quantile([3, 1, 2], 0.5), 2);
  assertEquals(quantile([4, 1, 2, 3], 0.5), 2.5);
  assertEquals(quantile([1, 2, 3, 4, 5], 0.25), 2);
  assertEquals(quantile([10, 20], 0.25), 12.5);
});

Deno.test("runRounds() gives the medians of all rounds but the first, and quartiles of ratios", async () => {
  const ours = side("ours", 1000, 1, 2, 4);
  const peer = side("peer", 1000, 3, 4, 4);

  const results = await runRounds({ name: "m", times: 5, rows: [[ours, peer, 2]] }, { rounds: 3 });

  // The ratios are 3, 2 and 1.
  assertEquals(results, [{
    measure: "m",
    unit: "milliseconds",
    ours: { name: "ours", value: 2 },
    peer: { name: "peer", value: 4 },
    aim: 2,
    spread: [1.5, 2.5],
  }]);
  assertEquals(ours.asked, [5, 5, 5, 5]);
});

Deno.test("runRounds() takes no more rounds than the measure or the options say", async () => {
  const few = side("few", 1, 1, 1);
  const one = side("one", 1, 1);

  await runRounds({ name: "m", times: 1, rounds: 2, rows: [[few, side("p", 1, 1, 1)]] });
  await runRounds({ name: "m", times: 1, rounds: 2, rows: [[one, side("p", 1, 1)]] }, {
    rounds: 1,
  });

  assertEquals([few.asked.length, one.asked.length], [3, 2]);
});

Deno.test("runRounds() repeats as often as takes the time of a sample", async () => {
  const ours = side("ours", 1, 1, 1, 1, 1);
  const row = [ours, side("peer", 1, 1, 1, 1, 1)] as const;

  await runRounds({ name: "m", rows: [row] }, { rounds: 1, sampleTime: 30, longestSample: 1e9 });

  // After it has warmed up, 10 take 10 ms, so that 30 are a sample.
  assertEquals(ours.asked, [10, 10, 30, 30]);
});

Deno.test("runRounds() warms up as often as the measure says", async () => {
  const tenth = side("tenth", 1, 1);
  const never = side("never", 1);

  await runRounds({ name: "m", times: 50, warmUp: 5, rounds: 1, rows: [[tenth, side("p", 1, 1)]] });
  await runRounds({ name: "m", times: 50, warmUp: 0, rounds: 1, rows: [[never, side("p", 1)]] });

  assertEquals([tenth.asked, never.asked], [[5, 50], [50]]);
});

Deno.test("runRounds() says what is missing, and fails when a side does", async () => {
  const missing: Side = {
    name: "missing",
    run() {
      throw new MissingError("not installed");
    },
  };
  const broken: Side = {
    name: "broken",
    run() {
      throw new Error("broken");
    },
  };
  const measure = (peer: Side, warmUp = 1) => ({
    name: "m",
    times: 1,
    warmUp,
    rows: [[side("o", 1, 1, 1, 1), peer]] as const,
  });

  const [result] = await runRounds(measure(missing), { rounds: 3 });
  const [cold] = await runRounds(measure(missing, 0), { rounds: 3 });

  assertEquals(result?.peer, { name: "missing", value: "not installed" });
  assertEquals(result?.spread, undefined);
  assertEquals(cold?.peer, result?.peer);
  await assertRejects(() => runRounds(measure(broken), { rounds: 1 }), Error, "broken");
});
