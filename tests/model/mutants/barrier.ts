// Copyright 2026 the Weft authors. MIT license.

import type { Mutant } from "../plant.ts";

/** Bugs of the barrier. */
export const barrierMutants: Record<string, Mutant> = {
  "a round that ends without notify": {
    file: "barrier.ts",
    from: `    this.#queue.serve();
    this.#memory.notify(this.#index + generationWord, everybody);`,
    to: ``,
    scenario: "two",
    within: 100,
  },
  "a round that ends and wakes one": {
    file: "barrier.ts",
    from: `this.#memory.notify(this.#index + generationWord, everybody);`,
    to: `this.#memory.notify(this.#index + generationWord, 1);`,
    scenario: "three",
    within: 100,
  },
  "no generation: who waits looks whether all have come": {
    file: "barrier.ts",
    from: `return () => this.#load(generationWord) === generation ? generation : undefined;`,
    to: `return () => this.#load(arrivedWord) !== 0 ? generation : undefined;`,
    scenario: "two, twice",
    within: 1000,
  },
  "a generation that is compared as if it only grew": {
    file: "barrier.ts",
    from: `return () => this.#load(generationWord) === generation ? generation : undefined;`,
    to: `return () => this.#load(generationWord) <= generation ? generation : undefined;`,
    scenario: "two near the sign, twice",
    within: 100,
  },
  "an age that is not taken with the wrap": {
    file: "_round_ends.ts",
    from: `const age = (current - generation) | 0;`,
    to: `const age = current - generation;`,
    scenario: "two near the sign, twice",
    within: 100,
  },
  "a round that does not count anew": {
    file: "barrier.ts",
    from: `    this.#store(arrivedWord, 0);
    this.#store(generationWord`,
    to: `    this.#store(generationWord`,
    scenario: "two, twice",
    within: 100,
  },
  "arrivals without the lock": {
    file: "barrier.ts",
    from: `    this.#core.acquireSync({ recover: true }, (recovered) => recovered && this.#break());
    try {`,
    to: `    if (this.#core.locked) return action();
    this.#core.acquireSync({ recover: true }, (recovered) => recovered && this.#break());
    try {`,
    scenario: "two",
    within: 1000,
  },
  "who gives up stays counted": {
    file: "barrier.ts",
    from: `this.#store(arrivedWord, arrived - 1);`,
    to: ``,
    scenario: "one gives up",
    within: 100,
  },
  "who gives up does not give back its index": {
    file: "barrier.ts",
    from: `this.#indices.giveBack(index);`,
    to: ``,
    scenario: "an index that was given back is given again",
    within: 400,
  },
  "who gives up stays in the roster": {
    file: "barrier.ts",
    from: `this.#roster.leave();
        this.#indices.giveBack(index);`,
    to: `this.#indices.giveBack(index);`,
    scenario: "one gives up",
    within: 100,
  },
  "who gives up although the round has ended": {
    file: "barrier.ts",
    from: `if (this.#load(generationWord) !== generation) return`,
    to: `if (this.#load(generationWord) < generation) return`,
    scenario: "one gives up",
    within: 14_600,
  },
  "who gives up takes away an arrival of a full round": {
    file: "barrier.ts",
    from: `        if (arrived === this.#parties) return`,
    to: `        if (arrived > this.#parties) return`,
    scenario: "one gives up",
    within: 4900,
  },
  "who comes to a full round counts": {
    file: "barrier.ts",
    from: `if (arrived === this.#parties) return { generation, index: undefined, isLast: false };`,
    to: ``,
    scenario: "one gives up",
    within: 4600,
  },
  "the action of every party": {
    file: "barrier.ts",
    from: `if (arrival.isLast) {
        this.#lookForDead();
        try {
          if (!this.broken) checkSync`,
    to: `if (arrival.isLast || !this.broken) {
        this.#lookForDead();
        try {
          if (!this.broken) checkSync`,
    scenario: "two",
    within: 100,
  },
  "the action after the round has ended": {
    file: "barrier.ts",
    from: `if (!this.broken) checkSync(this.#action?.());`,
    to: `this.#section(() => this.#end(false));`,
    scenario: "two",
    within: 100,
  },
  "an action that throws breaks nothing": {
    file: "barrier.ts",
    from: `if (this.#load(generationWord) === generation) this.#break();`,
    to: `if (this.#load(generationWord) === generation) this.#end(false);`,
    scenario: "the action throws",
    within: 100,
  },
  "who sleeps is not told that it was broken": {
    file: "barrier.ts",
    from: `if (this.#ends.wasBroken(generation, this.#load(generationWord))) throw broken();`,
    to: ``,
    scenario: "it is broken",
    within: 100,
  },
  "a break that wakes nobody": {
    file: "barrier.ts",
    from: `this.#store(brokenWord, 1);
    this.#end(true);`,
    to: `this.#store(brokenWord, 1);`,
    scenario: "it is broken",
    within: 100,
  },
  "a reset that leaves it broken": {
    file: "barrier.ts",
    from: `this.#store(brokenWord, 0);`,
    to: ``,
    scenario: "it is broken and reset",
    within: 100,
  },
  "a reset that does not tell who waits": {
    file: "barrier.ts",
    from: `if (this.#load(arrivedWord) > 0) this.#end(true);`,
    to: `this.#store(arrivedWord, 0);`,
    scenario: "it is reset",
    within: 100,
  },
  "a limit that does not break it": {
    file: "barrier.ts",
    from: `if (breaks)`,
    to: `if (breaks && index === undefined)`,
    scenario: "its own time is over",
    within: 100,
  },
  "nobody looks for the dead": {
    file: "barrier.ts",
    from: `if (this.#roster.removeDead().includes(this.#load(generationWord))) this.#break();`,
    to: ``,
    scenario: "a party dies",
    within: 500,
  },
  "the dead are gone before the barrier is broken": {
    file: "barrier.ts",
    from: `    this.#section(() => {
      if (this.#roster.removeDead().includes(this.#load(generationWord))) this.#break();
    });`,
    to: `    const marks = this.#roster.removeDead();
    this.#section(() => {
      if (marks.includes(this.#load(generationWord))) this.#break();
    });`,
    scenario: "a party has died, nobody passes",
    within: 1300,
  },
  "who dies in a section leaves it as it is": {
    file: "barrier.ts",
    from: `(recovered) => recovered && this.#break()`,
    to: `() => {}`,
    scenario: "a party dies",
    within: 400,
  },
  "the last does not look for the dead": {
    file: "barrier.ts",
    from: `      if (arrival.isLast) {
        this.#lookForDead();
        try {
          if (!this.broken) checkSync`,
    to: `      if (arrival.isLast) {
        try {
          if (!this.broken) checkSync`,
    scenario: "a party has died, nobody passes",
    within: 100,
  },
  "it does not matter that the round has ended otherwise": {
    file: "barrier.ts",
    from: `if (this.#load(generationWord) !== generation) throw broken();`,
    to: ``,
    scenario: "it is broken",
    within: 300,
  },
};
