// Copyright 2026 the Weft authors. MIT license.

import { Worker as NodeWorker } from "node:worker_threads";
import { type ItemName, items } from "../fixtures/channel_items.ts";
import type { Side } from "./measure.ts";

/** A worker that counts messages, of either kind. */
interface Counter {
  post(message: unknown): void;
  /** The next message from it. */
  next(): Promise<unknown>;
  stop(): Promise<void>;
}

/** Posts messages to the workers of Deno; they start when they are used for the first time. */
export class Messages {
  readonly #counters: Record<string, Counter> = {};

  /** One way, to a worker of the web. */
  web(item: ItemName): Side {
    return this.#side("Deno postMessage", createWeb, item);
  }

  /** One way, to a worker in the manner of Node. */
  node(item: ItemName): Side {
    return this.#side("Deno node Worker", createNode, item);
  }

  async stop(): Promise<void> {
    for (const counter of Object.values(this.#counters)) await counter.stop();
  }

  #side(name: string, create: () => Counter, item: ItemName): Side {
    return {
      name,
      run: async (times) => {
        const counter = this.#counters[name] ??= create();
        const value = items[item];
        const done = counter.next();
        const started = performance.now();
        counter.post(times);
        for (let i = 0; i < times; i++) counter.post(value);
        await done;
        return performance.now() - started;
      },
    };
  }
}

function createWeb(): Counter {
  const worker = new Worker(new URL("./web_worker.mjs", import.meta.url), { type: "module" });
  return {
    post: (message) => worker.postMessage(message),
    next: () => new Promise((resolve) => worker.onmessage = ({ data }) => resolve(data)),
    stop: () => Promise.resolve(worker.terminate()),
  };
}

function createNode(): Counter {
  const worker = new NodeWorker(new URL("./message_worker.mjs", import.meta.url));
  return {
    post: (message) => worker.postMessage(message),
    next: () => new Promise((resolve) => worker.once("message", resolve)),
    stop: async () => {
      await worker.terminate();
    },
  };
}
