// Copyright 2026 the Weft authors. MIT license.

import type { AsyncLocalStorage } from "node:async_hooks";
import { registerError } from "../channel/codec.ts";
import { processContext } from "./context.ts";

/**
 * Thrown when a thread, process or pool is started while its module is being imported by a thread
 * or process that was itself started by Weft, or more than eight starts deep within one another; and when
 * a compiled program starts a process without having called `freezeSupport`, or goes on after that
 * returned `true`.
 *
 * Threads and processes import the module of their task again, so a start at the top level of this
 * module would start another one there, and so on without end. Put the program's start into
 * `if (import.meta.main) { … }`.
 *
 * @example Guard the start of the program
 * ```ts
 * import { BootstrapError } from "@weft/concurrency/task";
 * import { assertEquals } from "@std/assert";
 *
 * if (import.meta.main) {
 *   // Start threads and processes here, not at the top level.
 * }
 * assertEquals(new BootstrapError("…").name, "BootstrapError");
 * ```
 */
export class BootstrapError extends Error {
  /** Always `"BootstrapError"`. */
  override readonly name = "BootstrapError";
}

/** Starts within starts, behind which a program that starts itself for ever is stopped. */
const deepest = 8;

/** The module that is being imported here on behalf of a parent, if any. */
let importing: string | undefined;

/** Is true in what follows from code that was to end. */
let afterEnd: AsyncLocalStorage<boolean> | undefined;

/**
 * Has {@linkcode checkStart} refuse whatever the calling function, its callers and what they begin
 * later would start: a program that goes on although its process is there for a job of another.
 */
export function endProgram(): void {
  // deno-lint-ignore no-process-global
  const { AsyncLocalStorage } = process.getBuiltinModule("node:async_hooks");
  afterEnd = new AsyncLocalStorage();
  afterEnd.enterWith(true);
}

/**
 * Imports the module of a task; while that lasts, {@linkcode checkStart} refuses to start anything.
 */
export async function importGuarded<T>(module: string, load: () => Promise<T>): Promise<T> {
  importing = module;
  try {
    return await load();
  } finally {
    importing = undefined;
  }
}

/**
 * Checks that something may be started now: not while a module is imported, nor too deep, which is what
 * a program comes to that starts something after the import, as an async function at the top level does.
 *
 * @param what What is to be started, such as `thread "Thread-1"`.
 * @throws {BootstrapError} If it may not.
 */
export function checkStart(what: string): void {
  if (afterEnd?.getStore() === true) {
    throw new BootstrapError(
      `Cannot start ${what} as this is a child of the compiled program: do nothing more in it when ` +
        "freezeSupport() has returned true, as in `if (import.meta.main && !freezeSupport()) { … }`",
    );
  }
  const { depth } = processContext();
  if (depth >= deepest) {
    throw new BootstrapError(
      `Cannot start ${what} as starts may be ${deepest} deep within one another. If the program ` +
        "means to start only one, put its start into `if (import.meta.main) { … }`, as each import " +
        "runs what is not in it",
    );
  }
  if (importing === undefined) return;
  throw new BootstrapError(
    `Cannot start ${what} while ${importing} is being imported by another thread or process, ` +
      "as each import would start one more: put the start of the program into " +
      "`if (import.meta.main) { … }`",
  );
}

registerError(BootstrapError);
