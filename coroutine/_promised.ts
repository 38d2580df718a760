// Copyright 2026 the Weft authors. MIT license.

import { outcome, watchEnd } from "./_keys.ts";
import { Coroutine } from "./coroutine.ts";

/** Gives a promise of what an item comes to; it does not end with the coroutine that waits. */
export function promised<T>(item: PromiseLike<T> | T): Promise<T> {
  if (!(item instanceof Coroutine)) return Promise.resolve(item);
  return new Promise<T>((resolve, reject) => {
    item[watchEnd](() => {
      const result = item[outcome];
      if (result.state === "fulfilled") resolve(result.value as T);
      else reject(result.error);
    });
  });
}
