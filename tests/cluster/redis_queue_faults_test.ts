// Copyright 2026 the Weft authors. MIT license.

import { Event } from "../../sync/mod.ts";
import { testBrokerFaults } from "./broker_faults_suite.ts";
import { redisCase } from "./_redis_case.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

testBrokerFaults(redisCase, { leaseTime: 4000, backoff: { max: 200 } });
