// Copyright 2026 the Weft authors. MIT license.

import { endProgram } from "../task/bootstrap.ts";
import { processContext, setProcessContext } from "../task/context.ts";
import { takeChildVariable } from "./_compiled.ts";
import { serve } from "./child.ts";

let isChild = false;

/**
 * Makes processes work in a program that `deno compile` has made: call it first in the main module, and
 * do nothing more if it returns `true`.
 *
 * A compiled program holds no Deno that could run a child, so it starts itself again for each one: its
 * modules are evaluated there too, and this call serves what the parent asks for, until the child
 * ends. In all other cases, and in a program that is not compiled, it returns `false` at once. Threads
 * work without it.
 *
 * A compiled program's processes have its arguments, and the permissions that it was compiled with.
 * What is a child is known from this call on: `currentProcess` tells at the top level of imported
 * modules, which is before it, of a main process.
 *
 * **Runtime:** a compiled program that starts processes needs `--allow-run`, `--allow-net=127.0.0.1`
 * and `--allow-env=WEFT_CHILD`, the variable by which a child knows itself; this call deletes it:
 *
 * ```sh
 * deno compile --allow-run --allow-net=127.0.0.1 --allow-env=WEFT_CHILD main.ts
 * ```
 *
 * @returns Whether this is such a child.
 *
 * @example A program that works with `deno run` and compiled
 * ```ts
 * import { freezeSupport, Process } from "@weft/concurrency/process";
 * import { task } from "@weft/concurrency/task";
 * import { assertEquals } from "@std/assert";
 *
 * export const add = task(import.meta, (a: number, b: number) => a + b);
 *
 * if (import.meta.main && !freezeSupport()) {
 *   assertEquals(await Process.spawn(add, 1, 2).join(), 3);
 * }
 * ```
 */
export function freezeSupport(): boolean {
  // In a worker there is no main module; the variable is for the main thread.
  const mainModule = Deno.mainModule as string | undefined;
  if (!Deno.build.standalone || mainModule === undefined) return false;
  if (isChild) return true;
  if (!takeChildVariable()) {
    setProcessContext({ ...processContext(), freezeSupported: true });
    return false;
  }
  isChild = true;
  // Not awaited: the module of the job may be the main one, which is being evaluated.
  serve(async (module) => {
    await import(mainModule);
    checkFiles(mainModule);
    return await import(module);
  });
  endProgram();
  return true;
}

/** The address of the files in a binary is made of its name and of the directory for temporary files. */
function checkFiles(mainModule: string): void {
  const expected = processContext().mainModule;
  if (mainModule === expected) return;
  throw new Error(
    `Cannot run a task of the compiled program as its files are at ${mainModule} in this process ` +
      `and at ${expected} in its parent: do not rename the binary while it runs, nor set TMPDIR`,
  );
}
