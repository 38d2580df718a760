// Copyright 2026 the Weft authors. MIT license.

import type { PermissionGrant, PermissionRecord, ProcessPermissions } from "./_permissions.ts";
import type { ProcessOutput } from "./_spawn.ts";

export type { PermissionGrant, PermissionRecord, ProcessOutput, ProcessPermissions };

/** Options of a `Process`. */
export interface ProcessOptions {
  /**
   * Name of the process, for people.
   *
   * @default {"Process-N"} with N counting the processes that this one starts
   */
  readonly name?: string | undefined;
  /**
   * Whether the process ends when its parent does, however that ends, or when the thread does that
   * started it; otherwise the parent waits for it before it ends.
   *
   * @default {as the process that creates it}
   */
  readonly daemon?: boolean | undefined;
  /** Variables to add to the environment of this process. */
  readonly env?: Record<string, string> | undefined;
  /**
   * The directory to run in.
   *
   * @default {the current one}
   */
  readonly cwd?: string | URL | undefined;
  /**
   * What the process may do: what this process may do in full (`"inherit"`), nothing (`"none"`), or
   * what a record grants. It can always load its modules and connect back to its parent. Those of a
   * compiled program are settled when it is compiled; it can give none.
   *
   * @default {"inherit"}
   */
  readonly permissions?: ProcessPermissions | undefined;
  /**
   * Where its standard output goes.
   *
   * @default {"inherit"}
   */
  readonly stdout?: ProcessOutput | undefined;
  /**
   * Where its standard error goes.
   *
   * @default {"inherit"}
   */
  readonly stderr?: ProcessOutput | undefined;
  /**
   * Further flags of `deno run`; a `--config` among them replaces the one that is found. A compiled
   * program can give none.
   */
  readonly runtimeArgs?: readonly string[] | undefined;
  /** Terminates the process when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of a `Process` that is created from a task. */
export interface ProcessTaskOptions<Args extends unknown[]> extends ProcessOptions {
  /** The arguments of the task; they are cloned when the process starts. */
  readonly args: Readonly<Args>;
}

/** Options that a subclass of `Process` passes to `super`. */
export interface ProcessSubclassOptions extends ProcessOptions {
  /** Keeps a plain function, which has a `name` as well, from being taken for options. */
  readonly call?: never;
}
