// Copyright 2026 the Weft authors. MIT license.

/** A pool that may have something to do when its program ends. */
export interface UnfinishedPool {
  readonly name: string;
  /** Number of tasks whose futures are not done. */
  readonly unfinished: number;
}

const pools = new Set<UnfinishedPool>();
let listens = false;

/** Has a pool that has something to do named if the program ends. */
export function noteUnfinished(pool: UnfinishedPool): void {
  pools.add(pool);
  if (listens) return;
  listens = true;
  globalThis.addEventListener("unload", () => {
    for (const { name, unfinished } of pools) {
      if (unfinished === 0) continue;
      console.error(`Pool ${name} ended with ${unfinished} tasks that were not done`);
    }
  });
}

/** Notes that a pool has nothing to do. */
export function noteFinished(pool: UnfinishedPool): void {
  pools.delete(pool);
}
