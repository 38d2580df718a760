// Copyright 2026 the Weft authors. MIT license.

import { fileURLToPath } from "node:url";
import { MissingError, type Side } from "./measure.ts";

/**
 * A program of its own, mostly of another runtime, that measures: it gets lines of JSON and answers each with one. That is
 * a number, or a text if something is missing.
 */
export class Program {
  readonly #command: string;
  readonly #script: URL;
  readonly #args: readonly string[];
  readonly #options: readonly string[];
  #child: Deno.ChildProcess | undefined;
  #lines: AsyncIterator<string> | undefined;
  #input: WritableStreamDefaultWriter<Uint8Array> | undefined;

  /** Says which program runs which script; it starts when it is asked for the first time. */
  constructor(
    command: string,
    script: URL,
    args: readonly string[] = [],
    options: readonly string[] = [],
  ) {
    this.#command = command;
    this.#script = script;
    this.#args = args;
    this.#options = options;
  }

  /** A side that the program measures. */
  side(module: string, measure: string, name = `${module}.${measure.split(" ")[0]}`): Side {
    return { name, run: (times) => this.#ask([module, measure, times]) };
  }

  /** Ends the program. */
  async stop(): Promise<void> {
    await this.#input?.close();
    await this.#child?.status;
  }

  async #ask(request: unknown): Promise<number> {
    if (this.#child === undefined) this.#start();
    await this.#input!.write(new TextEncoder().encode(`${JSON.stringify(request)}\n`));
    const { done, value } = await this.#lines!.next();
    if (done) throw new Error(`${this.#command} has ended at ${JSON.stringify(request)}`);
    const answer: number | string = JSON.parse(value);
    if (typeof answer === "string") throw new MissingError(answer);
    return answer;
  }

  #start(): void {
    try {
      this.#child = new Deno.Command(this.#command, {
        args: [...this.#options, fileURLToPath(this.#script), ...this.#args],
        stdin: "piped",
        stdout: "piped",
        stderr: "inherit",
        // At the end of `deno bench` it is to end by itself, with what it has started, as its input has.
        detached: true,
      }).spawn();
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) throw new MissingError("not installed");
      throw error;
    }
    this.#input = this.#child.stdin.getWriter();
    this.#lines = readLines(this.#child.stdout);
  }
}

/** Gives the lines of a stream. */
export async function* readLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of stream) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}
