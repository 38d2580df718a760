// Copyright 2026 the Weft authors. MIT license.

// What all pools do, with pools over machines; but not what is of workers that a pool starts itself and ends.

import { Event } from "../../sync/mod.ts";
import { importTask } from "../../task/mod.ts";
import * as faultTasks from "../fixtures/pool_fault_tasks.ts";
import * as reentryTasks from "../fixtures/pool_reentry_tasks.ts";
import * as tasks from "../fixtures/pool_tasks.ts";
import type { MakePool } from "../task/pool/_helpers.ts";
import { testCancel } from "../task/pool/suite_cancel.ts";
import { testImap } from "../task/pool/suite_imap.ts";
import { testLifecycle } from "../task/pool/suite_lifecycle.ts";
import { testMap } from "../task/pool/suite_map.ts";
import { testOptions } from "../task/pool/suite_options.ts";
import { testSubmit } from "../task/pool/suite_submit.ts";
import { testTimeout } from "../task/pool/suite_timeout.ts";
import { noRedis, useRedis } from "./_redis_server.ts";
import { SuitePool, tasksOf } from "./_suite_pool.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

const join = importTask(
  new URL("data:text/javascript,export const join = (a, b) => a + b"),
  "join",
);
const served = tasksOf(tasks, faultTasks, reentryTasks, { join });

if (noRedis === undefined) {
  const redis = await useRedis();
  Deno.test.afterAll(async () => await redis[Symbol.asyncDispose]());
  const make: MakePool = (size, options) => new SuitePool(redis.url, served, size, options);

  testSubmit(make, "cluster");
  testMap(make, "cluster");
  testImap(make, "cluster");
  testOptions(make, "cluster");
  testCancel(make, "cluster");
  testTimeout(make, "cluster");
  testLifecycle(make, "cluster");
} else Deno.test({ name: `ClusterPool is a pool (${noRedis})`, ignore: true, fn() {} });
