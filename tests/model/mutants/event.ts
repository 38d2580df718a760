// Copyright 2026 the Weft authors. MIT license.

import type { Mutant } from "../plant.ts";

/** Bugs of the event and of the queue of waits under it. */
export const eventMutants: Record<string, Mutant> = {
  "set() without notify": {
    file: "event.ts",
    from: `    this.#queue.serve();
    this.#memory.notify(this.#index, everybody);`,
    to: ``,
    scenario: "one waits",
    within: 100,
  },
  "set() wakes one": {
    file: "event.ts",
    from: `this.#memory.notify(this.#index, everybody);`,
    to: `this.#memory.notify(this.#index, 1);`,
    scenario: "two wait",
    within: 100,
  },
  "no generation: who waits looks whether it is set": {
    file: "event.ts",
    from: `return (seen & 1) === 1 || seen !== first ? undefined : seen;`,
    to: `return (seen & 1) === 1 ? undefined : seen;`,
    scenario: "it is cleared at once",
    within: 100,
  },
  "a word that is compared as if it only grew": {
    file: "event.ts",
    from: `seen !== first ? undefined`,
    to: `seen > first ? undefined`,
    scenario: "the sign changes",
    within: 100,
  },
  "a word of 0 that stands for an event never set": {
    file: "event.ts",
    from: `seen !== first ? undefined`,
    to: `seen !== first && seen !== 0 ? undefined`,
    scenario: "the word wraps around",
    within: 100,
  },
  "a generation that is looked at anew after each wake-up": {
    file: "event.ts",
    from: `    const first = this.#load();
    return () => {`,
    to: `    let first = this.#load();
    return () => {
      if ((this.#load() & 1) === 0) first = this.#load();`,
    scenario: "it is cleared at once",
    within: 100,
  },
  "a flip by add": {
    file: "event.ts",
    from: `if (this.#memory.compareExchange(this.#index, seen, next) === seen) return true;`,
    to: `this.#memory.add(this.#index, 1); return true;`,
    scenario: "two set",
    within: 100,
  },
  "who waits while it is set waits for the next time": {
    file: "event.ts",
    from: `return (seen & 1) === 1 || seen !== first ? undefined : seen;`,
    to: `return seen !== first ? undefined : seen;`,
    scenario: "one waits",
    within: 100,
  },
  "no recheck after a wake-up": {
    file: "_wait_queue.ts",
    from: `waited = performance.now() - start;`,
    to: `waited = performance.now() - start;
      if (result === "ok") return true;`,
    scenario: "one waits",
    within: 100,
  },
  "a wait that is given up but stays in line": {
    file: "_wait_queue.ts",
    from: `this.#line.splice(at, 1);`,
    to: ``,
    scenario: "a coroutine that times out",
    within: 200,
  },
  "a line that ends with its first": {
    file: "_wait_queue.ts",
    from: `if (this.#serve() === undefined) continue;`,
    to: `if (this.#serve() === undefined) break;`,
    scenario: "three wait, two of them in one isolate",
    within: 100,
  },
  "who sleeps for an isolate does not look at the word": {
    file: "_wait_queue.ts",
    from: `if (this.#memory.load(this.#index) !== this.#seen) this.#memory.notify(this.#index, 1);`,
    to: ``,
    scenario: "one of two who set dies",
    within: 100,
  },
};
