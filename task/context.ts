// Copyright 2026 the Weft authors. MIT license.

/**
 * What an isolate knows of its process; every thread of a process is told the same.
 *
 * A child process and a thread have an entry module of this library as their main module, so they
 * are told what the program's own is, and with which flags its child processes are to run.
 */
export interface ProcessContext {
  /** Name of the process; `"MainProcess"` if it was not started by Weft. */
  readonly name: string;
  /** Numbers of the starts that led here, such as `"1:2"`; empty in a main process. */
  readonly lineage: string;
  /** How many starts of processes and threads led here. */
  readonly depth: number;
  /** Whether the process ends with its parent. */
  readonly daemon: boolean;
  /** The process that started this one through Weft, if one did. */
  readonly parent: { readonly name: string; readonly pid: number } | undefined;
  /** URL of the program's main module. */
  readonly mainModule: string;
  /** Flags for child processes, if they are known already; else they are to be found. */
  readonly configArgs: readonly string[] | undefined;
  /** Whether the program's configuration could not be looked for, for want of `--allow-read`. */
  readonly configDenied: boolean;
  /** Whether the program, if it is a compiled one, can be started as a child of itself. */
  readonly freezeSupported: boolean;
}

let context: ProcessContext | undefined;

/** Tells what is known of this process. */
export function processContext(): ProcessContext {
  return context ??= {
    name: "MainProcess",
    lineage: "",
    depth: 0,
    daemon: false,
    parent: undefined,
    mainModule: Deno.mainModule,
    configArgs: undefined,
    configDenied: false,
    freezeSupported: false,
  };
}

/** Notes what this isolate was told of its process. */
export function setProcessContext(told: ProcessContext): void {
  context = told;
}
