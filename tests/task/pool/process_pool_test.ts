// Copyright 2026 the Weft authors. MIT license.

// What all pools do, with pools of processes: calls and values. Their ends are in a file of their own.

import { ProcessPool } from "../../../process/mod.ts";
import { Event } from "../../../sync/mod.ts";
import type { MakePool } from "./_helpers.ts";
import { testImap } from "./suite_imap.ts";
import { testMap } from "./suite_map.ts";
import { testOptions } from "./suite_options.ts";
import { testSubmit } from "./suite_submit.ts";
import { testValues } from "./suite_values.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

const make: MakePool = (size, options) => new ProcessPool(size, options);

testSubmit(make, "process");
testMap(make, "process");
testImap(make, "process");
testValues(make, "process");
testOptions(make, "process");
