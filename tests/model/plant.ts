// Copyright 2026 the Weft authors. MIT license.

/** A bug to plant into the code itself, or a constant to make smaller: an edit of its text. */
export interface Edit {
  /** A file of sync/. */
  readonly file: string;
  /** What is there, once. */
  readonly from: string;
  readonly to: string;
}

/** A bug that a search must find. */
export interface Mutant extends Edit {
  /** The scenario in which it comes upon it. */
  readonly scenario: string;
  /** The schedules that it may take. */
  readonly within: number;
}

/** The modules of sync/ that scenarios use. */
interface Modules {
  "lock_core.ts": typeof import("../../sync/lock_core.ts");
  "barrier.ts": typeof import("../../sync/barrier.ts");
  "bounded_semaphore.ts": typeof import("../../sync/bounded_semaphore.ts");
  "condition.ts": typeof import("../../sync/condition.ts");
  "event.ts": typeof import("../../sync/event.ts");
  "lock.ts": typeof import("../../sync/lock.ts");
  "owner.ts": typeof import("../../sync/owner.ts");
  "rlock.ts": typeof import("../../sync/rlock.ts");
  "rw_lock.ts": typeof import("../../sync/rw_lock.ts");
  "semaphore.ts": typeof import("../../sync/semaphore.ts");
  "shared_object.ts": typeof import("../../sync/shared_object.ts");
  "signal.ts": typeof import("../../sync/signal.ts");
}

/** Loads a module of sync/, as it is or with edits. */
export type Load = <File extends keyof Modules>(file: File) => Promise<Modules[File]>;

const sync = new URL("../../sync/", import.meta.url);

/** Lets `use` load modules with edits. */
export async function withEdits<T>(
  edits: readonly Edit[],
  use: (load: Load) => Promise<T>,
): Promise<T> {
  const copy = new Copy(await Deno.makeTempDir(), edits);
  try {
    return await use((file) => copy.load(file));
  } finally {
    await Deno.remove(copy.folder, { recursive: true });
  }
}

/** Files of sync/ that import each other in a folder of their own, and the memories from sync/. */
class Copy {
  readonly folder: string;
  readonly #edits: readonly Edit[];
  readonly #files = new Set<string>();

  constructor(folder: string, edits: readonly Edit[]) {
    this.folder = folder;
    this.#edits = edits;
  }

  async load<File extends keyof Modules>(file: File): Promise<Modules[File]> {
    await this.#copy(file);
    return await import(`file://${this.folder}/${file}`);
  }

  async #copy(file: string): Promise<void> {
    if (this.#files.has(file)) return;
    this.#files.add(file);
    let text = await Deno.readTextFile(new URL(file, sync));
    for (const edit of this.#edits) {
      if (edit.file !== file) continue;
      if (text.split(edit.from).length !== 2) {
        throw new Error(`Cannot edit ${file} as it has changed: "${edit.from}" is not there once`);
      }
      text = text.replace(edit.from, () => edit.to);
    }
    const imported: string[] = [];
    text = text.replaceAll(/(?<=from |import )"(\.[^"]+)"/g, (whole, specifier) => {
      const inside = /^\.\/(\w+\.ts)$/.exec(specifier)?.[1];
      if (inside === undefined) return `"${new URL(specifier, sync)}"`;
      imported.push(inside);
      return whole;
    });
    await Deno.writeTextFile(`${this.folder}/${file}`, text);
    for (const inside of imported) await this.#copy(inside);
  }
}
