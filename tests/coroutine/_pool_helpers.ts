// Copyright 2026 the Weft authors. MIT license.

/** Milliseconds for which nothing waits in the end. */
export const long = 60_000;

/** The numbers from 0. */
export function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

/** A task that is done soon. */
export async function double(n: number): Promise<number> {
  return await Promise.resolve(2 * n);
}

/** Lets everything happen that is ready to. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
}
