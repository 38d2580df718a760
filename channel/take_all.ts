// Copyright 2026 the Weft authors. MIT license.

/** Gives what `take` gives, one after the other, until that throws an error that is the end. */
export async function* takeAll<T>(
  take: () => Promise<T>,
  isEnd: (error: unknown) => boolean,
): AsyncGenerator<T, void> {
  for (;;) {
    let item: T;
    try {
      item = await take();
    } catch (error) {
      if (isEnd(error)) return;
      throw error;
    }
    yield item;
  }
}
