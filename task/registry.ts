// Copyright 2026 the Weft authors. MIT license.

import { registerHandle, setFunctionForm, UnknownHandleError } from "../sync/handle.ts";
import { show } from "../sync/show.ts";

/**
 * Where a task is found on the other side.
 *
 * A `"function"` or `"class"` was registered by its module through `task()`; an `"export"` is only
 * exported by it.
 */
export interface TaskReference {
  /** URL of the module to import. */
  readonly module: string;
  /** Name within the module; that of a task without one is made of the digest. */
  readonly name: string;
  /** Digest of the source, since another function of this name is not meant. */
  readonly digest: string;
  /** How the module makes it known. */
  readonly kind: "function" | "class" | "export";
}

// deno-lint-ignore ban-types -- classes and functions alike
type Target = Function;

const references = new WeakMap<Target, TaskReference>();
const targets = new Map<string, Map<string, Target>>();

/** Enters a function or class of a module. */
export function register(
  module: string,
  name: string,
  target: Target,
  kind: "function" | "class",
): void {
  if (references.get(target)?.module === module) return;
  const digest = digestOf(target);
  let names = targets.get(module);
  if (names === undefined) targets.set(module, names = new Map());
  if (name === "") {
    // Not their number: one that is registered on one side only would shift the others.
    name = `#${digest}`;
    for (let equal = 1; names.has(name); equal++) name = `#${digest}.${equal}`;
  }
  if (names.has(name)) {
    throw new TypeError(
      `Cannot make a task of ${name} as ${module} has one of this name: call ` +
        "task(import.meta, …) at the top level of the module, once for each name",
    );
  }
  names.set(name, target);
  references.set(target, { module, name, digest, kind });
}

/** Makes a task that imports a module and calls a function which that exports. */
export function importing(module: string, name: string): (...args: unknown[]) => Promise<unknown> {
  const reference: TaskReference = { module, name, digest: "", kind: "export" };
  const fn = async (...args: unknown[]) => {
    const target = await resolveReference(reference, () => import(module));
    return await target(...args);
  };
  references.set(fn, reference);
  return fn;
}

/** Finds where a task is found on the other side; `undefined` if `target` is not a task. */
export function referenceOf(target: Target): TaskReference | undefined {
  return references.get(target);
}

/**
 * Finds where a function to start is found on the other side.
 *
 * @throws {TypeError} If it is not a task.
 */
export function requireReference(fn: unknown, what: string): TaskReference {
  const reference = typeof fn === "function" ? references.get(fn) : undefined;
  if (reference !== undefined) return reference;
  if (typeof fn !== "function") {
    throw new TypeError(`Cannot start ${what} as it has no task: current value is ${show(fn)}`);
  }
  const { name } = fn;
  if (isClass(fn)) {
    throw new TypeError(
      `Cannot start ${what} as class ${
        name || "without a name"
      } is not a task: write @task(import.meta) before it`,
    );
  }
  const line = name === ""
    ? "const work = task(import.meta, …)"
    : `const ${name}Task = task(import.meta, ${name})`;
  throw new TypeError(
    `Cannot start ${what} as ${name || "what it got"} is a plain function: make it a task at the ` +
      `top level of its module: ${line}`,
  );
}

/**
 * Finds the function or class of a reference after its module was imported.
 *
 * @param load Imports the module.
 * @throws {ReferenceError} If the module has no such task.
 */
export async function resolveReference(
  reference: TaskReference,
  load: () => Promise<Record<string, unknown>>,
): Promise<Target> {
  const { module, name, kind } = reference;
  const exported = await load();
  const target = kind === "export" ? exported[name] : targets.get(module)?.get(name);
  if (typeof target === "function") {
    if (kind === "export" || digestOf(target) === reference.digest) return target;
    throw new ReferenceError(
      `Cannot run task ${name} of ${module} as it is another function there: call ` +
        "task(import.meta, …) at the top level of the module, without conditions",
    );
  }
  const what = name.startsWith("#") ? "an unnamed task" : `task ${name}`;
  throw new ReferenceError(
    kind === "export"
      ? `Cannot find function ${name} among the exports of ${module}`
      : `Cannot find ${what} in ${module}: call task(import.meta, …) at the top level of the ` +
        "module, where each import reaches it",
  );
}

// A task inside a value travels as its reference.
setFunctionForm((fn) => {
  const reference = references.get(fn);
  return reference && { kind: "task", state: reference };
});
registerHandle("task", (state) => {
  const reference = state as TaskReference;
  const { module, name, kind, digest } = reference;
  if (kind === "export") return importing(module, name);
  const target = targets.get(module)?.get(name);
  if (target === undefined || digestOf(target) !== digest) {
    throw new UnknownHandleError(`task ${name}`, module);
  }
  return target;
});

/** FNV-1a of the source of a function, by Fowler, Noll and Vo. */
function digestOf(target: Target): string {
  const source = Function.prototype.toString.call(target);
  let hash = 0x811c9dc5;
  for (let i = 0; i < source.length; i++) {
    hash = Math.imul(hash ^ source.charCodeAt(i), 0x01000193);
  }
  return (hash >>> 0).toString(36);
}

function isClass(fn: Target): boolean {
  return /^class\b/.test(Function.prototype.toString.call(fn));
}
