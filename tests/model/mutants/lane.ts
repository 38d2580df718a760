// Copyright 2026 the Weft authors. MIT license.

import type { Mutant } from "../plant.ts";

const lane = "channel/_lane.ts";
const tally = "channel/_tally.ts";

/** Bugs of the lane, of the tally beside it, and of what they expect of a signal. */
export const laneMutants: Record<string, Mutant> = {
  "nobody is told of an item": {
    file: lane,
    from: `  #afterPut(): void {
    this.items.wake();`,
    to: `  #afterPut(): void {`,
    scenario: "one takes",
    within: 100,
  },
  "nobody is told of room": {
    file: lane,
    from: `    if (this.#store.limited) this.room.wake();`,
    to: ``,
    scenario: "one waits for room",
    within: 100,
  },
  "the next that takes is not told of more": {
    file: lane,
    from: `    if (this.items.marked && this.size > 0) this.items.wake();`,
    to: ``,
    scenario: "two take",
    within: 1000,
  },
  "the next that puts is not told of more room": {
    file: lane,
    from: `    if (this.#store.limited && this.room.marked && !this.isFull) this.room.wake();`,
    to: ``,
    scenario: "two wait for room",
    within: 1000,
  },
  "an item is told of before it is there": {
    file: lane,
    from: `    const again = this.#store.tryPut(item, this.#refuse, false, priority);
    if (again !== undefined) {`,
    to: `    this.items.wake();
    this.items.wake = () => {};
    const again = this.#store.tryPut(item, this.#refuse, false, priority);
    if (again !== undefined) {`,
    scenario: "one takes",
    within: 1000,
  },
  "a thread that has waited for room tells nobody of its item": {
    file: lane,
    from: `      if (!this.room.waitSync(again, timeout)) throw this.#errors.full(item, timeout);
    }
    this.#afterPut();`,
    to: `      if (!this.room.waitSync(again, timeout)) throw this.#errors.full(item, timeout);
    } else this.#afterPut();`,
    scenario: "one waits for room",
    within: 1000,
  },
  "a coroutine that has waited for room tells nobody of its item": {
    file: lane,
    from: `        throw isOver(error, options) ? this.#errors.full(item, options.timeout) : error;
      }
    }
    this.#afterPut();`,
    to: `        throw isOver(error, options) ? this.#errors.full(item, options.timeout) : error;
      }
    } else this.#afterPut();`,
    scenario: "two coroutines wait for room",
    within: 1000,
  },
  "a coroutine that has taken tells nobody of the rest": {
    file: lane,
    from: `    this.#afterTake();
    return taken!.bytes`,
    to: `    return taken!.bytes`,
    scenario: "a coroutine and a thread take",
    within: 1000,
  },
  "who tries to put tells nobody of it": {
    file: lane,
    from: `    this.#afterPut();
    return true;`,
    to: `    return true;`,
    scenario: "one tries to put",
    within: 100,
  },
  "who tries to take tells nobody of it": {
    file: lane,
    from: `    if (taken === undefined) return undefined;
    this.#afterTake();`,
    to: `    if (taken === undefined) return undefined;`,
    scenario: "one tries to take",
    within: 100,
  },
  "the second coroutine takes before the first": {
    file: lane,
    from: `this.items.waiting > 0 ? undefined : this.#pull(true);`,
    to: `this.#pull(true);`,
    scenario: "two coroutines take",
    within: 1000,
  },
  "who takes is not told of the end": {
    file: lane,
    from: `    this.items.wakeAll();`,
    to: ``,
    scenario: "two take, it is closed",
    within: 100,
  },
  "one of those who take is told of the end": {
    file: lane,
    from: `    this.items.wakeAll();`,
    to: `    this.items.wake();`,
    scenario: "two take, it is closed",
    within: 100,
  },
  "who waits for room is not told of the end": {
    file: lane,
    from: `    this.room.wakeAll();`,
    to: ``,
    scenario: "one waits for room, it is closed",
    within: 100,
  },
  "the end is looked at after the items": {
    file: lane,
    from: `    const last = this.#store.tryTake(canLoad);`,
    to: `    const last = undefined;`,
    scenario: "it is closed after an item",
    within: 1000,
  },

  "coroutines do not look for what nobody has told them": {
    file: "signal.ts",
    from: `        this.#queue.serve();
      },`,
    to: `      },`,
    scenario: "nobody says so, coroutines take",
    within: 1000,
  },

  "nobody is told that all is done": {
    file: tally,
    from: `      if (next === this.#total()) this.#signal.wakeAll();`,
    to: ``,
    scenario: "all is done",
    within: 1000,
  },
  "one is told that all is done": {
    file: tally,
    from: `this.#signal.wakeAll();`,
    to: `this.#signal.wake();`,
    scenario: "all is done by two",
    within: 1000,
  },
  "all counts as done but for the last": {
    file: tally,
    from: `if (next === this.#total()) this.#signal`,
    to: `if (done === this.#total()) this.#signal`,
    scenario: "all is done",
    within: 1000,
  },
  "done is counted by load and store": {
    file: tally,
    from: `      if (this.#memory.compareExchange(this.#index, done, next) !== done) continue;`,
    to: `      this.#memory.store(this.#index, next);`,
    scenario: "all is done by two",
    within: 5000,
  },
};
