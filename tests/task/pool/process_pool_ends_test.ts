// Copyright 2026 the Weft authors. MIT license.

// What all pools do, with pools of processes: the ends of tasks, workers and pools.

import { assertEquals } from "@std/assert";
import { cpuCount, ProcessPool } from "../../../process/mod.ts";
import { Event } from "../../../sync/mod.ts";
import type { MakePool } from "./_helpers.ts";
import { testCancel } from "./suite_cancel.ts";
import { testFaults } from "./suite_faults.ts";
import { testInitializer } from "./suite_initializer.ts";
import { testLifecycle } from "./suite_lifecycle.ts";
import { testLosses } from "./suite_losses.ts";
import { testRandomEnds } from "./suite_random_ends.ts";
import { testTimeout } from "./suite_timeout.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

const make: MakePool = (size, options) => new ProcessPool(size, options);

testCancel(make, "process");
testTimeout(make, "process");
testLifecycle(make, "process");
testInitializer(make, "process");
testFaults(make, "process");
testLosses(make, "process");
testRandomEnds(make, "process");

Deno.test("ProcessPool has as many processes as the machine has cores, if not told otherwise", async () => {
  await using pool = new ProcessPool();

  assertEquals(pool.size, cpuCount());
});
