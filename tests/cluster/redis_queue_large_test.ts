// Copyright 2026 the Weft authors. MIT license.

import { testLargeItems } from "./broker_suite.ts";
import { redisCase } from "./_redis_case.ts";

// The parser of ioredis makes a buffer that large items left smaller by and by.
testLargeItems(redisCase);
