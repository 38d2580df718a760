// Copyright 2026 the Weft authors. MIT license.

/*
 * Work that only the processor bounds, in all ways: the counting of the tutorials, and the filtering of images.
 * Threads and processes are as many times as fast as there are cores, less what it takes to start them;
 * coroutines are no faster than the sequence.
 */

import { count, sharpen } from "./fixtures/pool_tasks.ts";
import { benchWays } from "./fixtures/ways.ts";

const times = 6;

benchWays("6 times 10,000,000 increments", count, Array(times).fill([10_000_000]));
benchWays(
  "sharpening 6 images",
  sharpen,
  Array.from({ length: times }, (_, seed) => [seed, 1920, 1080]),
);
