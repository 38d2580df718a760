// Copyright 2026 the Weft authors. MIT license.

import { Future, type FutureOptions } from "../../task/mod.ts";

export interface Producer<T> {
  readonly future: Future<T>;
  readonly resolve: (value: T | PromiseLike<T>) => void;
  readonly reject: (reason?: unknown) => void;
  readonly start: () => boolean;
}

export function produce<T>(options?: FutureOptions): Producer<T> {
  let producer!: Omit<Producer<T>, "future">;
  const future = new Future<T>((resolve, reject, start) => {
    producer = { resolve, reject, start };
  }, options);
  return { future, ...producer };
}

/** The five states, made anew for each test. */
export function futuresByState(): Record<string, Future<number>> {
  const running = produce<number>();
  const cancelled = produce<number>();
  running.start();
  cancelled.future.cancel();
  return {
    pending: produce<number>().future,
    running: running.future,
    fulfilled: new Future<number>((resolve) => resolve(42)),
    rejected: new Future<number>((_resolve, reject) => reject(new RangeError("bad"))),
    cancelled: cancelled.future,
  };
}

export function mapStates<R>(fn: (future: Future<number>) => R): Record<string, R> {
  return Object.fromEntries(
    Object.entries(futuresByState()).map(([state, future]) => {
      const result = fn(future);
      future.catch(() => {});
      return [state, result];
    }),
  );
}

/** Collects what is printed by `console.error` while `fn` runs. */
export async function captureErrors(fn: () => Promise<void>): Promise<unknown[][]> {
  const original = console.error;
  const lines: unknown[][] = [];
  console.error = (...args) => void lines.push(args);
  try {
    await fn();
  } finally {
    console.error = original;
  }
  return lines;
}

/** Passes when the microtasks queued so far, and those they queue, have run. */
export function macrotask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

export async function runProgram(
  body: string,
  ...flags: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const module = import.meta.resolve("../../task/mod.ts");
  const source = `import { asCompleted, Future, wait } from ${JSON.stringify(module)};\n${body}`;
  const output = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-config",
      ...flags,
      `data:text/typescript,${encodeURIComponent(source)}`,
    ],
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return {
    code: output.code,
    stdout: decoder.decode(output.stdout),
    stderr: decoder.decode(output.stderr),
  };
}

export const collect = `
  // Several rounds: what a microtask or the stack still holds is collected in a later one.
  for (let round = 0; round < 10; round++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    globalThis.gc();
  }
`;
