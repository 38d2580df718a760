// Copyright 2026 the Weft authors. MIT license.

/**
 * Processes: functions that run in a process of their own, and external commands.
 *
 * A {@linkcode Process} runs a task in another Deno with permissions of its own; it can be ended by
 * a signal, and nothing that happens in it can take this process down. A {@linkcode ProcessPool} keeps
 * some of them for many tasks. {@linkcode currentProcess},
 * {@linkcode parentProcess} and {@linkcode activeChildren} tell who is there, {@linkcode cpuCount}
 * how many can run at once. {@linkcode run} runs an external command and gives its output.
 *
 * @example Run a function in a process
 * ```ts
 * import { Process } from "@weft/concurrency/process";
 * import { task } from "@weft/concurrency/task";
 * import { assertNotEquals } from "@std/assert";
 *
 * export const pid = task(import.meta, () => Deno.pid);
 *
 * if (import.meta.main) assertNotEquals(await Process.spawn(pid).join(), Deno.pid);
 * ```
 *
 * @module
 */

export type { WaitOptions } from "../sync/wait.ts";
export type { ExitReason, ExitStatus } from "../task/lifecycle.ts";
export * from "./active_children.ts";
export * from "./current.ts";
export * from "./errors.ts";
export * from "./freeze_support.ts";
export type * from "./options.ts";
export * from "./process.ts";
export * from "./process_pool.ts";
export * from "./run.ts";
