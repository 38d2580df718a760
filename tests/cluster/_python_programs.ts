// Copyright 2026 the Weft authors. MIT license.

// The interpreters of Python on this machine, and how tests run programs with them.

import { assertEquals } from "@std/assert";
import { isInstalled } from "./_ports.ts";

/** An interpreter of CPython. */
export interface Python {
  readonly program: string;
  /** As `"3.11"`. */
  readonly version: string;
}

/** The oldest minor version of Python 3 that is tested with. */
const oldest = 8;
const newest = 20;
const found = await findPythons();

/** Why there is no Python to test with; `undefined` if there is one. */
export const noPython: string | undefined = found.length > 0
  ? undefined
  : "no python3 is installed";

/** The interpreter that `python3` is. */
export const python: Python = found[0] ?? { program: "python3", version: "none" };

/** Those that everything is tested with: `python3`, and the newest one. Their handshakes differ up to 3.11 and later. */
export const pythons: readonly Python[] = found.length > 1 ? [python, found.at(-1)!] : [python];

/** Those that are tested briefly. */
export const otherPythons: readonly Python[] = found.slice(1, -1);

if (noPython !== undefined) console.warn(`Tests with Python are ignored: ${noPython}`);

/** The path of a program of the tests. */
function pythonFile(name: string): string {
  return new URL(`./python/${name}`, import.meta.url).pathname;
}

/** A running program whose lines of output can be waited for. */
export class PythonProgram implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  readonly #errors: Promise<string>;
  #buffer = "";

  constructor({ program }: Python, file: string, ...args: (string | number)[]) {
    this.#child = new Deno.Command(program, {
      // Without files of compiled code, and each line of output at once.
      args: ["-B", "-u", pythonFile(file), ...args.map(String)],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#lines = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    this.#errors = new Response(this.#child.stderr).text();
  }

  /** The next line that it prints; fails with what it says of its errors if it ends before. */
  async line(): Promise<string> {
    for (;;) {
      const at = this.#buffer.indexOf("\n");
      if (at >= 0) {
        const line = this.#buffer.slice(0, at);
        this.#buffer = this.#buffer.slice(at + 1);
        return line;
      }
      const { value, done } = await this.#lines.read();
      if (done) throw new Error(`The program has ended: ${await this.#errors}`);
      this.#buffer += value;
    }
  }

  /** Waits for its end, without an error; gives the lines that it has printed meanwhile. */
  async end(): Promise<string[]> {
    for (;;) {
      const { value, done } = await this.#lines.read();
      if (done) break;
      this.#buffer += value;
    }
    const errors = await this.#errors;
    const { code } = await this.#child.status;
    assertEquals({ code, errors }, { code: 0, errors: "" });
    const lines = this.#buffer.split("\n");
    this.#buffer = "";
    return lines.slice(0, -1);
  }

  /** Ends it at once, without a chance to say goodbye. */
  async kill(): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended already.
    }
    await this.#child.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await this.#lines.cancel();
    await this.#errors;
  }
}

/** Runs a program to its end, which must be without an error; gives the lines that it has printed. */
export async function runProgram(
  python: Python,
  file: string,
  ...args: (string | number)[]
): Promise<string[]> {
  await using program = new PythonProgram(python, file, ...args);
  return await program.end();
}

/** `python3` first, then the others by their versions. */
async function findPythons(): Promise<Python[]> {
  const versions = Array.from({ length: newest - oldest + 1 }, (_, i) => `3.${oldest + i}`);
  const programs = ["python3", ...versions.map((version) => `python${version}`)].filter(
    isInstalled,
  );
  const folder = `${Deno.env.get("HOME") ?? ""}/.pyenv/versions`;
  try {
    for (const { name } of Deno.readDirSync(folder)) programs.push(`${folder}/${name}/bin/python3`);
  } catch {
    // There is no such folder.
  }
  const all = (await Promise.all(programs.map(ask))).filter((python) => python !== undefined);
  const [first, ...others] = all;
  if (first === undefined) return [];
  const seen = new Set([first.version]);
  const more = others.filter(({ version }) => !seen.has(version) && seen.add(version));
  return [first, ...more.sort((a, b) => minor(a) - minor(b))];
}

async function ask(program: string): Promise<Python | undefined> {
  const code = "import sys; print(sys.executable); print('%d.%d' % sys.version_info[:2])";
  try {
    const { success, stdout } = await new Deno.Command(program, {
      args: ["-c", code],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).output();
    if (!success) return undefined;
    const [path = program, version = "0"] = new TextDecoder().decode(stdout).trim().split("\n");
    const python = { program: path, version };
    return version.startsWith("3.") && minor(python) >= oldest ? python : undefined;
  } catch {
    return undefined;
  }
}

function minor({ version }: Python): number {
  return Number(version.split(".")[1]);
}
