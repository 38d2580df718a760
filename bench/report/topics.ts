// Copyright 2026 the Weft authors. MIT license.

import { topics as peers } from "../peers/topics.ts";
import type { ReportTopic } from "./report.ts";

/** The files for `deno bench` of these names. */
function benches(...names: string[]): URL[] {
  return names.map((name) => new URL(`../${name}_bench.ts`, import.meta.url));
}

/** What is said of each topic, and which benches belong to it. */
const texts = {
  pools: {
    title: "Pools",
    about: "What it takes to have a pool of 2 workers run a task, per task: `ThreadPool` and " +
      "`ProcessPool` beside the pools of npm under Node and those of CPython. Threads of CPython " +
      "pass arguments and results by reference, which ours copy.",
    benches: benches("pool", "cpu_bound", "io_bound", "future"),
  },
  channels: {
    title: "Queues and pipes",
    about: "Items from one thread or process to another, per item, in blocking calls unless it " +
      "says `await`. `spsc`, `mpsc`, `spmc` and `mpmc` are one or more producers and consumers. " +
      "CPython's `queue.Queue` passes items by reference, which ours copy.",
    benches: benches("channel", "channel_kinds", "select", "codec"),
  },
  locks: {
    title: "Locks and other primitives in shared memory",
    about: "`acquire()` and `release()` in blocking calls unless it says `await`; a ping-pong is " +
      "there and back; waking is from the call until the sleeper goes on.",
    benches: benches("sync", "locks", "shared_memory"),
  },
  coroutines: {
    title: "Coroutines",
    about: "Per coroutine, switch or item. An async function is the least that a coroutine of " +
      "promises can take. gevent and greenlet are taken from a Python that has them.",
    benches: benches("coroutine", "gather", "locals"),
  },
  cluster: {
    title: "Managers and servers",
    about: "The queue of a manager in another process over the loopback, per item, beside the " +
      "same of CPython. Own benches go through Redis and RabbitMQ, too, where these are installed.",
    benches: benches("cluster"),
  },
  memory: {
    title: "Memory of idle workers",
    about: "Private memory of a worker that has nothing to do, beside that of a bare one.",
    benches: [],
  },
  starting: {
    title: "Starting threads and processes",
    about:
      "From the start to the result and the end, one after the other. A thread of CPython is no " +
      "isolate of its own, and a forked process of CPython is a copy, which has loaded everything.",
    benches: benches("thread", "process"),
  },
} satisfies Record<string, Omit<ReportTopic, "peers">>;

/** All that the report is about, in its order. */
export const topics: Readonly<Record<string, ReportTopic>> = Object.fromEntries(
  Object.entries(texts).map(([name, text]) => [name, { ...text, peers: peers[name]! }]),
);
