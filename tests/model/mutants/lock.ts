// Copyright 2026 the Weft authors. MIT license.

import type { Mutant } from "../plant.ts";

/** Bugs of the lock and of the queue of waits under it. */
export const lockMutants: Record<string, Mutant> = {
  "no recheck after a wake-up": {
    file: "_wait_queue.ts",
    from: `if (result === "timed-out") this.#probe?.();`,
    to: `if (result === "ok") return true; else if (result === "timed-out") this.#probe?.();`,
    scenario: "two",
    within: 100,
  },
  "release without notify": {
    file: "_lock_core.ts",
    from: `if (before < 0) this.#memory.notify(this.#index, 1);\n    else if`,
    to: `if`,
    scenario: "two",
    within: 100,
  },
  "release by a store, which loses the mark": {
    file: "_lock_core.ts",
    from: `const before = this.#memory.exchange(this.#index, 0);`,
    to: `const before = this.#memory.load(this.#index); this.#memory.store(this.#index, 0);`,
    scenario: "two",
    within: 100,
  },
  "no mark of a waiter": {
    file: "_lock_core.ts",
    from: `const marked = seen | waiting;`,
    to: `const marked = seen;`,
    scenario: "two",
    within: 100,
  },
  "no mark of who has slept": {
    file: "_lock_core.ts",
    from: `own = this.#token | waiting;`,
    to: `own = this.#token;`,
    scenario: "three",
    within: 300,
  },
  "no mark of the one that slept for the line": {
    file: "_lock_core.ts",
    from: `this.#queue.size > 0 ? this.#token | waiting : own;`,
    to: `own;`,
    scenario: "an abort in line while a thread waits",
    within: 300_000,
  },
  "a timeout that consumes a wake-up": {
    file: "_wait_queue.ts",
    from: `const seen = attempt();
      if (seen === undefined) return true;
      const rest = end - performance.now();
      if (rest <= 0) return false;`,
    to: `const rest = end - performance.now();
      if (rest <= 0) return false;
      const seen = attempt();
      if (seen === undefined) return true;`,
    scenario: "a timeout",
    within: 600,
  },
  "taking by load and store": {
    file: "_lock_core.ts",
    from: `if (this.#memory.compareExchange(this.#index, 0, this.#token) !== 0) return false;`,
    to: `if (this.#memory.load(this.#index) !== 0) return false;
    this.#memory.store(this.#index, this.#token);`,
    scenario: "two",
    within: 100,
  },
  "no look for the dead": {
    file: "_lock_core.ts",
    from: `if (this.#memory.isAlive(token)) return;`,
    to: `return;`,
    scenario: "the first dies",
    within: 100,
  },
  "the dead one's lock taken twice": {
    file: "_lock_core.ts",
    from: `if (this.#memory.compareExchange(this.#index, seen, next) !== seen) continue;`,
    to: `this.#memory.store(this.#index, next);`,
    scenario: "the first of three dies",
    within: 3000,
  },
  "a wait that is given up but stays in line": {
    file: "_wait_queue.ts",
    from: `this.#line.splice(at, 1);`,
    to: ``,
    scenario: "an abort in line",
    within: 5000,
  },
  "a line that ends with its first": {
    file: "_wait_queue.ts",
    from: `const seen = this.#serve();
      if (seen === undefined) continue;`,
    to: `const seen = this.#serve();
      if (seen === undefined) break;`,
    scenario: "two coroutines and a thread",
    within: 1000,
  },
};
