// Copyright 2026 the Weft authors. MIT license.

/* Adds two numbers, as a thread or a process of Node. */

import process from "node:process";
import { parentPort, workerData } from "node:worker_threads";

if (parentPort === null) {
  process.send(Number(process.argv[2]) + Number(process.argv[3]));
  process.disconnect();
} else {
  parentPort.postMessage(workerData[0] + workerData[1]);
}
