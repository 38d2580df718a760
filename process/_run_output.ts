// Copyright 2026 the Weft authors. MIT license.

/** A command and what it has written, decoded when it is first asked for. */
export class Output {
  readonly command: string;
  readonly args: readonly string[];
  readonly stdoutBytes: Uint8Array;
  readonly stderrBytes: Uint8Array;
  #stdout: string | undefined;
  #stderr: string | undefined;

  constructor(
    command: string,
    args: readonly string[],
    stdoutBytes: Uint8Array,
    stderrBytes: Uint8Array,
  ) {
    this.command = command;
    this.args = args;
    this.stdoutBytes = stdoutBytes;
    this.stderrBytes = stderrBytes;
  }

  get stdout(): string {
    return this.#stdout ??= new TextDecoder().decode(this.stdoutBytes);
  }

  get stderr(): string {
    return this.#stderr ??= new TextDecoder().decode(this.stderrBytes);
  }
}
