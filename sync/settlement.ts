// Copyright 2026 the Weft authors. MIT license.

/** Is told that a promise is settled. */
export type Watcher = (item: PromiseLike<unknown>, failed: boolean) => void;

/** What is known of a promise, for all that watch it. */
interface Settlement {
  state: "pending" | "fulfilled" | "rejected";
  readonly watchers: Set<Watcher>;
}

// One reaction per promise however often it is watched: a reaction cannot be taken back, so a loop
// of waits over the same pending promises would otherwise grow without limit.
const settlements = new WeakMap<PromiseLike<unknown>, Settlement>();

/**
 * Calls `watcher` once when `item` is settled, at once if that is known already.
 *
 * @param item What to watch; not looked at in the sense of `Future`.
 * @param watcher Called with the item and whether it was rejected; must not throw.
 */
export function watch(item: PromiseLike<unknown>, watcher: Watcher): void {
  let settlement = settlements.get(item);
  if (settlement === undefined) {
    settlement = { state: "pending", watchers: new Set() };
    settlements.set(item, settlement);
    react(item, settlement);
  }
  if (settlement.state === "pending") settlement.watchers.add(watcher);
  else watcher(item, settlement.state === "rejected");
}

/** Undoes {@linkcode watch}. */
export function unwatch(item: PromiseLike<unknown>, watcher: Watcher): void {
  settlements.get(item)?.watchers.delete(watcher);
}

function react(item: PromiseLike<unknown>, settlement: Settlement): void {
  const settle = (state: "fulfilled" | "rejected") => {
    const watchers = [...settlement.watchers];
    settlement.state = state;
    settlement.watchers.clear();
    for (const watcher of watchers) watcher(item, state === "rejected");
  };
  const onFulfilled = () => settle("fulfilled");
  const onRejected = () => settle("rejected");
  // Not the `then` of a subclass: that of a future would count as looking at its outcome.
  if (item instanceof Promise) Promise.prototype.then.call(item, onFulfilled, onRejected);
  else Promise.resolve(item).then(onFulfilled, onRejected);
}
