// Copyright 2026 the Weft authors. MIT license.

import { emit, isObserved, observed, type Subject } from "../sync/observer.ts";
import { beginWait, waitFor, type WaitOptions } from "../sync/wait.ts";
import { forgetReport, reportLater } from "./unjoined.ts";

/**
 * How a thread or process ended.
 *
 * - `"returned"`: its task returned.
 * - `"threw"`: its task threw, or an error in it was caught by nobody.
 * - `"exited"`: its code called `Deno.exit` or the like.
 * - `"terminated"`: it was ended through its `terminate`, `kill`, `signal` or disposal.
 * - `"lost"`: something else ended it, such as a signal from outside or a lack of memory.
 */
export type ExitReason = "returned" | "threw" | "exited" | "terminated" | "lost";

/** How and with which code a thread or process ended. */
export interface ExitStatus {
  /** What ended it. */
  readonly reason: ExitReason;
  /** Exit code: 0 if the task returned, 1 if it threw, else what the runtime tells. */
  readonly code: number;
}

/** What a task came to: its value or its error. */
export type Outcome<R> =
  | { readonly ok: true; readonly value: R }
  | { readonly ok: false; readonly error: unknown };

const alive = new Set<Lifecycle<unknown>>();

/**
 * The life of one thread or process as its starter sees it: new, alive, ended; the engine under
 * `Thread`, `Process` and `Timer`.
 */
export class Lifecycle<R> {
  /** What it is the life of, for messages, such as `thread`. */
  readonly kind: string;
  /** Name of the thread or process; a timer has none. */
  readonly name: string;
  /** Whether the program may end while it is alive. */
  readonly daemon: boolean;
  readonly #exited = Promise.withResolvers<ExitStatus>();
  #state: "new" | "alive" | "ended" = "new";
  #outcome: Outcome<R> | undefined;
  #joins = 0;
  #id: number | undefined;

  constructor(kind: string, name: string, daemon: boolean) {
    this.kind = kind;
    this.name = name;
    this.daemon = daemon;
  }

  /** What to call it in a message. */
  get label(): string {
    return `${this.kind} ${JSON.stringify(this.name)}`;
  }

  /** Whether it was not started yet. */
  get isNew(): boolean {
    return this.#state === "new";
  }

  /** Whether it was started and has not ended. */
  get isAlive(): boolean {
    return this.#state === "alive";
  }

  /** Resolves when it has ended; never rejects. */
  get exited(): Promise<ExitStatus> {
    return this.#exited.promise;
  }

  /** Throws if it cannot be started, as it was before. */
  checkNew(): void {
    if (this.#state === "new") return;
    throw new Error(`Cannot start ${this.label} as it was started before`);
  }

  /** Throws if it cannot be ended, as it was never started. */
  checkStarted(verb: string): void {
    if (this.#state !== "new") return;
    throw new Error(`Cannot ${verb} ${this.label} as it was not started`);
  }

  /**
   * Notes that it was started.
   *
   * @param id Pid of the process or number of the thread, if who observes is to be told here.
   */
  begin(id?: number): void {
    this.checkNew();
    this.#state = "alive";
    alive.add(this);
    this.#id = id;
    if (id === undefined || !isObserved()) return;
    if (this.kind === "process") emit({ type: "process-begin", child: id, name: this.name });
    else emit({ type: "thread-begin", child: id, name: this.name });
  }

  /** Notes that it has ended, and delivers the outcome to all who join. */
  end(status: ExitStatus, outcome: Outcome<R>): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#outcome = outcome;
    alive.delete(this);
    this.#exited.resolve(status);
    if (this.#id !== undefined && isObserved()) {
      const type = this.kind === "process" ? "process-end" : "thread-end";
      emit({ type, child: this.#id, how: status.reason, code: status.code });
    }
    if (outcome.ok || this.#joins > 0) return;
    if (status.reason !== "threw" && status.reason !== "lost") return;
    const who = this.name === "" ? this.kind : `${this.kind} ${this.name}`;
    reportLater(this, () => console.error(`Exception in ${who}:`, outcome.error));
  }

  /** Waits for the end; a wait for a daemon keeps the program alive, too. */
  async wait(options: WaitOptions = {}): Promise<void> {
    const keepAlive = this.daemon && this.isAlive ? setInterval(() => {}, 0x7fffffff) : undefined;
    try {
      await observed(() => this.#subject, () => waitFor(this.#exited.promise, options));
    } finally {
      clearInterval(keepAlive);
    }
  }

  get #subject(): Subject {
    const kind = this.kind[0]!.toUpperCase() + this.kind.slice(1);
    const owner = this.kind === "process" ? "" : `${Deno.pid}:`;
    return {
      what: `${kind}.join`,
      name: this.name,
      object: `${owner}${this.kind}:${this.#id ?? 0}`,
    };
  }

  /** Waits for the end and gives the outcome. */
  async join(options: WaitOptions = {}): Promise<R> {
    this.checkStarted("join");
    options = beginWait(options);
    this.#joins++;
    try {
      await this.wait(options);
    } finally {
      this.#joins--;
    }
    forgetReport(this);
    const outcome = this.#outcome!;
    if (outcome.ok) return outcome.value;
    throw outcome.error;
  }
}

/** Waits until nothing (of one kind) that was started from here and is no daemon is alive. */
export async function joinNonDaemons(kind?: string): Promise<void> {
  for (;;) {
    const waiting = [...alive].filter((life) => !life.daemon && life.kind === (kind ?? life.kind));
    if (waiting.length === 0) return;
    await Promise.all(waiting.map((life) => life.exited));
    // Who joined them has its turn first, and can start others, or fail.
    await new Promise((resolve) => setTimeout(resolve));
  }
}
