// Copyright 2026 the Weft authors. MIT license.

import { currentIsolate } from "../sync/isolate.ts";
import { emit, isObserved, observed } from "../sync/observer.ts";

/** What is told of a coroutine. */
interface Told {
  readonly id: number;
  readonly name: string;
}

/** Tells the observer, if there is one, that a coroutine is there. */
export function tellBegin(coroutine: Told, parent: Told | undefined): void {
  if (!isObserved()) return;
  const { id: child, name } = coroutine;
  emit({ type: "coroutine-begin", child, name, parent: parent?.id ?? 0 });
}

/** Tells the observer, if there is one, that a coroutine has ended, and how. */
export function tellEnd(child: number, how: string): void {
  if (isObserved()) emit({ type: "coroutine-end", child, how });
}

/** Waits for the end of a coroutine, and tells the observer so if there is one. */
export function observedJoin<T>({ id, name }: Told, wait: () => Promise<T>): Promise<T> {
  return observed(() => {
    const object = `${Deno.pid}:${currentIsolate().entry.id}:coroutine:${id}`;
    return { what: "Coroutine.join", name, object };
  }, wait);
}
