// Copyright 2026 the Weft authors. MIT license.

/*
 * Queues: what one item costs in one thread, and how many go from some threads or processes to others. The
 * others are started once and end with the program. `deno task bench:peers channels` compares with other
 * libraries and languages.
 */

import { Queue, type QueueScope } from "../channel/mod.ts";
import { Crew, shapeNames, type Traffic } from "./fixtures/channel_crew.ts";
import { type ItemName, itemNames, items } from "./fixtures/channel_items.ts";
import { Messages } from "./peers/messages.ts";

const queueScopes: QueueScope[] = ["local", "thread", "process"];
const crews = { threads: await Crew.start("thread"), processes: await Crew.start("process") };
const messages = new Messages();

function timesOf(item: ItemName): number {
  return item === "64 KiB bytes" ? 200 : 5000;
}

for (const item of itemNames) {
  const value: unknown = items[item];
  const group = `put() and get() in one thread, 1,000 times, ${item}`;

  Deno.bench("array, push() and shift()", { group, baseline: true }, () => {
    const array: unknown[] = [];
    for (let i = 0; i < 1000; i++) {
      array.push(value);
      array.shift();
    }
  });

  for (const scope of queueScopes) {
    const queue = new Queue<unknown>({ scope });
    Deno.bench(`putSync() and getSync(), ${scope} scope`, { group }, () => {
      for (let i = 0; i < 1000; i++) {
        queue.putSync(value);
        queue.getSync();
      }
    });
    Deno.bench(`put() and get(), ${scope} scope`, { group }, async () => {
      for (let i = 0; i < 1000; i++) {
        await queue.put(value);
        await queue.get();
      }
    });
  }
}

for (const item of itemNames) {
  const times = timesOf(item);
  for (const shape of shapeNames) {
    const group = `${shape}, ${times.toLocaleString("en")} times, ${item}`;
    const messaged = shape === "spsc";
    if (messaged) {
      Deno.bench("postMessage() to a web Worker", { group, baseline: true }, async () => {
        await messages.web(item).run(times);
      });
    }
    const add = (name: string, crew: Crew, traffic: Omit<Traffic, "shape" | "item">) => {
      const baseline = !messaged && crew === crews.threads && traffic.form === "sync";
      Deno.bench(name, { group, baseline }, async () => {
        await crew.send({ shape, item, ...traffic }, times);
      });
    };
    for (const [others, crew] of Object.entries(crews)) {
      add(`Queue of 1,024, ${others}`, crew, { form: "sync", size: "bounded" });
      if (!messaged) continue;
      add(`Queue, ${others}`, crew, { form: "sync", size: "unbounded" });
      add(`Queue of 1,024, await, ${others}`, crew, { form: "async", size: "bounded" });
    }
  }

  const calls = Math.min(times, 500);
  const group = `there and back, ${calls} times, ${item}`;
  for (const [others, crew] of Object.entries(crews)) {
    for (const form of ["sync", "async"] as const) {
      const name = `2 Queues, ${form === "sync" ? "" : "await, "}${others}`;
      const baseline = form === "sync" && others === "threads";
      Deno.bench(name, { group, baseline }, async () => {
        await crew.call({ item, form }, calls);
      });
    }
  }
}
