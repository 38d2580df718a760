// Copyright 2026 the Weft authors. MIT license.

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { Durations } from "../../task/histogram.ts";
import { Random } from "../fixtures/stress_random.ts";

const parts = [0, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 1];

/** The smallest of some durations that this part of them does not exceed. */
function exactQuantile(sorted: readonly number[], part: number): number {
  return sorted[Math.max(1, Math.ceil(part * sorted.length)) - 1]!;
}

function durationsOf(values: Iterable<number>): Durations {
  const durations = new Durations();
  for (const value of values) durations.add(value);
  return durations;
}

function checkQuantiles(values: readonly number[]): void {
  const durations = durationsOf(values);
  const sorted = values.toSorted((a, b) => a - b);
  for (const part of parts) {
    const exact = exactQuantile(sorted, part);
    const told = durations.quantile(part);
    // What is below a thousandth of a millisecond counts as that.
    const most = Math.max(exact * 1.125 * (1 + 1e-12), 2 ** -10 * 1.125);
    assert(told >= exact && told <= most, `quantile(${part}) is ${told}, exactly it is ${exact}`);
  }
}

Deno.test("Histogram is empty as long as there are no durations", () => {
  const durations = new Durations();

  assertEquals([durations.count, durations.mean, durations.max], [0, 0, 0]);
  for (const part of parts) assertEquals(durations.quantile(part), 0);
});

Deno.test("Histogram.quantile() exceeds what is exact by an eighth at most", () => {
  const random = new Random(7);
  const draws: Record<string, () => number> = {
    uniform: () => random.next() * 100,
    exponential: () => -Math.log(1 - random.next()) * 5,
    "over many powers": () => 2 ** (random.next() * 40 - 10),
    "mostly short": () => random.chance(99) ? random.next() / 100 : random.next() * 10_000,
  };
  for (const draw of Object.values(draws)) {
    checkQuantiles(Array.from({ length: 10_000 }, draw));
  }
});

Deno.test("Histogram.quantile() holds for one duration and at the edges of its steps", () => {
  for (let power = -10; power < 31; power++) {
    for (let eighth = 0; eighth < 8; eighth++) {
      const edge = 2 ** power * (1 + eighth / 8);
      for (const value of [edge, edge * (1 - 1e-9), edge * (1 + 1e-9)]) checkQuantiles([value]);
    }
  }
});

Deno.test("Histogram.quantile() rises with the part, and ends at the longest duration", () => {
  const random = new Random(8);
  const durations = durationsOf(Array.from({ length: 1000 }, () => random.next() ** 4 * 1e4));

  const quantiles = Array.from({ length: 101 }, (_, i) => durations.quantile(i / 100));

  assertEquals(quantiles, quantiles.toSorted((a, b) => a - b));
  assertEquals(quantiles.at(-1), durations.max);
});

Deno.test("Histogram takes durations of none, far too short and far too long ones", () => {
  const durations = durationsOf([0, 1e-9, 1e300]);

  assertEquals([durations.count, durations.max], [3, 1e300]);
  assert(durations.quantile(0.5) <= 0.002, `${durations.quantile(0.5)}`);
  assert(durations.quantile(1) > 1e6);
  assertEquals(durationsOf([0]).quantile(1), 0);
});

Deno.test("Histogram tells the mean and the longest of all", () => {
  const values = [0.5, 2, 40, 0.25];

  const durations = durationsOf(values);

  assertAlmostEquals(durations.mean, values.reduce((a, b) => a + b) / 4);
  assertEquals([durations.max, durations.count], [40, 4]);
});

Deno.test("Histogram counts a duration several times", () => {
  const durations = new Durations();
  durations.add(2, 3);
  durations.add(10);

  assertEquals([durations.count, durations.mean, durations.sum], [4, 4, 16]);
  assert(durations.quantile(0.75) < 3 && durations.quantile(0.76) >= 10);
});

Deno.test("Histogram that was copied is not changed by further durations", () => {
  const durations = durationsOf([1, 2, 3]);
  const copy = durations.copy();
  const before = [copy.count, copy.mean, copy.max, ...parts.map((part) => copy.quantile(part))];

  for (let i = 0; i < 100; i++) durations.add(1000);

  const after = [copy.count, copy.mean, copy.max, ...parts.map((part) => copy.quantile(part))];
  assertEquals([after, durations.count], [before, 103]);
});

Deno.test("Histogram shows its figures in Deno.inspect()", () => {
  const text = Deno.inspect(durationsOf([1, 2, 3]));

  assert(/count: 3, p50: 2.*p90: 3.*p99: 3/.test(text), text);
});
