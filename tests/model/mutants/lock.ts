// Copyright 2026 the Weft authors. MIT license.

import type { Mutant } from "../plant.ts";

/** Bugs of the lock and of the queue of waits under it. */
export const lockMutants: Record<string, Mutant> = {
  "no recheck after a wake-up": {
    file: "_wait_queue.ts",
    from: `waited = performance.now() - start;`,
    to: `waited = performance.now() - start;
      if (result === "ok") return true;`,
    scenario: "two",
    within: 100,
  },
  "release without notify": {
    file: "lock_core.ts",
    from:
      `if (seen < 0 && !(next === 0 && this.#queue.handOver())) this.#memory.notify(this.#index, 1);`,
    to: ``,
    scenario: "two",
    within: 100,
  },
  "release by a store, which loses the mark": {
    file: "lock_core.ts",
    from:
      `if (this.#memory.compareExchange(this.#index, this.#token, 0) !== this.#token) this.#hand();`,
    to: `if (this.#memory.load(this.#index) !== this.#token) this.#hand();
      else this.#memory.store(this.#index, 0);`,
    scenario: "two",
    within: 100,
  },
  "no mark of a waiter": {
    file: "lock_core.ts",
    from: `const marked = seen | waiting |`,
    to: `const marked = seen |`,
    scenario: "two",
    within: 100,
  },
  "no mark of who has slept": {
    file: "lock_core.ts",
    from: `own = this.#token | waiting;
          const marked`,
    to: `const marked`,
    scenario: "three",
    within: 100,
  },
  "no mark of the one that slept for the line": {
    file: "lock_core.ts",
    from: `this.#queue.size > 0 ? this.#token | waiting : own;`,
    to: `own;`,
    scenario: "an abort in line while a thread waits",
    within: 9500,
  },
  "a timeout that consumes a wake-up": {
    file: "_wait_queue.ts",
    from: `const seen = attempt(waited);
      if (seen === undefined) return true;
      const rest = timeout - (waited ?? 0);
      if (rest <= 0) return false;`,
    to: `const rest = timeout - (waited ?? 0);
      if (rest <= 0) return false;
      const seen = attempt(waited);
      if (seen === undefined) return true;`,
    scenario: "a timeout",
    within: 400,
  },
  "taking by load and store": {
    file: "lock_core.ts",
    from: `if (this.#memory.compareExchange(this.#index, from, to) !== from) return false;`,
    to: `if (this.#memory.load(this.#index) !== from) return false;
    this.#memory.store(this.#index, to);`,
    scenario: "two",
    within: 300,
  },
  "no look for the dead": {
    file: "lock_core.ts",
    from: `    const next = abandoned | waiting;`,
    to: `    if (token !== abandoned) return;
    const next = abandoned | waiting;`,
    scenario: "the first dies",
    within: 100,
  },
  "the dead one's lock taken twice": {
    file: "lock_core.ts",
    from: `const next = recover ? this.#token | waiting : 0;
          if (this.#memory.compareExchange(this.#index, seen, next) !== seen) continue;`,
    to: `const next = recover ? this.#token | waiting : 0;
          this.#memory.store(this.#index, next);`,
    scenario: "the first of three dies",
    within: 600,
  },
  "a wait that is given up but stays in line": {
    file: "_wait_queue.ts",
    from: `this.#line.splice(at, 1);`,
    to: ``,
    scenario: "an abort in line",
    within: 900,
  },
  "nobody is woken although nobody of the own isolate waits": {
    file: "lock_core.ts",
    from: `!(next === 0 && this.#queue.handOver())`,
    to: `next !== 0`,
    scenario: "two",
    within: 100,
  },
};

/** Bugs of a lock that is kept for those who have slept, found where that is at once. */
export const urgentLockMutants: Record<string, Mutant> = {
  "an urgency that does not end with who has left": {
    file: "lock_core.ts",
    from: `    this.#calm();
    throw timeoutError(timeout);`,
    to: `    throw timeoutError(timeout);`,
    scenario: "a timeout",
    within: 3000,
  },
  "an urgency that does not end with who has left its line": {
    file: "lock_core.ts",
    from: `      this.#calm();
      throw error;`,
    to: `      throw error;`,
    scenario: "an abort of three",
    within: 20_000,
  },
  "an urgency that ends without notify": {
    file: "lock_core.ts",
    from: `if (next === 0) this.#memory.notify(this.#index, 1);`,
    to: ``,
    scenario: "a timeout",
    within: 15_000,
  },
  "an urgency that ends by a store": {
    file: "lock_core.ts",
    from: `const next = (seen & holder) === 0 ? 0 : seen & ~urgent;
      if (this.#memory.compareExchange(this.#index, seen, next) !== seen) continue;`,
    to: `const next = (seen & holder) === 0 ? 0 : seen & ~urgent;
      this.#memory.store(this.#index, next);`,
    scenario: "two timeouts in slices",
    within: 3000,
  },
  "a lock kept for who has slept that is taken without the mark": {
    file: "lock_core.ts",
    from: `          if (seen !== 0) {
            own = this.#token | waiting;
            if`,
    to: `          if (seen !== 0) {
            own = this.#token;
            if`,
    scenario: "a timeout",
    within: 1000,
  },
  "nobody looks after a lock kept for one who has died": {
    file: "lock_core.ts",
    from: `if (token === 0 && seen !== 0) this.#memory.notify(this.#index, 1);`,
    to: ``,
    scenario: "who is in a hurry dies, a coroutine waits",
    within: 15_000,
  },
};
