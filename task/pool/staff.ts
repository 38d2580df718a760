// Copyright 2026 the Weft authors. MIT license.

import { atIsolateEnd } from "../../sync/isolate.ts";
import { type Board, Stage } from "./board.ts";
import type { Exchange } from "./exchange.ts";
import type { Launcher, PoolBoot } from "./launcher.ts";
import type { PoolWorker, WorkerEnd } from "./pool_worker.ts";

/** Ends in a row of workers that never took a job, after which the pool is broken. */
const mostFailures = 3;
/** The same where somebody has killed them, which need not go on. */
const mostKills = 50;
/** Milliseconds until the first of them is replaced; as many more for each further one. */
const delayStep = 20;
/** Looks at jobs and workers before a worker is started, which takes long. */
const mostLooks = 4;

/** What the staff asks of its pool. */
export interface StaffOwner {
  /** What a new worker is told. */
  boot(slot: number): PoolBoot;
  /** Takes what a worker says. */
  receive(slot: number, message: unknown): void;
  /** Is told that a worker has ended; the slot is free when it returns. */
  ended(slot: number, worker: PoolWorker, end: WorkerEnd): void;
  /** Is told that workers cannot be started, and why. */
  broken(error: unknown): void;
  /** Is told that it is time to look again how many are needed. */
  review(): void;
}

/** Those of the pools of this isolate that have workers, which outlive a thread that ends. */
const staffed = new Set<Exchange>();
atIsolateEnd(() => {
  for (const exchange of staffed) exchange.goHome();
});

interface Member {
  readonly worker: PoolWorker;
  readonly started: number;
}

/** The workers of a pool: starts them and notices when they end. */
export class Staff {
  readonly #owner: StaffOwner;
  readonly #launcher: Launcher;
  readonly #exchange: Exchange;
  readonly #board: Board;
  readonly #name: string;
  readonly #size: number;
  readonly #members = new Map<number, Member>();
  /** Milliseconds for which those were there that have ended. */
  #pastTime = 0;
  #launched = 0;
  #failures = 0;
  #kills = 0;
  #firstError: unknown;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;
  readonly #gone: (() => void)[] = [];

  constructor(
    owner: StaffOwner,
    launcher: Launcher,
    exchange: Exchange,
    name: string,
    size: number,
  ) {
    this.#owner = owner;
    this.#launcher = launcher;
    this.#exchange = exchange;
    this.#board = exchange.board;
    this.#name = name;
    this.#size = size;
  }

  /** Number of workers that have not ended. */
  get count(): number {
    return this.#members.size;
  }

  /** Milliseconds for which workers have been there, all together. */
  get time(): number {
    const now = performance.now();
    let time = this.#pastTime;
    for (const { started } of this.#members.values()) time += now - started;
    return time;
  }

  /** The worker in a slot. */
  at(slot: number): PoolWorker | undefined {
    return this.#members.get(slot)?.worker;
  }

  /** Tells something to all workers. */
  post(message: unknown): void {
    for (const { worker } of this.#members.values()) worker.post(message);
  }

  /**
   * Starts as many workers as the jobs that wait need, but never too many.
   *
   * @param waiting How many jobs wait, about.
   * @param count Counts them exactly.
   * @param least As many workers are there in any case.
   */
  provide(waiting: number, count: () => number, least: number): void {
    if (this.#stopped || this.#retry !== undefined) return;
    let { active, free } = this.#available();
    if (active === this.#size || (free >= waiting && active >= least)) return;
    // What a worker has just taken, which is not idle any more, does not wait: so both are looked at until neither has
    // changed, but not for long, as with many jobs that is never so.
    for (let look = 0; look < mostLooks; look++) {
      waiting = count();
      ({ active, free } = this.#available());
      if (count() === waiting) break;
    }
    while (active < this.#size && (free < waiting || active < least)) {
      // Those that have retired are about to end.
      if (this.#members.size === this.#board.slots || !this.#start()) return;
      active++;
      free++;
    }
  }

  /** Starts no more workers. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#retry);
    this.#retry = undefined;
  }

  /** Ends all workers, whatever they do. */
  terminate(): void {
    this.stop();
    for (const { worker } of this.#members.values()) worker.terminate();
  }

  /** Waits until no worker is there. */
  async wait(): Promise<void> {
    if (this.#members.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#gone.push(resolve);
    await promise;
  }

  /** Counts the workers that take jobs, and those of them that have none. */
  #available(): { active: number; free: number } {
    let active = 0;
    let free = 0;
    for (const slot of this.#members.keys()) {
      if (!this.#board.stay(slot)) continue;
      active++;
      if (this.#board.stage(slot) === Stage.booting || this.#board.isIdle(slot)) free++;
    }
    return { active, free };
  }

  #start(): boolean {
    const slot = this.#freeSlot();
    this.#board.enter(slot);
    try {
      const worker = this.#launcher.launch(
        `${this.#name}-${++this.#launched}`,
        this.#owner.boot(slot),
        (message) => this.#owner.receive(slot, message),
      );
      this.#members.set(slot, { worker, started: performance.now() });
      staffed.add(this.#exchange);
      this.#exchange.enter(slot, worker);
      this.#supervise(slot, worker);
      return true;
    } catch (error) {
      this.#failed(error, false);
      return false;
    }
  }

  async #supervise(slot: number, worker: PoolWorker): Promise<void> {
    const end = await worker.ended;
    const failed = this.#board.stage(slot) === Stage.booting;
    this.#pastTime += performance.now() - this.#members.get(slot)!.started;
    this.#owner.ended(slot, worker, end);
    this.#board.leave(slot);
    this.#exchange.leave(slot);
    this.#members.delete(slot);
    if (this.#members.size === 0) this.#empty();
    if (failed) return this.#failed(end.error ?? endError(worker, end), end.signal !== undefined);
    this.#failures = this.#kills = 0;
    this.#firstError = undefined;
    this.#owner.review();
  }

  /** Tries again later, unless it is in vain. */
  #failed(error: unknown, killed: boolean): void {
    if (this.#stopped) return;
    this.#firstError ??= error;
    if (killed) this.#kills++;
    else this.#failures++;
    const tooMany = this.#failures >= mostFailures || this.#kills >= mostKills;
    if (tooMany && !this.#serves()) return this.#owner.broken(this.#firstError);
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      this.#owner.review();
    }, delayStep * (this.#failures + this.#kills));
  }

  #empty(): void {
    staffed.delete(this.#exchange);
    for (const resolve of this.#gone.splice(0)) resolve();
  }

  #serves(): boolean {
    for (const slot of this.#members.keys()) {
      if (this.#board.stage(slot) === Stage.serving) return true;
    }
    return false;
  }

  #freeSlot(): number {
    let slot = 0;
    while (this.#members.has(slot)) slot++;
    return slot;
  }
}

function endError(worker: PoolWorker, { code, signal }: WorkerEnd): Error {
  const how = signal === undefined ? `exited with code ${code}` : `was ended by ${signal}`;
  return new Error(`Worker ${JSON.stringify(worker.name)} ${how} before it could take a task`);
}
