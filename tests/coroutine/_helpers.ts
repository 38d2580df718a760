// Copyright 2026 the Weft authors. MIT license.

import { type Coroutine, spawn } from "../../coroutine/mod.ts";

/** Lets `count` microtasks run. */
export async function microtasks(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await undefined;
}

/** Lets all run that is ready, timers and events as well. */
export async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** Moments after something was begun: the first ones lie microtasks apart, the last ones turns of the event loop. */
export const moments: readonly (() => Promise<void>)[] = [
  ...Array.from({ length: 16 }, (_, count) => () => microtasks(count)),
  ...[1, 2, 3].map((count) => () => turns(count)),
];

/** Forms of the function of a coroutine. */
export const forms = ["async function", "generator", "async generator"] as const;
/** A form of the function of a coroutine. */
export type Form = typeof forms[number];

/** Spawns a coroutine that waits, and does something with what it gets before it waits again. */
export function spawnForm<T>(
  form: Form,
  wait: () => Promise<T>,
  use: (value: T) => void = () => {},
): Coroutine<void> {
  switch (form) {
    case "async function":
      return spawn(async () => use(await wait()));
    case "generator":
      return spawn(function* () {
        use(yield wait());
      });
    case "async generator":
      return spawn(async function* () {
        use(yield wait());
      });
  }
}

/** Whether a promise is settled once all has run that is ready. */
export async function isSettled(promise: PromiseLike<unknown>): Promise<boolean> {
  let settled = false;
  const settle = () => settled = true;
  promise.then(settle, settle);
  await turns(2);
  return settled;
}
