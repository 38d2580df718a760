// Copyright 2026 the Weft authors. MIT license.

import { type Refusal, Refusals } from "../../cluster/_refusals.ts";
import { assert, assertEquals } from "@std/assert";

Deno.test("Refusals tells each reason and address once, and remembers no more than it should", () => {
  const told: Refusal[] = [];
  const refusals = new Refusals((refusal) => told.push(refusal));
  for (let i = 0; i < 100; i++) refusals.add("a", "reason", `${i}`);
  refusals.add("a", "another");
  refusals.add("b", "reason");

  assertEquals(told.map(({ hostname, reason }) => [hostname, reason]), [
    ["a", "reason: 0"],
    ["a", "another"],
    ["b", "reason"],
  ]);
});

Deno.test("Refusals counts wrong keys of each address", () => {
  const refusals = new Refusals(() => {}, 2);

  assertEquals([1, 2, 3, 4].map(() => refusals.fail("a")), [false, false, true, true]);
  assertEquals(refusals.fail("b"), false);
});

Deno.test("Refusals takes no more memory when there are more addresses", () => {
  let told = 0;
  const refusals = new Refusals(() => told++);
  for (let i = 0; i < 30_000; i++) {
    refusals.add(`${i}`, "reason");
    refusals.fail(`${i}`);
  }
  const all = told;

  // The newest are remembered, and the oldest are not.
  refusals.add("29999", "reason");
  assertEquals(told, all);
  refusals.add("0", "reason");
  assert(told > all);
});
