// Copyright 2026 the Weft authors. MIT license.

import { CoroutineLocal } from "../coroutine/coroutine_local.ts";

/** Tells the pool that has a task run how far that is. */
export type ProgressTeller = (value: unknown) => Promise<void>;

const teller = new CoroutineLocal<ProgressTeller | undefined>();

/** What tells of the progress of the task that runs here, if somebody wants to know. */
export function currentTeller(): ProgressTeller | undefined {
  return teller.value;
}

/** Begins a task whose progress somebody wants to know: the coroutine that it begins keeps what tells of it. */
export function withProgress<T>(tell: ProgressTeller, begin: () => T): T {
  const before = teller.value;
  teller.value = tell;
  try {
    return begin();
  } finally {
    if (before === undefined) teller.clear();
    else teller.value = before;
  }
}
