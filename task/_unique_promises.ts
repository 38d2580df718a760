// Copyright 2026 the Weft authors. MIT license.

/**
 * Collects promises, each once.
 *
 * @throws {TypeError} If `items` is not iterable or one of them is not a promise.
 */
export function uniquePromises<F extends PromiseLike<unknown>>(items: Iterable<F>): Set<F> {
  if (typeof items?.[Symbol.iterator] !== "function") {
    throw new TypeError(
      `Cannot wait for futures as they are not iterable: current value is ${items}`,
    );
  }
  const unique = new Set(items);
  for (const item of unique) {
    if (typeof item?.then !== "function") {
      throw new TypeError(
        `Cannot wait for an item as it is not a promise: current value is ${String(item)}`,
      );
    }
  }
  return unique;
}
