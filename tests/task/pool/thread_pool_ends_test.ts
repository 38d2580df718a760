// Copyright 2026 the Weft authors. MIT license.

// What all pools do, with pools of threads: the ends of tasks, workers and pools.

import { assertEquals } from "@std/assert";
import { ThreadPool } from "../../../thread/mod.ts";
import { Event } from "../../../sync/mod.ts";
import { countLeftWorkers } from "../../fixtures/thread_workers.ts";
import { identify } from "../../fixtures/pool_tasks.ts";
import { exitDeno } from "../../fixtures/thread_ends.ts";
import { linuxOnly } from "../../process/_helpers.ts";
import { type MakePool, outcomeOf, range } from "./_helpers.ts";
import { testCancel } from "./suite_cancel.ts";
import { testFaults } from "./suite_faults.ts";
import { testInitializer } from "./suite_initializer.ts";
import { testLifecycle } from "./suite_lifecycle.ts";
import { testLosses } from "./suite_losses.ts";
import { testRandomEnds } from "./suite_random_ends.ts";
import { testTimeout } from "./suite_timeout.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

const make: MakePool = (size, options) => new ThreadPool(size, options);

testCancel(make, "thread");
testTimeout(make, "thread");
testLifecycle(make, "thread");
testInitializer(make, "thread");
testFaults(make, "thread");
testLosses(make, "thread");
testRandomEnds(make, "thread");

Deno.test("ThreadPool has as many threads as the machine has cores, if not told otherwise", async () => {
  await using pool = new ThreadPool();

  assertEquals(pool.size, navigator.hardwareConcurrency);
});

Deno.test("ThreadPool leaves no thread behind, however its workers end", linuxOnly, async () => {
  assertEquals(await countLeftWorkers(), 0);
  for (const end of ["close", "terminate", "exit"] as const) {
    const pool = make(2);
    await Promise.all(range(10).map(() => pool.submit(identify)));
    if (end === "exit") await outcomeOf(pool.submit(exitDeno, 1));
    if (end === "terminate") await pool.terminate();
    else await pool[Symbol.asyncDispose]();

    assertEquals(await countLeftWorkers(), 0, end);
  }
});
