// Copyright 2026 the Weft authors. MIT license.

import { createRequire } from "node:module";
import process from "node:process";
import * as tasks from "./pools_node_tasks.mjs";

createRequire(process.env.PEER_PACKAGES)("workerpool").worker({ ...tasks });
