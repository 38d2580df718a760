// Copyright 2026 the Weft authors. MIT license.

/**
 * The far side of a thread: the main module of its worker. See `_protocol.ts` for what it hears and
 * says.
 *
 * @module
 */

import { parentPort, workerData } from "node:worker_threads";
import { Phase, ThreadTable } from "../sync/thread_table.ts";
import { unrefTimer } from "../sync/wait.ts";
import { setProcessContext } from "../task/context.ts";
import { executeJob, Revival, type Runnable } from "../task/job.ts";
import { joinNonDaemons } from "../task/lifecycle.ts";
import { reportUnjoined } from "../task/unjoined.ts";
import { setWire, type Wire, type WiredEnd } from "../task/wire.ts";
import { becomeThread, endIsolate } from "../sync/isolate.ts";
import { type Boot, type FromThread, share, type ToThread, unshare } from "./_protocol.ts";
import { RemoteLauncher, useLauncher } from "./_launcher.ts";
import { setCurrentThread, type ThreadInfo } from "./current.ts";

/** Milliseconds between looks at the limit of the heap. */
const memoryInterval = 500;

// Not awaited: a worker that exits while its module still waits leaks two file descriptors.
if (parentPort !== null) main(workerData as Boot, parentPort);

interface Port {
  postMessage(message: unknown): void;
  on(type: "message", listener: (message: ToThread) => void): unknown;
}

/** The part of Web Locks that is used here; the platform's types lack it. */
interface LockManager {
  request(name: string, callback: () => Promise<void>): Promise<void>;
}

async function main(boot: Boot, port: Port): Promise<void> {
  const { entry, slot, reference } = boot;
  const table = new ThreadTable(boot.table);
  const post = (message: FromThread) => port.postMessage(message);
  const launcher = new RemoteLauncher(post);
  becomeThread(entry, slot, table);
  setProcessContext({ ...boot.context, depth: boot.depth });
  useLauncher(launcher);
  // Code written for web workers ends itself by self.close().
  (globalThis as { self?: unknown }).self ??= globalThis;

  let exiting = false;
  globalThis.addEventListener("unload", () => {
    exiting = true;
    table.beginEnd(slot);
  });

  const stop = () => {
    // Behind the listeners of the user.
    globalThis.addEventListener("unload", endIsolate);
    Deno.exit(1);
  };
  const wire = createWire(post);
  setWire(wire);
  port.on("message", (message) => {
    switch (message.type) {
      case "stop":
        stop();
        break;
      case "message":
        wire.onMessage(message.message);
        break;
      case "posted":
        launcher.posted(message.id, message.message);
        break;
      case "ended":
        launcher.ended(message.id, message.end);
        break;
    }
  });

  // Holding a Web Lock makes the worker one that can be killed, in a busy loop and in a blocking
  // wait alike; it is held only while code of the user runs.
  const { locks } = navigator as unknown as { locks: LockManager };
  await locks.request(`weft:${Deno.pid}:${entry.id}:${crypto.randomUUID()}`, async () => {
    if (table.stopping(slot)) stop();
    watchMemory(() => {
      post({ type: "lost", message: "JS heap out of memory" });
      Deno.exit(1);
    });
    table.setPhase(slot, Phase.importing);
    const attached: object[] = [];
    let hasHandles = false;
    const { ok, payload } = await executeJob({ reference, payload: unshare(boot.payload) }, {
      load: async () => {
        const module = await import(reference.module);
        // A module that ends with a call of Deno.exit is imported as if it had not made it.
        if (exiting) await new Promise(() => {});
        return module;
      },
      revival: new Revival(entry.name, entry.daemon),
      revived: (instance) => setCurrentThread(instance as Runnable & ThreadInfo),
      imported: () => table.setPhase(slot, Phase.running),
      decoding: { attached: boot.attached },
      encoding: {
        destination: "thread",
        attach: (object) => attached.push(object) - 1,
        onHandle: () => hasHandles = true,
      },
    });
    post({ type: "outcome", outcome: { ok, payload: share(payload), attached } });
    await joinNonDaemons("process");
    reportUnjoined();
    // Behind those listeners, too. What the result has handles on, others have yet to find.
    if (!hasHandles) globalThis.addEventListener("unload", endIsolate);
    Deno.exit(ok ? 0 : 1);
  });
}

/** Makes what leads to the starter of this thread; `onMessage` takes its messages. */
function createWire(post: (message: FromThread) => void): Wire & Pick<WiredEnd, "onMessage"> {
  const kept: unknown[] = [];
  let listener: ((message: unknown) => void) | undefined;
  return {
    post(message) {
      post({ type: "message", message });
    },
    listen(onMessage) {
      listener = onMessage;
      for (const message of kept.splice(0)) onMessage(message);
    },
    onMessage(message) {
      if (listener === undefined) kept.push(message);
      else listener(message);
    },
  };
}

/**
 * Calls back if the heap was full. The runtime itself ends the worker only if that happened outside of
 * promise callbacks; in one of them it drops the callback, and with it the task, and goes on. The limit,
 * which it raised, is the only trace of that.
 */
function watchMemory(onFull: () => void): void {
  // deno-lint-ignore no-process-global
  const { getHeapStatistics } = process.getBuiltinModule("node:v8");
  const limit = getHeapStatistics().heap_size_limit;
  const timer = setInterval(() => {
    if (getHeapStatistics().heap_size_limit !== limit) onFull();
  }, memoryInterval);
  unrefTimer(timer);
}
