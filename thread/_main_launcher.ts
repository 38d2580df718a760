// Copyright 2026 the Weft authors. MIT license.

import type { Worker } from "node:worker_threads";
import { Phase, runOut } from "../sync/thread_table.ts";
import { processContext } from "../task/context.ts";
import { Lifecycle } from "../task/lifecycle.ts";
import { currentIsolate, whileBlocked } from "../sync/isolate.ts";
import { outcomeOf } from "./_outcome.ts";
import type {
  Boot,
  EncodedOutcome,
  FromThread,
  Launcher,
  LaunchRequest,
  Starter,
  ThreadEnd,
  ToThread,
} from "./_protocol.ts";

/** Milliseconds that a running task gets to reach its event loop before it is killed. */
const runningGrace = 100;
/** The same while a module is imported: a kill while it loads a `node:` module ends the process. */
const importingGrace = 1000;
const pollInterval = 20;

/** A worker and what became of it so far. */
class WorkerThread {
  readonly #request: LaunchRequest;
  readonly #starter: Starter;
  readonly #worker: Worker;
  #outcome: EncodedOutcome | undefined;
  #error: unknown;
  #stopRequested: number | undefined;
  #killed = false;
  #killTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(request: LaunchRequest, starter: Starter) {
    this.#request = request;
    this.#starter = starter;
    const { entry } = request;
    const { table } = currentIsolate();
    const workerData: Boot = { ...request, table: table.buffer, context: processContext() };
    // The constructor blocks until the worker's thread exists, so a start never gets lost.
    // Even without any limit in it, `resourceLimits` makes a heap that is full end the worker; it
    // would end the process.
    const threads = workerThreads();
    this.#worker = new threads.Worker(workerUrl(), {
      workerData,
      name: entry.name,
      // A copy would be made of the whole environment, for which Deno asks the user on a terminal.
      env: threads.SHARE_ENV,
      resourceLimits: {},
    });
    if (entry.daemon) this.#worker.unref();
    this.#worker.on("message", (message: FromThread) => this.#receive(message));
    this.#worker.on("error", (error: unknown) => this.#error = error);
    this.#worker.on("exit", async (code: number) => {
      clearTimeout(this.#killTimer);
      if (this.#killed) await new Promise((resolve) => setTimeout(resolve, runOut));
      table.leave(request.slot);
      starter.onEnd(this.#end(code));
    });
  }

  /** Whether its starter has yet to hear of its end. */
  get isAlive(): boolean {
    return workers.get(this.#request.entry.id) === this;
  }

  /** Tells the thread something. */
  send(message: ToThread): void {
    this.#worker.postMessage(message);
  }

  /**
   * Ends the thread: by its own event loop if that turns, else from outside, which works because
   * the task runs inside a Web Lock (a worker that holds none would go on spinning).
   */
  terminate(): void {
    if (this.#stopRequested !== undefined) return;
    this.#stopRequested = performance.now();
    currentIsolate().table.stop(this.#request.slot);
    this.send({ type: "stop" });
    this.#killLater();
  }

  #killLater(): void {
    this.#killTimer = setTimeout(() => {
      this.killIfDue();
      if (!this.#killed) this.#killLater();
    }, pollInterval);
  }

  /** Kills the thread if it was asked to stop and has not done so in time. */
  killIfDue(): void {
    if (this.#stopRequested === undefined || this.#killed) return;
    const { table } = currentIsolate();
    const phase = table.phase(this.#request.slot);
    const grace = phase === Phase.importing ? importingGrace : runningGrace;
    const waited = performance.now() - this.#stopRequested;
    if (phase === Phase.booting || waited < grace) return;
    this.#killed = true;
    table.beginEnd(this.#request.slot);
    this.#worker.terminate();
  }

  #receive(message: FromThread): void {
    switch (message.type) {
      case "outcome":
        this.#outcome = message.outcome;
        break;
      case "lost":
        this.#error = message.message;
        break;
      case "launch":
        launchFor(this, message.request);
        break;
      case "terminate":
        mainLauncher.terminate(message.id);
        break;
      case "post":
        mainLauncher.post(message.id, message.message);
        break;
      case "message":
        this.#starter.onMessage(message.message);
        break;
    }
  }

  #end(code: number): ThreadEnd {
    const end = { code, outcome: this.#outcome, message: undefined };
    if (this.#outcome !== undefined) {
      return { ...end, reason: this.#outcome.ok ? "returned" : "threw" };
    }
    if (this.#stopRequested !== undefined) return { ...end, reason: "terminated" };
    if (this.#error === undefined) return { ...end, reason: "exited" };
    return { ...end, reason: "lost", message: String(this.#error) };
  }
}

const workers = new Map<number, WorkerThread>();

// The main isolate may wait for what a thread holds that it has asked to stop.
whileBlocked(() => {
  for (const worker of workers.values()) worker.killIfDue();
});

/** Creates the threads of this process; for the main isolate alone. */
export const mainLauncher: Launcher = {
  launch(request, starter) {
    const { id } = request.entry;
    const worker = new WorkerThread(request, {
      onMessage: (message) => starter.onMessage(message),
      onEnd: (end) => {
        workers.delete(id);
        starter.onEnd(end);
      },
    });
    workers.set(id, worker);
  },
  post(id, message) {
    workers.get(id)?.send({ type: "message", message });
  },
  terminate(id) {
    workers.get(id)?.terminate();
  },
};

/** Creates a thread that another thread asked for. */
function launchFor(owner: WorkerThread, request: LaunchRequest): void {
  const { entry } = request;
  const life = new Lifecycle<unknown>("thread", entry.name, entry.daemon);
  life.begin();
  const onEnd = async (end: ThreadEnd) => {
    const owned = owner.isAlive;
    if (owned) owner.send({ type: "ended", id: entry.id, end });
    // An owner that is alive reports the error itself.
    life.end(end, owned ? { ok: true, value: undefined } : await outcomeOf(end, entry.name));
  };
  const onMessage = (message: unknown) => {
    if (owner.isAlive) owner.send({ type: "posted", id: entry.id, message });
  };
  try {
    mainLauncher.launch(request, { onEnd, onMessage });
  } catch (error) {
    currentIsolate().table.leave(request.slot);
    onEnd({ reason: "lost", code: 1, outcome: undefined, message: String(error) });
  }
}

/**
 * Checks that a thread may load its modules.
 *
 * @throws {Deno.errors.NotCapable} If `--allow-read` is missing.
 */
export function checkReadPermission(what: string): void {
  const url = new URL("./worker.ts", import.meta.url);
  if (url.protocol !== "file:") return;
  const path = decodeURIComponent(url.pathname);
  // Asks the user on a terminal, as Deno itself does.
  if (Deno.permissions.requestSync({ name: "read", path }).state === "granted") return;
  throw new Deno.errors.NotCapable(
    `Cannot start ${what} as it requires read access to ${JSON.stringify(path)}: run again with ` +
      "the --allow-read flag",
  );
}

function workerThreads(): typeof import("node:worker_threads") {
  // Not a static import: it would make the start of every child process a third slower.
  // deno-lint-ignore no-process-global
  return process.getBuiltinModule("node:worker_threads");
}

function workerUrl(): URL {
  const url = new URL("./worker.ts", import.meta.url);
  if (url.protocol === "file:") return url;
  // A worker of this kind takes no remote module as its main one.
  return new URL(`data:text/javascript,import ${encodeURIComponent(JSON.stringify(url.href))}`);
}

/** Never called: a literal import puts the worker's module into the module graph. */
export function worker(): Promise<unknown> {
  return import("./worker.ts");
}
