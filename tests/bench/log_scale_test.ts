// Copyright 2026 the Weft authors. MIT license.

import { assertAlmostEquals, assertEquals } from "@std/assert";
import { LogScale } from "../../bench/report/log_scale.ts";

Deno.test("LogScale has room for half and twice as much when there are no values", () => {
  const scale = new LogScale([], 0, 100);

  assertEquals(scale.ticks, [0.5, 1, 2]);
  assertEquals(scale.position(0.5), 0);
  assertAlmostEquals(scale.position(1), 50);
  assertAlmostEquals(scale.position(2), 100);
});

Deno.test("LogScale ends at round values around its own", () => {
  assertEquals(new LogScale([0.3, 4], 0, 100).ticks, [0.2, 0.5, 1, 2, 5]);
  assertEquals(new LogScale([0.2, 5], 0, 100).ticks, [0.2, 0.5, 1, 2, 5]);
  assertEquals(new LogScale([10, 11], 0, 100).ticks, [0.5, 1, 2, 5, 10, 20]);
});

Deno.test("LogScale.position() is as far for each factor", () => {
  // Ends at 0.5 and 5, a factor of ten: log10(2) is 0.30103.
  const scale = new LogScale([0.5, 4], 100, 1100);

  assertAlmostEquals(scale.position(1), 401.03, 0.01);
  assertAlmostEquals(scale.position(2), 702.06, 0.01);
  assertAlmostEquals(scale.position(4), 1003.09, 0.01);
});

Deno.test("LogScale names powers of ten alone when the others would be too many", () => {
  const scale = new LogScale([0.03, 900], 0, 100);

  assertEquals(scale.ticks, [0.1, 1, 10, 100, 1000]);
  assertEquals(scale.position(0.02), 0);
  assertAlmostEquals(scale.position(1000), 100);
});
