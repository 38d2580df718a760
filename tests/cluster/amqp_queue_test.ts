// Copyright 2026 the Weft authors. MIT license.

import { Event } from "../../sync/mod.ts";
import { testBroker, testLargeItems } from "./broker_suite.ts";
import { amqpCase } from "./_amqp_case.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

testBroker(amqpCase);
testLargeItems(amqpCase);
