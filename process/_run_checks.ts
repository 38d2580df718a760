// Copyright 2026 the Weft authors. MIT license.

/** Checks the command line given to `run`. */
export function checkArguments(command: unknown, args: unknown): void {
  if (typeof command !== "string" || command === "") {
    throw new TypeError(
      `Cannot run a command as its name is not a non-empty string: current value is ${command}`,
    );
  }
  if (!Array.isArray(args)) {
    throw new TypeError(
      `Cannot run "${command}" as its arguments are not an array: current value is ${args}`,
    );
  }
  for (const part of [command, ...args]) {
    if (typeof part !== "string" || part.includes("\0")) {
      throw new TypeError(
        `Cannot run "${command}" as an argument is not a string without NUL: current value is ${
          Deno.inspect(part)
        }`,
      );
    }
  }
}

/** Checks those options of `run` that the platform does not check before the start. */
export function checkOptions(input: unknown, killGrace: unknown): void {
  const known = input === undefined || typeof input === "string" || input instanceof Uint8Array ||
    input instanceof ReadableStream;
  if (!known) {
    throw new TypeError(
      `Cannot run a command as its input is not a string, Uint8Array or ReadableStream: current value is ${
        Deno.inspect(input)
      }`,
    );
  }
  if (input instanceof ReadableStream && input.locked) {
    throw new TypeError("Cannot run a command as the stream of its input is locked");
  }
  if (typeof killGrace !== "number" || !(killGrace >= 0)) {
    throw new RangeError(
      `Cannot run a command as its kill grace is not a non-negative number: current value is ${killGrace}`,
    );
  }
}

/** Checks where an output of a command is to go. */
export function checkOutput(name: string, value: unknown = "piped"): "piped" | "inherit" | "null" {
  if (value !== "piped" && value !== "inherit" && value !== "null") {
    throw new TypeError(
      `Cannot run a command as its ${name} is not "piped", "inherit" or "null": current value is ${value}`,
    );
  }
  return value;
}
