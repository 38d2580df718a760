// Copyright 2026 the Weft authors. MIT license.

import type { Mutant } from "../plant.ts";

/** Bugs of the condition, of its waiters, and of how it gives up its lock. */
export const conditionMutants: Record<string, Mutant> = {
  "a grant without notify": {
    file: "_waiters.ts",
    from: `later(() => this.#memory.notify(slot + grantedWord, 1));`,
    to: `later(() => {});`,
    scenario: "one waits",
    within: 100,
  },
  "the lock is released before the caller waits in line": {
    file: "condition.ts",
    from: `    this.#waiters.enter(line);
    suspension.releaseSync();`,
    to: `    suspension.releaseSync();
    this.#waiters.enter(line);`,
    scenario: "one waits",
    within: 400,
  },
  "who waits does not take the lock again": {
    file: "condition.ts",
    from: `const died = suspension.acquireSync();`,
    to: `const died = false;`,
    scenario: "one waits",
    within: 100,
  },
  "wakes that are put off and forgotten": {
    file: "lock_core.ts",
    from: `for (const action of deferred) action();`,
    to: ``,
    scenario: "one waits",
    within: 100,
  },
  "notify() wakes all": {
    file: "condition.ts",
    from: `this.#notify(count);`,
    to: `this.#notify(Infinity);`,
    scenario: "two wait, one is notified",
    within: 100,
  },
  "notifyAll() wakes one": {
    file: "condition.ts",
    from: `this.#notify(Infinity);`,
    to: `this.#notify(1);`,
    scenario: "two wait, all are notified",
    within: 100,
  },
  "who has waited for the shortest time goes first": {
    file: "_waiters.ts",
    from: `if (first !== undefined && ((age - since) | 0) > 0) continue;`,
    to: `if (first !== undefined && ((age - since) | 0) < 0) continue;`,
    scenario: "who has waited longest goes on",
    within: 100,
  },
  "turns that are compared as if they only grew": {
    file: "_waiters.ts",
    from: `((age - since) | 0) > 0`,
    to: `age > since`,
    scenario: "who has waited longest goes on where the turns change their sign",
    within: 100,
  },
  "who is granted stays pending": {
    file: "_waiters.ts",
    from: `this.#store(first + pendingWord, pending - given);`,
    to: ``,
    scenario: "two wait, all are notified",
    within: 100,
  },
  "who gives up does not look whether it was granted": {
    file: "_waiters.ts",
    from: `if (!granted && this.#untaken(line) > line.queue.size) {`,
    to: `if (!granted && line.size < 0) {`,
    scenario: "a time is over while it is notified",
    within: 900,
  },
  "who is aborted keeps its grant": {
    file: "condition.ts",
    from: `this.#waiters.grant(1, (wake) => suspension.defer(wake));`,
    to: ``,
    scenario: "an abort while one of two is notified",
    within: 100,
  },
  "a slot that is not given back": {
    file: "_waiters.ts",
    from: `      this.#lines.delete(slot);
      this.#store(slot, 0);`,
    to: `      this.#lines.delete(slot);`,
    scenario: "one waits",
    within: 100,
  },
  "a slot that is given back by the first to leave": {
    file: "_waiters.ts",
    from: `if (--line.size === 0) {`,
    to: `line.size--;
    {`,
    scenario: "two coroutines and a thread wait",
    within: 2000,
  },
  "nobody looks for those who have died": {
    file: "condition.ts",
    from: `this.#lock[suspend]().tryWith(() => this.#waiters.removeDead());`,
    to: ``,
    scenario: "one of two who wait dies",
    within: 100,
  },
  "what was granted to those who have died is lost": {
    file: "_waiters.ts",
    from: `this.grant(lost);`,
    to: ``,
    scenario: "one of two who wait dies",
    within: 100,
  },
  "a lock that one who died holds keeps all from looking": {
    file: "_suspension.ts",
    from: `this.#core.tryWith(action);`,
    to: `if (!this.#core.tryAcquire()) return;
    action();
    this.#core.release();`,
    scenario: "one of two who wait dies",
    within: 100,
  },
  "a grant that is lost if who notifies dies": {
    file: "_waiters.ts",
    from: `      this.#memory.add(first + grantedWord, given);
      this.#store(first + pendingWord, pending - given);`,
    to: `      this.#store(first + pendingWord, pending - given);
      this.#memory.add(first + grantedWord, given);`,
    scenario: "who notifies dies",
    within: 100,
  },
  "a lock that is held twice is released once": {
    file: "_suspension.ts",
    from: `this.#given = this.#ownership?.depth() ?? 1;
    this.#core.release();`,
    to: `this.#given = this.#ownership?.depth() ?? 1;
    if (this.#given > 1) return;
    this.#core.release();`,
    scenario: "a lock that is held twice",
    within: 100,
  },
  "a lock that was held twice is held once": {
    file: "_suspension.ts",
    from: `this.#given = this.#ownership?.depth() ?? 1;`,
    to: ``,
    scenario: "a lock that is held twice",
    within: 100,
  },
  "waitFor() does not look again": {
    file: "condition.ts",
    from: `this.waitSync({ timeout: deadline.rest });`,
    to: `this.waitSync({ timeout: deadline.rest });
        return predicate();`,
    scenario: "two take what one puts",
    within: 800,
  },
  "a wake-up between the look and the sleep is lost": {
    file: "_waiters.ts",
    from: `if (granted === line.taken) return granted;`,
    to: `if (granted === line.taken) return this.#load(line.slot + grantedWord);`,
    scenario: "one waits",
    within: 400,
  },
};
