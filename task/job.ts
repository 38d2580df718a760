// Copyright 2026 the Weft authors. MIT license.

import {
  decodeLoading,
  type DecodeOptions,
  encode,
  type EncodeOptions,
  encodeThrown,
} from "../channel/codec.ts";
import { emit, isObserved } from "../sync/observer.ts";
import { show } from "../sync/show.ts";
import { importGuarded } from "./bootstrap.ts";
import { requireReference, resolveReference, type TaskReference } from "./registry.ts";

/** What one side asks the other to run, as it travels. */
export interface Job {
  /** Where the task is found. */
  readonly reference: TaskReference;
  /** The arguments of the function, or the fields of the instance, encoded. */
  readonly payload: Uint8Array<ArrayBuffer>;
}

/** An instance of a subclass of `Thread` or `Process`. */
export interface Runnable {
  /** What runs on the other side. */
  run(): unknown;
}

/** Asks the constructor of `Thread` or `Process` for an instance on the other side. */
export class Revival {
  /** Name of the thread or process that runs here. */
  readonly name: string;
  /** Whether it is a daemon. */
  readonly daemon: boolean;

  constructor(name: string, daemon: boolean) {
    this.name = name;
    this.daemon = daemon;
  }
}

/**
 * Packs the call of a task.
 *
 * @throws {TypeError} If `fn` is not a task or `args` is not an array.
 * @throws {DOMException} Named `DataCloneError`, if an argument cannot be cloned.
 */
export function packCall(fn: unknown, args: unknown, what: string, options: EncodeOptions): Job {
  const reference = requireReference(fn, what);
  if (!Array.isArray(args)) {
    throw new TypeError(
      `Cannot start ${what} as args is not an array: current value is ${show(args)}`,
    );
  }
  return { reference, payload: encode(args, options) };
}

/**
 * Packs an instance whose `run` is to be called.
 *
 * @throws {TypeError} If its class is not a task.
 * @throws {DOMException} Named `DataCloneError`, if a public field of it cannot be cloned.
 */
export function packInstance(instance: Runnable, what: string, options: EncodeOptions): Job {
  const reference = requireReference(instance.constructor, what);
  return { reference, payload: encode({ ...instance }, options) };
}

/** What the constructor of `Thread` or `Process` was called with. */
export interface LaunchArguments<Options> {
  /** The task, or `undefined` in a subclass. */
  readonly task: unknown;
  /** The arguments of the task. */
  readonly args: unknown;
  /** The options. */
  readonly options: Options;
}

/**
 * Tells the two forms of the constructor apart: `(task, options)`, and `(options)` in a subclass.
 *
 * @throws {TypeError} If the task is not one.
 */
export function splitArguments<Options extends object>(
  kind: string,
  first: unknown,
  second: (Options & { readonly args?: unknown }) | undefined,
): LaunchArguments<Options> {
  const hasTask = second !== undefined || (first !== undefined && typeof first !== "object");
  if (hasTask) requireReference(first, `a ${kind}`);
  const options = (hasTask ? second : first) ?? {} as Options;
  checkOptions(kind, options as Record<string, unknown>);
  const args = hasTask && second?.args !== undefined ? second.args : [];
  return { task: hasTask ? first : undefined, args, options: options as Options };
}

function checkOptions(kind: string, options: Record<string, unknown>): void {
  const refuse = (what: string, value: unknown): never => {
    throw new TypeError(`Cannot create a ${kind} as ${what}: current value is ${show(value)}`);
  };
  if (typeof options !== "object" || Array.isArray(options)) {
    refuse("its options are not an object such as { args: [1, 2] }", options);
  }
  const { name, daemon, signal } = options;
  if (name !== undefined && typeof name !== "string") refuse("its name is not a string", name);
  if (daemon !== undefined && typeof daemon !== "boolean") {
    refuse("daemon is not a Boolean", daemon);
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    refuse("its signal is not an AbortSignal", signal);
  }
}

/** What the far side of a thread or process brings along to execute a job. */
export interface JobContext {
  /** Imports the module of the job. */
  load(): Promise<Record<string, unknown>>;
  /** What an instance of a class is created from. */
  readonly revival: Revival;
  /** Is called with the instance of a class before it runs. */
  revived?(instance: Runnable): void;
  /** Is called between import and run. */
  imported?(): void;
  /** How to decode the payload. */
  readonly decoding?: DecodeOptions;
  /** How to encode what the task comes to. */
  readonly encoding?: EncodeOptions;
}

/** What a job came to, encoded: the value of the task or its error. */
export interface JobOutcome {
  /** Whether the payload is a value. */
  readonly ok: boolean;
  /** The value or error, encoded. */
  readonly payload: Uint8Array<ArrayBuffer>;
}

/**
 * Imports the module of a job, runs it, and encodes what it comes to; never rejects.
 *
 * An error that nothing catches, in a timer or a floating promise, ends the job as if its task had
 * thrown it; after the end of the job it is printed.
 */
export async function executeJob(job: Job, context: JobContext): Promise<JobOutcome> {
  const uncaught = Promise.withResolvers<never>();
  let settled = false;
  catchUncaught((error) => {
    if (settled) console.error("Uncaught error after the task had ended:", error);
    else uncaught.reject(error);
  });
  try {
    const value = await Promise.race([runJob(job, context), uncaught.promise]);
    return { ok: true, payload: encode(value, context.encoding) };
  } catch (error) {
    return { ok: false, payload: encodeThrown(error, context.encoding) };
  } finally {
    settled = true;
    if (isObserved()) emit({ type: "task-end" });
  }
}

async function runJob(job: Job, context: JobContext): Promise<unknown> {
  const { reference, payload } = job;
  const target = await importGuarded(
    reference.module,
    () => resolveReference(reference, () => context.load()),
  );
  context.imported?.();
  const state = await decodeLoading(payload, context.decoding);
  if (isObserved()) emit({ type: "task-begin", name: reference.name });
  if (reference.kind !== "class") return await target(...state as unknown[]);

  const instance = revive(target, context.revival);
  for (const [key, value] of Object.entries(state as object)) {
    // Not an assignment: a field may have the name of an accessor of the class.
    Object.defineProperty(instance, key, {
      value,
      configurable: true,
      enumerable: true,
      writable: true,
    });
  }
  context.revived?.(instance);
  return await instance.run();
}

/**
 * Creates an instance of a subclass of `Thread` or `Process` by the constructor of that base alone,
 * so that what a subclass does when it is constructed is done once, where the user constructs it.
 */
// deno-lint-ignore ban-types -- any class
function revive(target: Function, revival: Revival): Runnable {
  let base = target;
  for (;;) {
    const parent = Object.getPrototypeOf(base);
    if (parent === Function.prototype) return Reflect.construct(base, [revival], target);
    base = parent;
  }
}

/** Keeps the runtime from acting on an event, and reports it unless a later listener has done so too. */
function unlessHandled(event: Event, report: () => void): void {
  event.preventDefault();
  let handled = false;
  Object.defineProperty(event, "preventDefault", { value: () => handled = true });
  queueMicrotask(() => {
    if (!handled) report();
  });
}

/** Takes the errors that nothing else catches, which would end this isolate with a message. */
function catchUncaught(report: (error: unknown) => void): void {
  globalThis.addEventListener("error", (event) => unlessHandled(event, () => report(event.error)));
  globalThis.addEventListener("unhandledrejection", (event) => {
    unlessHandled(event, () => report(event.reason));
  });
}
