// Copyright 2026 the Weft authors. MIT license.

/** For tests of what only Linux tells, in /proc. */
export const linuxOnly = { ignore: Deno.build.os !== "linux" };

/** The address of a fixture. */
export function fixture(name: string): URL {
  return new URL(`../fixtures/${name}`, import.meta.url);
}

/** The path of a fixture. */
export function fixturePath(name: string): string {
  return decodeURIComponent(fixture(name).pathname);
}

/** The URL of a file or folder. */
export function toFileUrl(path: string): URL {
  return new URL(`file://${encodeURI(path)}`);
}

/** Fields of /proc/PID/stat from the third on: state, parent, … */
function processStat(pid: number | string): string[] | undefined {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/stat`).replace(/^.*\) /s, "").split(" ");
  } catch {
    return undefined;
  }
}

/** Whether a process runs; an orphan that nobody reaps is dead too. */
export function runs(pid: number): boolean {
  const stat = processStat(pid);
  if (stat === undefined || stat[0] === "X") return false;
  return stat[0] !== "Z" || Number(stat[1]) === Deno.pid;
}

/** Whether anything is left of a child of this process. */
export function isLeft(pid: number): boolean {
  return processStat(pid) !== undefined;
}

/** Waits for something outside of this process, of which no event tells. */
export async function until(
  what: string,
  condition: () => boolean,
  timeout = 10_000,
): Promise<void> {
  const deadline = performance.now() + timeout;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`Not within ${timeout} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Kills a process that a test may have left behind. */
export function ensureKilled(pid: number | undefined): void {
  if (pid === undefined || !runs(pid)) return;
  try {
    Deno.kill(pid, "SIGKILL");
  } catch {
    // It ended just now.
  }
}

/** Reads a stream by lines. */
export class LineReader implements AsyncDisposable {
  readonly #reader: ReadableStreamDefaultReader<string>;
  #text = "";

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** The next line. */
  async next(): Promise<string> {
    for (;;) {
      const end = this.#text.indexOf("\n");
      if (end >= 0) {
        const line = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 1);
        return line;
      }
      const { value, done } = await this.#reader.read();
      if (done) throw new Error(`The stream ended at ${JSON.stringify(this.#text)}`);
      this.#text += value;
    }
  }

  /** All that is left, when the stream has ended. */
  async rest(): Promise<string> {
    for (;;) {
      const { value, done } = await this.#reader.read();
      if (done) return this.#text;
      this.#text += value;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader.cancel();
  }
}

/** A temporary folder that is removed at the end of its scope. */
export class TemporaryFolder implements Disposable {
  readonly path: string = Deno.makeTempDirSync({ prefix: "weft_process_" });

  /** The path of a file within. */
  file(name: string): string {
    return `${this.path}/${name}`;
  }

  /** Writes files by their names within the folder. */
  write(files: Readonly<Record<string, string>>): this {
    for (const [name, text] of Object.entries(files)) {
      const file = this.file(name);
      Deno.mkdirSync(file.slice(0, file.lastIndexOf("/")), { recursive: true });
      Deno.writeTextFileSync(file, text);
    }
    return this;
  }

  /** What is in the folder. */
  names(): string[] {
    return [...Deno.readDirSync(this.path)].map(({ name }) => name);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

/** How to run a program. */
export interface ProgramOptions {
  /** Flags of `deno run`. */
  readonly flags?: readonly string[];
  readonly args?: readonly string[];
  readonly cwd?: string;
  readonly env?: Record<string, string>;
  /** The subcommand of deno. */
  readonly subcommand?: readonly string[];
  /** Whether the script is to be run as it is, without deno. */
  readonly executable?: boolean;
}

/** What a program printed, and how it ended. */
export interface ProgramResult {
  readonly code: number;
  readonly signal: Deno.Signal | null;
  readonly stdout: string;
  readonly stderr: string;
}

function command(script: string, options: ProgramOptions): Deno.Command {
  const { flags = ["-A"], args = [], cwd, env, subcommand = ["run"], executable } = options;
  return new Deno.Command(executable ? script : Deno.execPath(), {
    args: [...executable ? args : [...subcommand, ...flags, script, ...args]],
    env: { NO_COLOR: "1", ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    ...(cwd === undefined ? {} : { cwd }),
  });
}

/** Runs a program to its end. */
export async function runProgram(
  script: string,
  options: ProgramOptions = {},
): Promise<ProgramResult> {
  await using program = new Program(script, options);
  const [{ code, signal }, stdout, stderr] = await Promise.all([
    program.status,
    program.out.rest(),
    program.err.rest(),
  ]);
  return { code, signal, stdout, stderr };
}

/** A program that runs beside a test and ends with it. */
export class Program implements AsyncDisposable {
  readonly out: LineReader;
  readonly err: LineReader;
  readonly #child: Deno.ChildProcess;
  #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;

  constructor(script: string, options: ProgramOptions = {}) {
    this.#child = command(script, options).spawn();
    this.out = new LineReader(this.#child.stdout);
    this.err = new LineReader(this.#child.stderr);
    this.#writer = this.#child.stdin.getWriter();
  }

  get pid(): number {
    return this.#child.pid;
  }

  get status(): Promise<Deno.CommandStatus> {
    return this.#child.status;
  }

  /** Writes a line to its standard input. */
  async tell(line: string): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(`${line}\n`));
  }

  kill(signal: Deno.Signal = "SIGKILL"): void {
    this.#child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    ensureKilled(this.pid);
    await this.status;
    await this.#writer.close().catch(() => {});
    await this.out[Symbol.asyncDispose]();
    await this.err[Symbol.asyncDispose]();
  }
}
