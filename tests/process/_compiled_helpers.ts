// Copyright 2026 the Weft authors. MIT license.

import { fixture, Program, TemporaryFolder } from "./_helpers.ts";

/** For tests with a binary that is a script. */
export const shellOnly = { ignore: Deno.build.os === "windows" };

/** How a binary was compiled. */
export interface BinaryOptions {
  /** Permissions, beside those that stand for what is part of every binary. */
  readonly flags?: readonly string[];
  /** Arguments that are compiled in. */
  readonly args?: readonly string[];
}

/** What a compiled program needs to start processes. */
export const processFlags = ["--allow-run", "--allow-net=127.0.0.1", "--allow-env=WEFT_CHILD"];

/** What a binary printed, and how it ended. */
export interface BinaryResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Stands for what `deno compile` makes of a fixture: a script that runs it with Deno, for a fixture
 * that imports compiled.ts first. It differs from a real one in that its modules are files and that a
 * Deno is there; what runs in them is the same.
 */
export class Binary implements Disposable {
  readonly #folder = new TemporaryFolder();
  readonly path: string = this.#folder.file("program");

  constructor(main: string, { flags = processFlags, args = [] }: BinaryOptions = {}) {
    const permissions = flags.includes("-A")
      ? flags
      : [...flags, "--allow-read", "--allow-env=WEFT_TEST_BINARY"];
    const script = `#!/bin/sh
echo >> "$0.starts"
export WEFT_TEST_BINARY="$0"
exec "${Deno.execPath()}" run --no-prompt ${join(permissions)} \\
  "${fixture(main).href}$WEFT_TEST_MOVED" ${join(args)} "$@"
`;
    this.#folder.write({ program: script });
    Deno.chmodSync(this.path, 0o700);
  }

  /** How often it was started so far, by itself too. */
  get starts(): number {
    return Deno.readTextFileSync(`${this.path}.starts`).length;
  }

  /** Starts it. */
  start(...args: string[]): Program {
    return new Program(this.path, { args, executable: true });
  }

  /** Runs it to its end, without anything on its standard input. */
  async run(args: string[], env: Record<string, string> = {}): Promise<BinaryResult> {
    const command = new Deno.Command(this.path, { args, env, stdin: "null" });
    const { code, stdout, stderr } = await command.output();
    const decoder = new TextDecoder();
    return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}

function join(args: readonly string[]): string {
  return args.map((arg) => `'${arg}'`).join(" ");
}
