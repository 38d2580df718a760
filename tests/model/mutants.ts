// Copyright 2026 the Weft authors. MIT license.

import type { LockCore } from "../../sync/_lock_core.ts";

export type LockClass = typeof LockCore;

interface Edit {
  readonly file: "_lock_core.ts" | "_wait_queue.ts";
  readonly from: string;
  readonly to: string;
}

/** Bugs to plant into the code itself, each an edit of its text. */
export const mutants = {
  "no recheck after a wake-up": {
    file: "_wait_queue.ts",
    from: `if (result === "timed-out") this.#probe?.();`,
    to: `if (result === "ok") return true; else if (result === "timed-out") this.#probe?.();`,
  },
  "release without notify": {
    file: "_lock_core.ts",
    from: `if (before < 0) this.#memory.notify(this.#index, 1);\n    else if`,
    to: `if`,
  },
  "release by a store, which loses the mark": {
    file: "_lock_core.ts",
    from: `const before = this.#memory.exchange(this.#index, 0);`,
    to: `const before = this.#memory.load(this.#index); this.#memory.store(this.#index, 0);`,
  },
  "no mark of a waiter": {
    file: "_lock_core.ts",
    from: `const marked = seen | waiting;`,
    to: `const marked = seen;`,
  },
  "no mark of who has slept": {
    file: "_lock_core.ts",
    from: `own = this.#token | waiting;`,
    to: `own = this.#token;`,
  },
  "no mark of the one that slept for the line": {
    file: "_lock_core.ts",
    from: `this.#queue.size > 0 ? this.#token | waiting : own;`,
    to: `own;`,
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
  },
  "taking by load and store": {
    file: "_lock_core.ts",
    from: `if (this.#memory.compareExchange(this.#index, 0, this.#token) !== 0) return false;`,
    to: `if (this.#memory.load(this.#index) !== 0) return false;
    this.#memory.store(this.#index, this.#token);`,
  },
  "no look for the dead": {
    file: "_lock_core.ts",
    from: `if (this.#memory.isAlive(token)) return;`,
    to: `return;`,
  },
  "the dead one's lock taken twice": {
    file: "_lock_core.ts",
    from: `if (this.#memory.compareExchange(this.#index, seen, next) !== seen) continue;`,
    to: `this.#memory.store(this.#index, next);`,
  },
  "a wait that is given up but stays in line": {
    file: "_wait_queue.ts",
    from: `this.#line.splice(at, 1);`,
    to: ``,
  },
  "a line that ends with its first": {
    file: "_wait_queue.ts",
    from: `const seen = this.#serve();
      if (seen === undefined) continue;`,
    to: `const seen = this.#serve();
      if (seen === undefined) break;`,
  },
} satisfies Record<string, Edit>;

export type MutantName = keyof typeof mutants;

/** Loads the lock with a bug. */
export async function loadMutant(name: MutantName): Promise<LockClass> {
  const edit: Edit = mutants[name];
  const sync = new URL("../../sync/", import.meta.url);
  const folder = await Deno.makeTempDir();
  try {
    for (const file of ["_lock_core.ts", "_wait_queue.ts"]) {
      let text = await Deno.readTextFile(new URL(file, sync));
      if (file === edit.file) {
        if (!text.includes(edit.from)) {
          throw new Error(`Cannot plant "${name}" as ${file} has changed: adapt mutants.ts`);
        }
        text = text.replace(edit.from, () => edit.to);
      }
      text = text.replaceAll(/(from ")\.\/(?!_wait_queue)/g, `$1${sync}`);
      await Deno.writeTextFile(`${folder}/${file}`, text);
    }
    const module = await import(`file://${folder}/_lock_core.ts`);
    return module.LockCore;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
