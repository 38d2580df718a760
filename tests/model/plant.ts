// Copyright 2026 the Weft authors. MIT license.

/** A bug to plant into the code itself, or a constant to make smaller: an edit of its text. */
export interface Edit {
  /** A file of sync/, or `channel/` or `task/pool/` and a file of it. */
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

/** The modules that scenarios use: of sync/ if there is no other folder. */
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
  "channel/_lane.ts": typeof import("../../channel/_lane.ts");
  "channel/_rendezvous.ts": typeof import("../../channel/_rendezvous.ts");
  "channel/ring.ts": typeof import("../../channel/ring.ts");
  "channel/_tally.ts": typeof import("../../channel/_tally.ts");
  "task/pool/board.ts": typeof import("../../task/pool/board.ts");
  "task/pool/engine.ts": typeof import("../../task/pool/engine.ts");
  "task/pool/serve.ts": typeof import("../../task/pool/serve.ts");
}

/** Loads a module, as it is or with edits. */
export type Load = <File extends keyof Modules>(file: File) => Promise<Modules[File]>;

const root = new URL("../../", import.meta.url);
const folders = ["channel", "sync", "task/pool"];
const inside = new RegExp(`^${root}((?:${folders.join("|")})/\\w+\\.ts)$`);

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

/** Files of the folders that import each other in folders of their own, and all others from where they are. */
class Copy {
  readonly folder: string;
  readonly #edits: readonly Edit[];
  readonly #paths = new Set<string>();

  constructor(folder: string, edits: readonly Edit[]) {
    this.folder = folder;
    this.#edits = edits;
  }

  async load<File extends keyof Modules>(file: File): Promise<Modules[File]> {
    for (const folder of folders) {
      await Deno.mkdir(`${this.folder}/${folder}`, { recursive: true });
    }
    const path = pathOf(file);
    await this.#copy(path);
    return await import(`file://${this.folder}/${path}`);
  }

  async #copy(path: string): Promise<void> {
    if (this.#paths.has(path)) return;
    this.#paths.add(path);
    const source = new URL(path, root);
    let text = await Deno.readTextFile(source);
    for (const edit of this.#edits) {
      if (pathOf(edit.file) !== path) continue;
      if (text.split(edit.from).length !== 2) {
        throw new Error(`Cannot edit ${path} as it has changed: "${edit.from}" is not there once`);
      }
      text = text.replace(edit.from, () => edit.to);
    }
    const imported: string[] = [];
    text = text.replaceAll(/(?<=from |import )"(\.[^"]+)"/g, (whole, specifier) => {
      const url = new URL(specifier, source).href;
      const other = inside.exec(url)?.[1];
      if (other === undefined) return `"${url}"`;
      imported.push(other);
      return whole;
    });
    await Deno.writeTextFile(`${this.folder}/${path}`, text);
    for (const other of imported) await this.#copy(other);
  }
}

function pathOf(file: string): string {
  return file.includes("/") ? file : `sync/${file}`;
}
