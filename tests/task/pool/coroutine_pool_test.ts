// Copyright 2026 the Weft authors. MIT license.

// What all pools do, with pools of coroutines.

import { CoroutinePool } from "../../../coroutine/mod.ts";
import { Event } from "../../../sync/mod.ts";
import type { MakePool } from "./_helpers.ts";
import { testCancel } from "./suite_cancel.ts";
import { testImap } from "./suite_imap.ts";
import { testLifecycle } from "./suite_lifecycle.ts";
import { testMap } from "./suite_map.ts";
import { testOptions } from "./suite_options.ts";
import { testSubmit } from "./suite_submit.ts";
import { testTimeout } from "./suite_timeout.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

const make: MakePool = (size, options) => new CoroutinePool(size, options);

testSubmit(make, "coroutine");
testMap(make, "coroutine");
testImap(make, "coroutine");
testOptions(make, "coroutine");
testCancel(make, "coroutine");
testTimeout(make, "coroutine");
testLifecycle(make, "coroutine");
