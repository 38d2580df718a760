// Copyright 2026 the Weft authors. MIT license.

import { sleep } from "./program.ts";

/** A row of the process table. */
export interface ProcessRow {
  /** The parent's pid. */
  readonly ppid: number;
  /** State by the letters of `ps`: `R` running, `S` sleeping, `Z` ended but not reaped. */
  readonly state: string;
  /** The program and its arguments; `[name] <defunct>` for one that has ended. */
  readonly command: string;
}

/**
 * Reads a process from the process table, by `ps` and without giving the event loop a turn.
 *
 * @returns The row; `undefined` if there is no such process.
 * @throws {Error} If there is no `ps`.
 */
export function ps(pid: number): ProcessRow | undefined {
  const command = new Deno.Command("ps", { args: ["-o", "ppid=,stat=,args=", "-p", `${pid}`] });
  let stdout: Uint8Array;
  try {
    ({ stdout } = command.outputSync());
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new Error("Cannot read the process table as there is no ps: install procps", { cause });
  }
  const [ppid, state, ...args] = new TextDecoder().decode(stdout).trim().split(/\s+/);
  return ppid && state ? { ppid: Number(ppid), state, command: args.join(" ") } : undefined;
}

/** Whether a process has ended. One that nobody has reaped, as on a machine without an init, has. */
export function hasEnded(pid: number): boolean {
  return ps(pid)?.state.startsWith("Z") ?? true;
}

/**
 * Waits until something holds.
 *
 * @returns Whether it did before the time was over.
 */
export async function eventually(holds: () => boolean, timeout = 5000): Promise<boolean> {
  const deadline = performance.now() + timeout;
  while (!holds()) {
    if (performance.now() > deadline) return false;
    await sleep(20);
  }
  return true;
}
