// Copyright 2026 the Weft authors. MIT license.

import { fileURLToPath } from "node:url";
import type { ExitStatus } from "../../task/mod.ts";
import type { Thread } from "../../thread/mod.ts";

/** How a thread ended, and what its join came to. */
export interface ThreadEnd {
  readonly value: unknown;
  readonly error: unknown;
  readonly status: ExitStatus;
}

/** Joins a thread, whatever that comes to. */
export async function endOf(thread: Thread): Promise<ThreadEnd> {
  let value: unknown;
  let error: unknown;
  try {
    value = await thread.join();
  } catch (reason) {
    error = reason;
  }
  return { value, error, status: await thread.exited };
}

/** A word of shared memory that a thread sets when it has come to a place. */
export class Flag {
  readonly words: Int32Array<SharedArrayBuffer> = new Int32Array(new SharedArrayBuffer(4));

  /** Resolves when a thread has set it. */
  async isSet(): Promise<void> {
    const result = Atomics.waitAsync(this.words, 0, 0);
    if (result.async) await result.value;
  }

  /** Sets it for a thread that waits. */
  set(): void {
    Atomics.store(this.words, 0, 1);
    Atomics.notify(this.words, 0);
  }
}

/**
 * Collects what is printed by `console.error` while `fn` runs; the promise that `fn` gets resolves
 * with the first that is printed.
 */
export async function captureErrors(
  fn: (printed: Promise<unknown[]>) => Promise<void>,
): Promise<unknown[][]> {
  const original = console.error;
  const lines: unknown[][] = [];
  const { promise, resolve } = Promise.withResolvers<unknown[]>();
  console.error = (...args) => {
    lines.push(args);
    resolve(args);
  };
  // What prints later may not keep the program alive itself.
  const keepAlive = setInterval(() => {}, 0x7fffffff);
  try {
    await fn(promise);
  } finally {
    clearInterval(keepAlive);
    console.error = original;
  }
  return lines;
}

/** How a program ran. */
export interface ProgramResult {
  readonly code: number;
  readonly signal: Deno.Signal | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Milliseconds after which a program is killed, so that one that hangs fails its test. */
const programLimit = 120_000;

/** Runs a program of tests/fixtures to its end, with `--allow-read` if not told otherwise. */
export async function runProgram(
  name: string,
  args: readonly string[] = [],
  flags: readonly string[] = ["--allow-read"],
): Promise<ProgramResult> {
  const file = fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "--no-check", ...flags, file, ...args],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const killer = setTimeout(() => child.kill("SIGKILL"), programLimit);
  const { code, signal, stdout, stderr } = await child.output();
  clearTimeout(killer);
  const decoder = new TextDecoder();
  return { code, signal, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}
