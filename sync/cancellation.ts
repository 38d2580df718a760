// Copyright 2026 the Weft authors. MIT license.

/** Ends a wait with an error; tells whether it was going on still. */
export type EndWait = (error: unknown) => boolean;

/** What a coroutine, which can be cancelled, lets its waits know. */
export interface CancelScope {
  /** Why it is cancelled, if it is. */
  readonly reason: unknown;
  /** Throws the reason if it is cancelled and nothing in it has been told so yet. */
  throwIfCancelled(): void;
  /** Has a wait ended when it is cancelled; at once if it is, and nothing in it has been told so yet. */
  enter(end: EndWait): void;
  /** Undoes `enter`, for a wait that has ended. */
  exit(end: EndWait): void;
  /** Says that a wait that was ended has come to something else after all: so the next one is told. */
  renew(): void;
  /** Says that a wait begins that leaves things in order, and is not to be ended. */
  hold(): void;
  /** Undoes `hold`. */
  release(): void;
}

let current: () => CancelScope | undefined = () => undefined;
let isUnscoped = false;

/** Gives the scope of the coroutine that runs. */
export function currentScope(): CancelScope | undefined {
  return isUnscoped ? undefined : current();
}

/** Begins a wait of the library itself, which goes on when the coroutine is cancelled in which it happens to begin. */
export function unscoped<T>(begin: () => Promise<T>): Promise<T> {
  const before = isUnscoped;
  isUnscoped = true;
  try {
    return begin();
  } finally {
    isUnscoped = before;
  }
}

/** Waits for something that leaves things in order, also when the coroutine that waits is cancelled. */
export function inOrder<T>(wait: Promise<T>): Promise<T> {
  const scope = currentScope();
  if (scope === undefined) return wait;
  scope.hold();
  return wait.finally(() => scope.release());
}

/** Says how to tell which coroutine runs; for the module that has coroutines. */
export function setScopeProvider(provider: () => CancelScope | undefined): void {
  current = provider;
}
