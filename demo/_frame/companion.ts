// Copyright 2026 the Weft authors. MIT license.

import { killTree } from "./kill_tree.ts";
import { readLines } from "./lines.ts";
import { parseRecord } from "./record.ts";
import type { Permission } from "./scenario.ts";
import { isTraced, scene, tell, traceArg } from "./trace.ts";

/**
 * A program beside the scenario's own, for what a program cannot show of itself: how it dies and what it
 * leaves behind, or how it works with others. Its lines are printed as they come.
 */
export class Companion implements Disposable {
  /** The lines that it and its children have printed so far. */
  readonly lines: string[] = [];
  /** Resolves with its status, as soon as it has ended; its children may live on. */
  readonly status: Promise<Deno.CommandStatus>;
  /** Resolves when it and all that can print into its output have ended. */
  readonly silent: Promise<unknown>;
  readonly #child: Deno.ChildProcess;
  #hasEnded = false;
  #isSilent = false;
  readonly #waiting = new Set<() => void>();

  /**
   * Starts a program; of Deno by {@linkcode denoRun}.
   *
   * @param command The program and its arguments.
   * @param env What its environment has besides.
   */
  constructor(
    [program, ...args]: readonly [string, ...string[]],
    env: Record<string, string> = {},
  ) {
    this.#child = new Deno.Command(program, {
      args,
      env,
      stdin: "null",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    this.status = this.#child.status.finally(() => this.#hasEnded = true);
    if (isTraced) this.#trace(args.find((arg) => /^[^-].*\.(py|ts)$/.test(arg)) ?? program);
    const { ended } = readLines(this.#child.stdout, (line) => {
      console.log(line);
      if (parseRecord(line) !== undefined) return;
      this.lines.push(line);
      this.#look();
    });
    this.silent = ended.then(() => {
      this.#isSilent = true;
      this.#look();
    });
  }

  /** Its pid. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Asks it to end, if it has not ended yet. */
  terminate(): void {
    try {
      this.#child.kill("SIGTERM");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
  }

  /** Ends it as a crash would: it can do nothing about it. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }

  /** Ends it, with all that it started, if it has not ended yet. */
  [Symbol.dispose](): void {
    if (!this.#hasEnded) killTree(this.pid);
  }

  /**
   * Waits for a line such as `pid=4711`.
   *
   * @returns What follows the `=`, as a number.
   * @throws {Error} If its output ends without such a line.
   */
  async number(key: string): Promise<number> {
    return Number((await this.line(`${key}=`)).slice(key.length + 1));
  }

  /**
   * Waits for a line.
   *
   * @param start How it starts.
   * @returns The whole line.
   * @throws {Error} If its output ends without such a line.
   */
  async line(start: string): Promise<string> {
    while (true) {
      const line = this.lines.find((line) => line.startsWith(start));
      if (line !== undefined) return line;
      if (this.#isSilent) {
        throw new Error(`The program ended without a line that starts with ${start}`);
      }
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  async #trace(path: string): Promise<void> {
    const { pid } = this;
    const name = path.slice(path.lastIndexOf("/") + 1);
    tell({ ...scene(), type: "process-begin", child: pid, name });
    const { code } = await this.#child.status;
    tell({ ...scene(), type: "process-end", child: pid, how: "ended", code });
  }

  #look(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

/**
 * The command that runs a program of this folder.
 *
 * @param path Where it is in `demo/`.
 * @param permissions All that it gets.
 * @param args Its arguments.
 */
export function denoRun(
  path: string,
  permissions: readonly Permission[],
  args: readonly unknown[] = [],
): readonly [string, ...string[]] {
  const program = new URL(`../${path}`, import.meta.url);
  const flags = permissions.map((permission) => `--allow-${permission}`);
  const command = [Deno.execPath(), "run", "--no-prompt", ...flags] as const;
  if (!isTraced) return [...command, program.href, ...args.map(String)];
  // Not all of these programs import anything of the demo.
  const preload = `--preload=${new URL("./trace.ts", import.meta.url)}`;
  return [...command, preload, program.href, ...args.map(String), traceArg];
}
