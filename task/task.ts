// Copyright 2026 the Weft authors. MIT license.

import { show } from "../sync/show.ts";
import { importing, register } from "./registry.ts";

/**
 * A function that can also run in another thread or process.
 *
 * It is called like the function that it was made from; {@linkcode task} and
 * {@linkcode importTask} make one.
 *
 * @typeParam Args The types of its arguments.
 * @typeParam Result What it returns, which may be a promise.
 */
export interface Task<Args extends unknown[] = never[], Result = unknown> {
  /** Runs the function here, in the calling thread. */
  (...args: Args): Result;
  /** Tells a task from a plain function; exists for the type checker alone. */
  readonly "weft:task": true;
}

/** Marks a subclass of `Thread` or `Process` as one that can run there; made by {@linkcode task}. */
export type TaskDecorator = (
  target: abstract new (...args: never[]) => { run(): unknown },
  context: ClassDecoratorContext,
) => void;

/**
 * Makes a function of this module one that can run in another thread or process.
 *
 * The other side imports the module again and finds the function by its name, as in Python's
 * `spawn` method. Call it at the top level of the module, and guard the program's start with
 * `if (import.meta.main)`. The function can close over nothing but the module's own top level.
 *
 * @typeParam Fn The type of the function.
 * @param meta The `import.meta` of the module that calls.
 * @param fn The function; within a module each name can be used once.
 * @returns The same function, as a task.
 * @throws {TypeError} If `meta` is not an `import.meta`, if `fn` is not a function, or if the
 * module has a task of this name already, as when `task` is not called at the top level.
 *
 * @example Run a function in a thread
 * ```ts
 * import { task } from "@weft/concurrency/task";
 * import { Thread } from "@weft/concurrency/thread";
 * import { assertEquals } from "@std/assert";
 *
 * export const double = task(import.meta, (n: number) => n * 2);
 *
 * if (import.meta.main) {
 *   assertEquals(await Thread.spawn(double, 21).join(), 42);
 * }
 * assertEquals(double(4), 8);
 * ```
 */
// No signature for Fn: it would give a parameter that has only a default value the type `unknown`.
// deno-lint-ignore ban-types
export function task<Fn extends Function>(
  meta: ImportMeta,
  fn: Fn & ((...args: never[]) => unknown),
): Fn extends (...args: infer Args) => infer Result ? Task<Args, Result> : never;
/**
 * Marks a subclass of `Thread` or `Process` as one that can run on the other side.
 *
 * The public fields of the instance travel there; its constructor does not run again, so `#private`
 * fields do not exist in `run()` on the other side.
 *
 * @param meta The `import.meta` of the module that calls.
 * @returns A class decorator.
 * @throws {TypeError} If `meta` is not an `import.meta`, or, when the class is defined, if the
 * module has a task of this name already.
 *
 * @example A thread as a class
 * ```ts
 * import { task } from "@weft/concurrency/task";
 * import { Thread } from "@weft/concurrency/thread";
 * import { assertEquals } from "@std/assert";
 *
 * export @task(import.meta) class Greeter extends Thread<string> {
 *   constructor(readonly whom: string) {
 *     super({ name: "greeter" });
 *   }
 *   override run(): string {
 *     return `Hello ${this.whom}`;
 *   }
 * }
 *
 * assertEquals(new Greeter("you").run(), "Hello you");
 * ```
 */
export function task(meta: ImportMeta): TaskDecorator;
export function task<Args extends unknown[], Result>(
  meta: ImportMeta,
  fn?: (...args: Args) => Result,
): Task<Args, Result> | TaskDecorator {
  const module = checkMeta(meta);
  if (arguments.length < 2) {
    return ((target, context) =>
      register(module, context.name ?? "", target, "class")) as TaskDecorator;
  }
  if (typeof fn !== "function") {
    throw new TypeError(`Cannot make a task as it is not a function: current value is ${show(fn)}`);
  }
  register(module, fn.name, fn, "function");
  return fn as Task<Args, Result>;
}

/**
 * Makes a task of a function that another module exports and that cannot be edited.
 *
 * Called here, the task imports the module and calls the function, so it always returns a promise.
 *
 * @typeParam Fn The type of the function, as in `importTask<typeof resize>`.
 * @param module Absolute URL of the module.
 * @param name The name by which the module exports the function.
 * @returns A task. Whether the module and the export exist is seen when it runs.
 * @throws {TypeError} If `module` is not an absolute URL or `name` is not a non-empty string.
 *
 * @example Run somebody else's function
 * ```ts ignore -- stands for a module of the reader's own
 * import { importTask } from "@weft/concurrency/task";
 * import { Thread } from "@weft/concurrency/thread";
 * import type { resize } from "./images.ts";
 *
 * const resizeTask = importTask<typeof resize>(new URL("./images.ts", import.meta.url), "resize");
 * const image = await Thread.spawn(resizeTask, "cat.png", 200).join();
 * ```
 */
export function importTask<Fn extends (...args: never[]) => unknown>(
  module: URL | string,
  name: string,
): Task<Parameters<Fn>, Promise<Awaited<ReturnType<Fn>>>> {
  const url = typeof module === "string" && URL.canParse(module) ? new URL(module) : module;
  if (!(url instanceof URL)) {
    throw new TypeError(
      `Cannot make a task as the module is not an absolute URL: current value is ${show(module)}`,
    );
  }
  if (typeof name !== "string" || name === "") {
    throw new TypeError(
      `Cannot make a task as the name is not a non-empty string: current value is ${show(name)}`,
    );
  }
  const fn: unknown = importing(url.href, name);
  return fn as Task<Parameters<Fn>, Promise<Awaited<ReturnType<Fn>>>>;
}

function checkMeta(meta: ImportMeta): string {
  const url = (meta as ImportMeta | undefined)?.url;
  if (typeof url === "string") return url;
  throw new TypeError(
    "Cannot make a task as the first argument is not import.meta: write task(import.meta, …)",
  );
}
