// Copyright 2026 the Weft authors. MIT license.

/*
 * Measures the messages of Node. Reads lines of JSON, [module, measure, times], and answers each with a line of
 * JSON: the milliseconds. A measure is "HOW ITEM".
 */

import process from "node:process";
import { createInterface } from "node:readline";
import { MessageChannel, Worker } from "node:worker_threads";
import { items } from "./message_items.mjs";

const worker = new Worker(new URL("./message_worker.mjs", import.meta.url));
const { port1, port2 } = new MessageChannel();
worker.postMessage({ port: port2 }, [port2]);

/** Posts an item so many times; gives the milliseconds until the other thread has got all. */
async function post(to, item, times) {
  const done = new Promise((resolve) => to.once("message", resolve));
  const started = performance.now();
  to.postMessage(times);
  for (let i = 0; i < times; i++) to.postMessage(item);
  await done;
  return performance.now() - started;
}

for await (const line of createInterface({ input: process.stdin })) {
  const [, measure, times] = JSON.parse(line);
  const at = measure.indexOf(" ");
  const to = measure.slice(0, at) === "MessageChannel" ? port1 : worker;
  console.log(JSON.stringify(await post(to, items[measure.slice(at + 1)], times)));
}
await worker.terminate();
port1.close();
