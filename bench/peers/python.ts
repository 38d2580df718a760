// Copyright 2026 the Weft authors. MIT license.

import { Program } from "./program.ts";

/** A Python program that measures. */
export class Python extends Program {
  constructor(script: URL, args: readonly string[] = [], command = "python3") {
    super(command, script, args);
  }
}

/** Finds a Python that has a module: the usual one, else that of the system, for which Debian has packages. */
export async function findPython(module: string): Promise<string> {
  const usual = "python3";
  for (const command of [usual, "/usr/bin/python3"]) {
    try {
      const args = ["-c", `import ${module}`];
      const { success } = await new Deno.Command(command, { args, stderr: "null" }).output();
      if (success) return command;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return usual;
}
