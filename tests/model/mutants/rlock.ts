// Copyright 2026 the Weft authors. MIT license.

import type { Mutant } from "../plant.ts";

/** Bugs of the re-entrant lock; those of the lock in it are found by way of that one. */
export const rlockMutants: Record<string, Mutant> = {
  "who holds the lock is not looked at, only the owner's word": {
    file: "rlock.ts",
    from: `return this.#core.held && this.#load(ownerWord) === owner;`,
    to: `return this.#load(depthWord) > 0 && this.#load(ownerWord) === owner;`,
    scenario: "two, both twice",
    within: 100,
  },
  "the coroutine is not looked at": {
    file: "rlock.ts",
    from: `return this.#core.held && this.#load(ownerWord) === owner;`,
    to: `return this.#core.held;`,
    scenario: "two coroutines",
    within: 100,
  },
  "the depth goes on where the dead one left it": {
    file: "rlock.ts",
    from: `this.#store(depthWord, depth);
  }

  #enterAgain`,
    to: `this.#store(depthWord, this.#load(depthWord) + depth);
  }

  #enterAgain`,
    scenario: "the owner dies and is taken over",
    within: 100,
  },
  "a release that frees the lock at once": {
    file: "rlock.ts",
    from: `if (depth === 1) this.#core.release();
    else this.#store(depthWord, depth - 1);`,
    to: `this.#core.release();`,
    scenario: "two, one of them twice",
    within: 100,
  },
  "a release that does not look who holds the lock": {
    file: "rlock.ts",
    from: `if (!this.#isOwned(currentOwner())) {
      throw`,
    to: `if (!this.locked) {
      throw`,
    scenario: "a release by another",
    within: 100,
  },
  "the token of the holder is lost where somebody waits": {
    file: "lock_core.ts",
    from: `return (this.#memory.load(this.#index) & holder) === this.#token;`,
    to: `return this.#memory.load(this.#index) === this.#token;`,
    scenario: "two, one of them twice",
    within: 100,
  },
};
