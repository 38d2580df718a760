// Copyright 2026 the Weft authors. MIT license.

import type { Mutant } from "../plant.ts";

/** Bugs of the semaphore and of the queue of waits under it. */
export const semaphoreMutants: Record<string, Mutant> = {
  "release without notify": {
    file: "semaphore.ts",
    from: `    memory.notify(index + permitsWord, permits);
`,
    to: ``,
    scenario: "two of one",
    within: 100,
  },
  "many permits, but one is woken": {
    file: "semaphore.ts",
    from: `memory.notify(index + permitsWord, permits);`,
    to: `memory.notify(index + permitsWord, 1);`,
    scenario: "one gives two at once",
    within: 100,
  },
  "release by load and store": {
    file: "semaphore.ts",
    from: `if (memory.compareExchange(index + permitsWord, seen, seen + permits) === seen) break;`,
    to: `memory.store(index + permitsWord, seen + permits); break;`,
    scenario: "two give, one takes twice",
    within: 100,
  },
  "a limit that is looked at too early": {
    file: "semaphore.ts",
    from: `if (memory.compareExchange(index + permitsWord, seen, seen + permits) === seen) break;`,
    to: `memory.add(index + permitsWord, permits); break;`,
    scenario: "a release too many",
    within: 100,
  },
  "taking by load and store": {
    file: "semaphore.ts",
    from: `if (memory.compareExchange(index + permitsWord, seen, seen - 1) === seen) return true;`,
    to: `memory.store(index + permitsWord, seen - 1); return true;`,
    scenario: "two isolates",
    within: 100,
  },
  "a release that looks for sleepers too early": {
    file: "semaphore.ts",
    from: `    for (;;) {
      const seen = memory.load(index + permitsWord);
      if (seen + permits > limit)`,
    to: `    if (memory.load(index + sleepersWord) === 0) {
      memory.add(index + permitsWord, permits);
      return;
    }
    for (;;) {
      const seen = memory.load(index + permitsWord);
      if (seen + permits > limit)`,
    scenario: "two of one",
    within: 100,
  },
  "who sleeps is not counted": {
    file: "semaphore.ts",
    from: `memory.add(index + sleepersWord, 1);`,
    to: ``,
    scenario: "two coroutines and a thread",
    within: 100,
  },
  "a wait that stays counted": {
    file: "semaphore.ts",
    from: `memory.add(index + sleepersWord, -1);`,
    to: ``,
    scenario: "two coroutines and a thread",
    within: 100,
  },
  "the count of a line that goes with its first": {
    file: "semaphore.ts",
    from: `if (this.#queue.size === 0) this.#line.leave();`,
    to: `this.#line.leave();`,
    scenario: "an abort in line",
    within: 1100,
  },
  "no recheck after a wake-up": {
    file: "_wait_queue.ts",
    from: `waited = performance.now() - start;`,
    to: `waited = performance.now() - start;
      if (result === "ok") return true;`,
    scenario: "a coroutine and a thread",
    within: 100,
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
  "a wait that is given up but stays in line": {
    file: "_wait_queue.ts",
    from: `this.#line.splice(at, 1);`,
    to: ``,
    scenario: "an abort in line while permits are given",
    within: 100,
  },
  "a line that ends with its first": {
    file: "_wait_queue.ts",
    from: `if (this.#serve() === undefined) continue;`,
    to: `if (this.#serve() === undefined) break;`,
    scenario: "one gives three at once to two coroutines and a thread",
    within: 100,
  },
  "a sleep that is not cancelled by the last to leave": {
    file: "_wait_queue.ts",
    from: `sleep.cancel();`,
    to: ``,
    scenario: "never given",
    within: 100,
  },
  "permits are left over and nobody else is woken": {
    file: "semaphore.ts",
    from: `if (this.#queue.handOver() && this.value === 0) return;`,
    to: `if (this.#queue.handOver()) return;`,
    scenario: "a coroutine gives two at once, one to its own isolate",
    within: 300,
  },
};
