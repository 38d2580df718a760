// Copyright 2026 the Weft authors. MIT license.

import { createPalette, type Palette, truncate } from "./text.ts";

/** Where the demo prints: a terminal, or a file or pipe. */
export interface Terminal {
  /** Whether a person reads it as it comes. */
  readonly interactive: boolean;
  /** Whether it shows colours. */
  readonly colour: boolean;
  /** Its columns now, if it has a limit. */
  columns(): number | undefined;
  /** Writes text as it is. */
  write(text: string): void;
}

/** Creates the terminal that stdout is. */
export function stdoutTerminal(): Terminal {
  const interactive = Deno.stdout.isTerminal();
  const encoder = new TextEncoder();
  return {
    interactive,
    // Deno reads NO_COLOR itself, without a permission.
    colour: interactive && !Deno.noColor,
    // A pseudo-terminal that nobody gave a size has 0 columns.
    columns: () => interactive ? Deno.consoleSize().columns || undefined : undefined,
    write(text) {
      // A pipe may take a part at a time.
      for (let rest = encoder.encode(text); rest.length > 0;) {
        rest = rest.subarray(Deno.stdout.writeSync(rest));
      }
    },
  };
}

const FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
const CLEAR_LINE = "\r\x1b[K";

/**
 * Prints lines and, on a terminal, a progress line that stays below them.
 *
 * All output of the demo passes through here, that of the scenarios' children too, so the progress
 * line is taken away before a line is printed and comes back after it.
 */
export class Screen implements Disposable {
  /** The styles of this terminal. */
  readonly palette: Palette;
  readonly #terminal: Terminal;
  #label: string | undefined;
  #since = 0;
  #timer: ReturnType<typeof setInterval> | undefined;
  #frame = 0;

  /** Creates the screen of a terminal. */
  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.palette = createPalette(terminal.colour);
  }

  /** Columns of the terminal, if it has a limit. */
  get columns(): number | undefined {
    return this.#terminal.columns();
  }

  /** Prints a line above the progress line. */
  print(line = ""): void {
    const clear = this.#label === undefined ? "" : CLEAR_LINE;
    this.#terminal.write(`${clear}${line}\n${this.#progress()}`);
  }

  /** Shows a progress line with the time since now, until the result is disposed. */
  progress(label: string): Disposable {
    if (this.#terminal.interactive) {
      this.#label = label;
      this.#since = performance.now();
      this.#terminal.write(this.#progress());
      this.#timer = setInterval(() => {
        this.#frame++;
        this.#terminal.write(CLEAR_LINE + this.#progress());
      }, 100);
    }
    return this;
  }

  /** Takes the progress line away. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    if (this.#label !== undefined) this.#terminal.write(CLEAR_LINE);
    this.#label = undefined;
  }

  #progress(): string {
    if (this.#label === undefined) return "";
    const seconds = ((performance.now() - this.#since) / 1000).toFixed(1);
    const text = `${FRAMES[this.#frame % FRAMES.length]} ${this.#label} · ${seconds} s`;
    // The last column stays free: some terminals wrap when it is written.
    const columns = this.#terminal.columns();
    return this.palette.dim(columns === undefined ? text : truncate(text, columns - 1));
  }
}
