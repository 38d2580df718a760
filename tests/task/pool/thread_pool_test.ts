// Copyright 2026 the Weft authors. MIT license.

// What all pools do, with pools of threads: calls and values. Their ends are in a file of their own.

import { ThreadPool } from "../../../thread/mod.ts";
import { Event } from "../../../sync/mod.ts";
import { assertThrows } from "@std/assert";
import type { MakePool } from "./_helpers.ts";
import { testImap } from "./suite_imap.ts";
import { testMap } from "./suite_map.ts";
import { testOptions } from "./suite_options.ts";
import { testSubmit } from "./suite_submit.ts";
import { testValues } from "./suite_values.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

const make: MakePool = (size, options) => new ThreadPool(size, options);

Deno.test("ThreadPool has 4,096 threads at most", () => {
  assertThrows(() => new ThreadPool(4097), RangeError, "more than 4096: current value is 4097");
});

testSubmit(make, "thread");
testMap(make, "thread");
testImap(make, "thread");
testValues(make, "thread");
testOptions(make, "thread");
