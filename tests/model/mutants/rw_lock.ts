// Copyright 2026 the Weft authors. MIT license.

import type { Mutant } from "../plant.ts";

/** Bugs of the read-write lock and of the roster of its readers. */
export const rwLockMutants: Record<string, Mutant> = {
  "a reader that looks at the door before it goes in": {
    file: "rw_lock.ts",
    from: `if (this.#door.waiting > 0 || !this.#readers.enter()) return false;
    if (this.#door.free) return true;`,
    to: `if (this.#door.waiting > 0 || !this.#door.free) return false;
    if (this.#readers.enter()) return true;`,
    scenario: "a reader and a writer",
    within: 1100,
  },
  "a writer that looks for readers before it shuts the door": {
    file: "rw_lock.ts",
    from: `if (this.#readers.isEmpty) {
      this.#store`,
    to: `if (this.#readers.size >= 0) {
      this.#store`,
    scenario: "a reader and a writer",
    within: 3200,
  },
  "a reader that leaves without telling": {
    file: "rw_lock.ts",
    from: `if (!this.#door.free) this.#tellLeft();`,
    to: ``,
    scenario: "a reader and a writer",
    within: 100,
  },
  "a reader that looks at the door before it leaves": {
    file: "rw_lock.ts",
    from: `if (!this.#readers.leave()) return false;
    if (!this.#door.free) this.#tellLeft();`,
    to: `const { free } = this.#door;
    if (!this.#readers.leave()) return false;
    if (!free) this.#tellLeft();`,
    scenario: "a reader and a writer",
    within: 100,
  },
  "a writer that looks at the word after it has looked for readers": {
    file: "rw_lock.ts",
    from: `const seen = this.#load(leftWord);
    return this.#readers.isEmpty ? undefined : seen;`,
    to: `return this.#readers.isEmpty ? undefined : this.#load(leftWord);`,
    scenario: "a reader and a writer",
    within: 500,
  },
  "a word that does not change when a reader leaves": {
    file: "rw_lock.ts",
    from: `this.#memory.add(this.#index + leftWord, 1);`,
    to: ``,
    scenario: "a reader and a writer",
    within: 500,
  },
  "dead readers that are never forgotten": {
    file: "rw_lock.ts",
    from: `    this.#readers.removeDead();
    this.#tellLeft();`,
    to: `    this.#tellLeft();`,
    scenario: "a reader dies",
    within: 100,
  },
  "who left and died before it told": {
    file: "rw_lock.ts",
    from: `    this.#readers.removeDead();
    this.#tellLeft();`,
    to: `    if (this.#readers.removeDead().length > 0) this.#tellLeft();`,
    scenario: "a reader dies, a coroutine writes",
    within: 600,
  },
  "a writer that gives up but keeps the door shut": {
    file: "rw_lock.ts",
    from: `      this.#door.release();
      throw error;`,
    to: `      throw error;`,
    scenario: "a writer gives up",
    within: 300,
  },
  "a coroutine that gives up writing but keeps the door shut": {
    file: "rw_lock.ts",
    from: `      this.#door.release();
      throw deadline.explain(error, options);`,
    to: `      throw deadline.explain(error, options);`,
    scenario: "a coroutine that writes gives up",
    within: 1400,
  },
  "everybody is told of a dead writer": {
    file: "rw_lock.ts",
    from: `if (this.#memory.exchange(this.#index + writingWord, 0) === 0 || recover) return;`,
    to: `if (this.#load(writingWord) === 0 || recover) return;`,
    scenario: "a writer dies",
    within: 100,
  },
  "nobody is told of a dead writer": {
    file: "rw_lock.ts",
    from: `      this.#store(writingWord, 1);
      return true;`,
    to: `      return true;`,
    scenario: "a writer dies",
    within: 100,
  },
  "a write that counts after its end": {
    file: "rw_lock.ts",
    from: `if (this.#memory.exchange(this.#index + writingWord, 0) === 0) {`,
    to: `if (this.#load(writingWord) === 0) {`,
    scenario: "two writers",
    within: 100,
  },
  "a thread that opens the door before it goes in": {
    file: "rw_lock.ts",
    from: `      this.#passSync(this.#enter, options, deadline);
      this.#door.release();`,
    to: `      this.#door.release();
      this.#passSync(this.#enter, options, deadline);
      this.#door.acquireSync({ recover: true });
      this.#door.release();`,
    scenario: "a writer dies while a reader is inside",
    within: 100,
  },
  "a slot that two may take": {
    file: "roster.ts",
    from: `if (memory.compareExchange(slot, 0, this.#token) !== 0) continue;`,
    to: `memory.store(slot, this.#token);`,
    scenario: "two readers and a writer",
    within: 12_800,
  },
  "a slot that nobody looks at": {
    file: "roster.ts",
    from: `memory.compareExchange(this.#index, used, i + 1);`,
    to: `break;`,
    scenario: "a reader and a writer",
    within: 100,
  },
  "a slot that is freed by the first coroutine to leave": {
    file: "roster.ts",
    from: `if (count === 0) this.#memory.store(slot, 0);`,
    to: `this.#memory.store(slot, 0);`,
    scenario: "coroutines read, a thread writes",
    within: 100,
  },
  "coroutines that are not counted": {
    file: "roster.ts",
    from: `this.#memory.store(slot + countWord, this.#memory.load(slot + countWord) + 1);`,
    to: `this.#memory.store(slot + countWord, 1);`,
    scenario: "coroutines read, a thread writes",
    within: 100,
  },
  "the living are taken for dead": {
    file: "roster.ts",
    from: `token === this.#token || this.#memory.isAlive(token)`,
    to: `token === this.#token`,
    scenario: "one tries to write",
    within: 300,
  },
  "the line is served by an attempt of its first": {
    file: "_wait_queue.ts",
    from: `if (this.#serving || this.#line.length === 0) return false;`,
    to: `if (this.#line.length === 0) return false;`,
    scenario: "coroutines read and write, a thread writes",
    within: 600,
  },
};
