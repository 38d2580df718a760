// Copyright 2026 the Weft authors. MIT license.

import type { Mutant } from "../plant.ts";

const board = "task/pool/board.ts";
const intake = "task/pool/shared_intake.ts";
const exchange = "task/pool/shared_exchange.ts";

/** Bugs of what a pool and its workers do in the memory that they share. */
export const poolMutants: Record<string, Mutant> = {
  "a job is taken whatever its cell says": {
    file: board,
    from: `    return this.#memory.compareExchange(at, State.queued, taking) === State.queued;`,
    to: `    this.#memory.store(at, taking);
    return true;`,
    scenario: "a job is cancelled",
    within: 100,
  },
  "a job is taken by load and store": {
    file: board,
    from: `    return this.#memory.compareExchange(at, State.queued, taking) === State.queued;`,
    to: `    if (this.#memory.load(at) !== State.queued) return false;
    this.#memory.store(at, taking);
    return true;`,
    scenario: "a job is cancelled",
    within: 1000,
  },
  "a job is taken back by load and store": {
    file: board,
    from:
      `    return this.#memory.compareExchange(at, State.queued, State.withdrawn) === State.queued;`,
    to: `    if (this.#memory.load(at) !== State.queued) return false;
    this.#memory.store(at, State.withdrawn);
    return true;`,
    scenario: "a job is cancelled",
    within: 1000,
  },
  "a cell is free before the frame of its job is gone": {
    file: board,
    from: `    return this.#memory.compareExchange(at, State.queued, taking) === State.queued;`,
    to: `    const seen = this.#memory.compareExchange(at, State.queued, taking);
    if (seen === State.withdrawn) this.#memory.store(at, State.free);
    return seen === State.queued;`,
    scenario: "jobs are cancelled and a worker dies",
    within: 2000,
  },
  "a cell is not free when the frame of its job is gone": {
    file: intake,
    from: `      this.board.skip(work.cell);
`,
    to: ``,
    scenario: "all cells are those of cancelled jobs",
    within: 100,
  },
  "a job has begun before its frame is gone": {
    file: intake,
    from: `    start += jobHeaderBytes;`,
    to: `    this.board.begin(work.cell, this.#slot, 0);
    start += jobHeaderBytes;`,
    scenario: "a job comes after a worker has died",
    within: 2000,
  },
  "every cell of a worker that has died is free": {
    file: board,
    from: `    this.#memory.store(at, taking ? State.withdrawn : State.free);
    return !taking;`,
    to: `    this.#memory.store(at, State.free);
    return true;`,
    scenario: "a job comes after a worker has died",
    within: 2000,
  },
  "the cells of a worker that has died are left": {
    file: "task/pool/dispatch.ts",
    from: `    const jobs = this.#cells.of(slot);`,
    to: `    const jobs = this.#cells.of(slot).slice(1);`,
    scenario: "a worker dies",
    within: 2000,
  },
  "what a worker has delivered before it died does not count": {
    file: "task/pool/engine.ts",
    from: `    this.collect();
    for (const job`,
    to: `    for (const job`,
    scenario: "a worker dies",
    within: 2000,
  },
  "parked cells are looked at twice": {
    file: "task/pool/cells.ts",
    from: `    for (const cell of this.#parked.splice(0)) {
      (this.#board.isWithdrawn(cell) ? this.#parked : this.#free).push(cell);
    }`,
    to: `    const parked = this.#parked.splice(0);
    this.#free.push(...parked.filter((cell) => !this.#board.isWithdrawn(cell)));
    this.#parked.push(...parked.filter((cell) => this.#board.isWithdrawn(cell)));`,
    scenario: "all cells are those of cancelled jobs",
    within: 1000,
  },
  "parked cells are used at once": {
    file: "task/pool/cells.ts",
    from: `    if (parked) this.#parked.push(cell);`,
    to: `    if (parked) this.#free.push(cell);`,
    scenario: "all cells are those of cancelled jobs",
    within: 1000,
  },

  "nobody is told of a job": {
    file: exchange,
    from: `    jobSignal.wake();`,
    to: ``,
    scenario: "a job comes when there is nothing to do",
    within: 100,
  },
  "the next worker is not told of more jobs": {
    file: intake,
    from: `    if (taken && jobs.size > 0) jobSignal.wake();
`,
    to: ``,
    scenario: "a job waits for the next",
    within: 1000,
  },
  "nobody is told of a result": {
    file: intake,
    from: `    resultSignal.wake();
    return true;`,
    to: `    return true;`,
    scenario: "one works",
    within: 100,
  },
  "nobody is told of room for a result": {
    file: exchange,
    from: `    if (roomSignal.marked) roomSignal.wake();
`,
    to: ``,
    scenario: "two work",
    within: 1000,
  },
  "who needs no room tells nobody of it": {
    file: intake,
    from: `    roomSignal.wake();
`,
    to: ``,
    scenario: "workers wait until their results are taken",
    within: 1000,
  },
  "nobody is told that a cancelled job makes room": {
    file: intake,
    from: `      resultSignal.wake();
    }`,
    to: `    }`,
    scenario: "all cells are those of cancelled jobs",
    within: 1000,
  },
  "one worker is told to go home": {
    file: exchange,
    from: `    this.#places.jobSignal.wakeAll();`,
    to: `    this.#places.jobSignal.wake();`,
    scenario: "two work",
    within: 1000,
  },

  "an abort is left for the next job of a cell": {
    file: board,
    from: `    if (this.#memory.load(abort) !== 0) this.#memory.store(abort, 0);
`,
    to: ``,
    scenario: "a job is aborted before another one has its cell",
    within: 1000,
  },
  "an abort is forgotten that comes after the claim": {
    file: board,
    from: `    if (this.#memory.load(abort) !== 0) this.#memory.store(abort, 0);
    const taking = State.taking | (slot << slotShift);
    return this.#memory.compareExchange(at, State.queued, taking) === State.queued;`,
    to: `    const taking = State.taking | (slot << slotShift);
    const taken = this.#memory.compareExchange(at, State.queued, taking) === State.queued;
    this.#memory.store(abort, 0);
    return taken;`,
    scenario: "a job is aborted",
    within: 2000,
  },
  "the worker aborts whatever it runs": {
    file: board,
    from: `    return word >>> 2 === cell ? word & 3 : AbortReason.none;`,
    to: `    return word & 3;`,
    scenario: "a job is aborted when another one runs",
    within: 1000,
  },

  "jobs that are taken back come in the wrong order": {
    file: "task/pool/backlog.ts",
    from: `some.toReversed()`,
    to: `some`,
    scenario: "a job is more urgent",
    within: 1000,
  },
  "a worker counts as idle when it has taken a job": {
    file: intake,
    from: `    this.#setIdle(false);
    if`,
    to: `    queueMicrotask(() => this.#setIdle(false));
    if`,
    scenario: "a job waits for another worker",
    within: 5000,
  },
  "a worker is idle when it was looked at and has taken a job when that was counted": {
    file: "task/pool/staff.ts",
    from: `      if (count() === waiting) break;`,
    to: `      waiting = count();
      break;`,
    scenario: "a job waits for another worker",
    within: 5000,
  },
  "the pool does not say that it counts on a worker": {
    file: "task/pool/staff.ts",
    from: `      if (!this.#board.stay(slot)) continue;`,
    to: `      if (this.#board.stage(slot) >= Stage.leaving) continue;`,
    scenario: "a worker goes home",
    within: 5000,
  },
  "a worker that has died is not replaced": {
    file: "task/pool/staff.ts",
    from: `    this.#firstError = undefined;
    this.#owner.review();`,
    to: `    this.#firstError = undefined;`,
    scenario: "a worker dies",
    within: 1000,
  },
};
