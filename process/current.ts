// Copyright 2026 the Weft authors. MIT license.

import { processContext } from "../task/context.ts";

/** What a process can tell of itself or of its parent. */
export interface ProcessInfo {
  /** Name of the process; `"MainProcess"` for one that was not started by Weft. */
  readonly name: string;
  /** Number of the process in the operating system. */
  readonly pid: number;
  /** Whether the process has not ended. */
  readonly isAlive: boolean;
}

/** What a process can tell of itself. */
export interface CurrentProcess extends ProcessInfo {
  /** The pid of the parent, whatever that is; it changes when the parent ends. */
  readonly ppid: number;
  /** Whether the process ends when its parent does. */
  readonly daemon: boolean;
}

/**
 * Tells which process runs this code.
 *
 * @example Ask for the name of this process
 * ```ts
 * import { currentProcess } from "@weft/concurrency/process";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(currentProcess().name, "MainProcess");
 * assertEquals(currentProcess().pid, Deno.pid);
 * ```
 */
export function currentProcess(): CurrentProcess {
  const { name, daemon } = processContext();
  return {
    name,
    daemon,
    pid: Deno.pid,
    get ppid() {
      return Deno.ppid;
    },
    isAlive: true,
  };
}

/**
 * Tells which process started this one through Weft.
 *
 * @returns The parent; `undefined` if this process was not started by Weft.
 *
 * @example See whether this is a child
 * ```ts
 * import { parentProcess } from "@weft/concurrency/process";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(parentProcess(), undefined);
 * ```
 */
export function parentProcess(): ProcessInfo | undefined {
  const { parent } = processContext();
  if (parent === undefined) return undefined;
  return {
    ...parent,
    get isAlive() {
      return Deno.ppid === parent.pid;
    },
  };
}

/**
 * Tells how many processors there are for this process.
 *
 * @example Start one process for each
 * ```ts
 * import { cpuCount } from "@weft/concurrency/process";
 * import { assert } from "@std/assert";
 *
 * assert(cpuCount() >= 1);
 * ```
 */
export function cpuCount(): number {
  return navigator.hardwareConcurrency;
}
