// Copyright 2026 the Weft authors. MIT license.

import process from "node:process";
import { MissingError } from "./measure.ts";
import { Program, readLines } from "./program.ts";

/** Measures something in one of several ways, so many times; gives milliseconds, or bytes. */
export type Measuring = (how: string, times: number) => number | Promise<number>;

/** A program of Deno that measures, and can collect garbage before. */
export class DenoProgram extends Program {
  constructor(script: URL) {
    super(Deno.execPath(), script, [], ["run", "--v8-flags=--expose-gc"]);
  }
}

/** Is such a program: reads lines of JSON, [what is measured, how, times], and answers each with a line of JSON. */
export async function answer(measures: Readonly<Record<string, Measuring>>): Promise<never> {
  for await (const line of readLines(Deno.stdin.readable)) {
    const [measure, how, times] = JSON.parse(line);
    console.log(JSON.stringify(await measured(() => measures[measure]!(how, times))));
  }
  // What sleeps still would take its time.
  process.exit();
}

async function measured(measure: () => number | Promise<number>): Promise<number | string> {
  try {
    return await measure();
  } catch (error) {
    if (error instanceof MissingError) return error.message;
    throw error;
  }
}

/** Takes the time of a function, in milliseconds; garbage of before does not count. */
export async function timeOf(fn: () => unknown): Promise<number> {
  collect();
  const started = performance.now();
  await fn();
  return performance.now() - started;
}

/** What is to stay in memory. */
const kept: unknown[][] = [];

/**
 * Takes the bytes that things have taken when all have begun to wait.
 *
 * @param memory The heap, or all of the process that is in memory.
 */
export async function bytesOf(
  memory: "heap" | "rss",
  times: number,
  start: () => unknown,
): Promise<number> {
  const all = new Array(times).fill(null);
  kept.push(all);
  const before = inUse(memory);
  for (let i = 0; i < times; i++) all[i] = start();
  // More than one turn of the event loop, as ours begin some milliseconds' worth in each.
  await new Promise((resolve) => setTimeout(resolve, 2000));
  return inUse(memory) - before;
}

function inUse(memory: "heap" | "rss"): number {
  collect();
  const { heapUsed, rss } = Deno.memoryUsage();
  return memory === "heap" ? heapUsed : rss;
}

function collect(): void {
  (globalThis as unknown as { gc(): void }).gc();
}
