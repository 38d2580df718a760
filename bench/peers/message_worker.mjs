// Copyright 2026 the Weft authors. MIT license.

// A thread of Node, or of Deno in the manner of Node; a port that it is sent is counted on, too.

import { parentPort } from "node:worker_threads";
import { countMessages } from "./message_count.mjs";

const count = countMessages(() => parentPort.postMessage(0));

parentPort.on("message", (message) => {
  const { port } = message;
  if (port === undefined) return count(message);
  port.on("message", countMessages(() => port.postMessage(0)));
});
