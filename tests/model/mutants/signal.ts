// Copyright 2026 the Weft authors. MIT license.

import type { Mutant } from "../plant.ts";

/** Bugs of the signal. */
export const signalMutants: Record<string, Mutant> = {
  "no second look after the mark": {
    file: "signal.ts",
    from: `return tryOnce() ? undefined : seen;`,
    to: `return seen;`,
    scenario: "one takes",
    within: 100,
  },
  "no mark": {
    file: "signal.ts",
    from: `const marked = seen | sleeping;`,
    to: `const marked = seen;`,
    scenario: "one takes",
    within: 100,
  },
  "a word that is not unmarked": {
    file: "signal.ts",
    from: `if (this.#queue.handOver()) return;
    const next = (seen + sleeping) | 0;`,
    to: `if (this.#queue.handOver()) return;
    const next = seen;`,
    scenario: "one takes",
    within: 1000,
  },
  "no mark by who has slept": {
    file: "signal.ts",
    from: `if (waited !== undefined) this.#mark();`,
    to: ``,
    scenario: "two take",
    within: 3000,
  },
  "no notify": {
    file: "signal.ts",
    from: `    this.#memory.notify(this.#index, 1);`,
    to: ``,
    scenario: "one takes",
    within: 100,
  },
  "wakeAll() wakes one": {
    file: "signal.ts",
    from: `this.#memory.add(this.#index, 2);
    this.#queue.serve();
    this.#memory.notify(this.#index, everybody);`,
    to: `this.#memory.add(this.#index, 2);
    this.#queue.serve();
    this.#memory.notify(this.#index, 1);`,
    scenario: "all are woken",
    within: 1000,
  },
  "wakeAll() leaves the word": {
    file: "signal.ts",
    from: `    this.#memory.add(this.#index, 2);`,
    to: ``,
    scenario: "all are woken",
    within: 1000,
  },

  "wakeEach() wakes one": {
    file: "signal.ts",
    from: `    // Whoever has changed it meanwhile has woken all.
    if (this.#memory.compareExchange(this.#index, seen, next) !== seen) return;
    this.#queue.serve();
    this.#memory.notify(this.#index, everybody);`,
    to: `    if (this.#memory.compareExchange(this.#index, seen, next) !== seen) return;
    this.#queue.serve();
    this.#memory.notify(this.#index, 1);`,
    scenario: "each is woken",
    within: 1000,
  },
};
