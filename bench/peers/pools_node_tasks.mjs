// Copyright 2026 the Weft authors. MIT license.

// What the workers of the pools of Node run: those of bench/fixtures/pool_tasks.ts, in a form that Node can load.

export function increment(n) {
  return n + 1;
}

export function echo(value) {
  return value;
}
