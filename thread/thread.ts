// Copyright 2026 the Weft authors. MIT license.

import { refuseInstances } from "../channel/codec.ts";
import { inOrder } from "../sync/cancellation.ts";
import { endPassages, type HandleForm } from "../sync/handle.ts";
import type { WaitOptions } from "../sync/wait.ts";
import { checkStart } from "../task/bootstrap.ts";
import { processContext } from "../task/context.ts";
import { packCall, packInstance, Revival, splitArguments } from "../task/job.ts";
import { type ExitStatus, Lifecycle, type Outcome } from "../task/lifecycle.ts";
import type { Task } from "../task/task.ts";
import { post, wired, type WiredEnd, type WiredOptions } from "../task/wire.ts";
import { currentIsolate } from "../sync/isolate.ts";
import { launcher } from "./_launcher.ts";
import { checkReadPermission } from "./_main_launcher.ts";
import { outcomeOf } from "./_outcome.ts";
import { share, type ThreadEnd } from "./_protocol.ts";
import { forgetThread, rememberThread, type ThreadInfo } from "./current.ts";

/** Options of a {@linkcode Thread}. */
export interface ThreadOptions {
  /**
   * Name of the thread, for people.
   *
   * @default {"Thread-N"} with N the thread's id
   */
  readonly name?: string | undefined;
  /**
   * Whether the program may end while the thread runs.
   *
   * @default {as the thread that creates it}
   */
  readonly daemon?: boolean | undefined;
  /**
   * Terminates the thread when it aborts; {@linkcode Thread.join} then rejects with a
   * {@linkcode ThreadTerminatedError} whose `cause` is the reason of the signal.
   */
  readonly signal?: AbortSignal | undefined;
}

/** Options of a {@linkcode Thread} that is created from a task. */
export interface ThreadTaskOptions<Args extends unknown[]> extends ThreadOptions {
  /** The arguments of the task; they are cloned when the thread starts. */
  readonly args: Readonly<Args>;
}

/** Options that a subclass of {@linkcode Thread} passes to `super`. */
export interface ThreadSubclassOptions extends ThreadOptions {
  /** Keeps a plain function, which has a `name` as well, from being taken for options. */
  readonly call?: never;
}

/**
 * A function that runs in parallel with its caller, in an isolate of its own within this process.
 *
 * The function is a {@linkcode Task}: the thread imports its module again. Arguments and result are
 * cloned; a `SharedArrayBuffer` among them is shared. A subclass that is decorated with
 * `@task(import.meta)` and overrides {@linkcode Thread.run} is the other form.
 *
 * The thread ends when its task does: timers and connections that it left open are dropped, but the
 * processes that it started and that are no daemons are waited for. A program does not end while a
 * thread runs that is no daemon. Threads that another thread starts are created by the main thread
 * of the process, so its event loop must turn for that.
 *
 * **Cancellation:** `terminate`, the `signal` option and disposal stop the thread also in a busy loop
 * and in a blocking wait. The runtime prints `execution terminated` when it had to be killed;
 * `finally` blocks do not run then.
 *
 * **Cleanup:** an error that nobody joins is printed as `Exception in thread NAME:`, after a second
 * or when the program ends. Disposal (`await using`) terminates the thread and waits for its end.
 *
 * **Runtime:** needs `--allow-read`, to load modules.
 *
 * @typeParam R What the task returns.
 * @typeParam Args The types of the task's arguments.
 *
 * @example Run a function in a thread
 * ```ts
 * import { Thread } from "@weft/concurrency/thread";
 * import { task } from "@weft/concurrency/task";
 * import { assertEquals } from "@std/assert";
 *
 * export const add = task(import.meta, (a: number, b: number) => a + b);
 *
 * if (import.meta.main) {
 *   const thread = new Thread(add, { args: [1, 2], name: "adder" }).start();
 *   assertEquals(await thread.join(), 3);
 * }
 * ```
 */
// deno-lint-ignore no-explicit-any -- arguments of any types, where only the result is named
export class Thread<R = unknown, Args extends unknown[] = any[]> implements ThreadInfo {
  readonly #id: number;
  readonly #life: Lifecycle<R>;
  readonly #task: unknown;
  readonly #args: unknown;
  readonly #signal: AbortSignal | undefined;
  readonly #isCurrent: boolean;
  readonly #wire: WiredEnd | undefined;
  /** Messages to a thread that is not started yet. */
  readonly #kept: unknown[] = [];
  readonly #onAbort = () => this.terminate();

  /**
   * Creates a thread that will run a task.
   *
   * @param task What to run.
   * @param options Its arguments, and options of the thread.
   * @throws {TypeError} If `task` is not a task.
   */
  constructor(task: Task<Args, R | PromiseLike<R>>, options: ThreadTaskOptions<NoInfer<Args>>);
  /**
   * Creates a thread that will run a task without arguments.
   *
   * @param task What to run.
   * @param options Options of the thread.
   * @throws {TypeError} If `task` is not a task.
   */
  constructor(task: Task<[], R | PromiseLike<R>>, options?: ThreadOptions);
  /**
   * Creates the base of a subclass that overrides {@linkcode Thread.run}.
   *
   * @param options Options of the thread.
   */
  constructor(options?: ThreadSubclassOptions);
  constructor(
    taskOrOptions?: unknown,
    taskOptions?: ThreadOptions & { readonly args?: unknown },
  ) {
    const isolate = currentIsolate();
    this.#isCurrent = taskOrOptions instanceof Revival;
    if (taskOrOptions instanceof Revival) {
      this.#id = isolate.entry.id;
      this.#life = new Lifecycle("thread", taskOrOptions.name, taskOrOptions.daemon);
      return;
    }
    const { task, args, options } = splitArguments("thread", taskOrOptions, taskOptions);
    this.#task = task;
    this.#args = args;
    this.#signal = options.signal;
    this.#wire = (options as WiredOptions)[wired];
    this.#id = isolate.table.takeId();
    this.#life = new Lifecycle(
      "thread",
      options.name ?? `Thread-${this.#id}`,
      options.daemon ?? isolate.entry.daemon,
    );
  }

  /**
   * Creates a thread and starts it.
   *
   * @param task What to run.
   * @param args The arguments of the task.
   * @returns The thread, which runs.
   * @throws {TypeError} If `task` is not a task.
   * @throws {DOMException} Named `DataCloneError`, if an argument cannot be cloned.
   *
   * @example Start a thread at once
   * ```ts
   * import { Thread } from "@weft/concurrency/thread";
   * import { task } from "@weft/concurrency/task";
   * import { assertEquals } from "@std/assert";
   *
   * export const shout = task(import.meta, (text: string) => text.toUpperCase());
   *
   * if (import.meta.main) assertEquals(await Thread.spawn(shout, "hello").join(), "HELLO");
   * ```
   */
  static spawn<Args extends unknown[], R>(
    task: Task<Args, R>,
    ...args: NoInfer<Args>
  ): Thread<Awaited<R>, Args> {
    return new Thread(task as Task<Args, Awaited<R>>, { args }).start();
  }

  /** Number of the thread, unique within its process; the main thread has 0. */
  get id(): number {
    return this.#id;
  }

  /** Name of the thread. */
  get name(): string {
    return this.#life.name;
  }

  /** Whether the program may end while the thread runs. */
  get daemon(): boolean {
    return this.#life.daemon;
  }

  /** Whether the thread was started and has not ended. */
  get isAlive(): boolean {
    return this.#isCurrent || this.#life.isAlive;
  }

  /** Resolves with how the thread ended, when it has; never rejects. */
  get exited(): Promise<ExitStatus> {
    return this.#life.exited;
  }

  /**
   * Does the work of the thread, in the thread; a subclass overrides it.
   *
   * @returns What {@linkcode Thread.join} delivers.
   * @throws {TypeError} If the subclass does not override it.
   */
  run(): R | PromiseLike<R> {
    throw new TypeError(
      `Cannot run ${this.#life.label} as it has no task: pass one to the constructor, or extend ` +
        "the class and override run()",
    );
  }

  /**
   * Starts the thread; when the call returns, the thread exists.
   *
   * @returns This thread.
   * @throws {Error} If it was started before.
   * @throws {TypeError} If it has no task and is not of a subclass marked by `@task(import.meta)`.
   * @throws {BootstrapError} If the module of a task is being imported, see there.
   * @throws {DOMException} Named `DataCloneError`, if an argument or a public field of the instance
   * cannot be cloned; the message names the part.
   * @throws {Deno.errors.NotCapable} If `--allow-read` is missing.
   * @throws {unknown} The reason of the signal, if it is aborted already.
   */
  start(): this {
    const life = this.#life;
    if (this.#isCurrent) throw new Error(`Cannot start ${life.label} as it is running this code`);
    life.checkNew();
    checkStart(life.label);
    this.#signal?.throwIfAborted();
    if (this.#task === undefined && this.run === Thread.prototype.run) this.run();
    checkReadPermission(life.label);

    const attached: object[] = [];
    const attach = (object: object) => attached.push(object) - 1;
    const handles: HandleForm[] = [];
    const onHandle = (form: HandleForm) => handles.push(form);
    const options = { destination: "thread", attach, onHandle } as const;
    const { reference, payload } = this.#task === undefined
      ? packInstance(this, life.label, options)
      : packCall(this.#task, this.#args, life.label, options);
    const { table } = currentIsolate();
    const entry = { id: this.#id, name: life.name, daemon: life.daemon };
    const slot = table.enter(entry);
    try {
      const depth = processContext().depth + 1;
      const request = { entry, slot, depth, reference, payload: share(payload), attached };
      launcher().launch(request, {
        onEnd: (end) => this.#ended(end),
        onMessage: (message) => {
          if (this.#life.isAlive) this.#wire?.onMessage(message);
        },
      });
    } catch (error) {
      table.leave(slot);
      endPassages(handles);
      throw error;
    }
    life.begin(this.#id);
    this.exited.then(() => endPassages(handles));
    rememberThread(this);
    for (const message of this.#kept.splice(0)) this[post](message);
    this.#signal?.addEventListener("abort", this.#onAbort, { once: true });
    return this;
  }

  /**
   * Waits for the end of the thread.
   *
   * **Cancellation:** a timeout or abort ends this wait alone; the thread goes on.
   *
   * @param options Timeout and signal of the wait.
   * @returns What the task returned.
   * @throws {unknown} What the task threw, with its remote stack; or the reason of the signal, if it
   * aborts first.
   * @throws {ThreadTerminatedError} If the thread was terminated.
   * @throws {ThreadExitedError} If it exited or was lost before its task returned.
   * @throws {Error} If it was not started, or is the thread that runs this code.
   * @throws {RangeError} If the timeout is negative or not a number.
   * @throws {DOMException} Named `TimeoutError`, if the time is over first.
   */
  async join(options: WaitOptions = {}): Promise<R> {
    if (!this.#isCurrent) return await this.#life.join(options);
    throw new Error(`Cannot join ${this.#life.label} as it is running this code`);
  }

  /**
   * Ends the thread, wherever it is; await {@linkcode Thread.exited} to see it gone. Does nothing
   * if it has ended.
   *
   * @throws {Error} If it was not started.
   */
  terminate(): void {
    if (!this.#isCurrent) this.#life.checkStarted("terminate");
    if (this.isAlive) launcher().terminate(this.#id);
    if (this.#isCurrent) Deno.exit(1);
  }

  /**
   * Sends a message to a thread that is wired; one that has ended does not get it.
   *
   * @internal
   */
  [post](message: unknown): void {
    if (this.#wire === undefined) return;
    if (this.#life.isAlive) launcher().post(this.#id, message);
    else if (this.#life.isNew) this.#kept.push(message);
  }

  /** Terminates the thread if it is alive, and waits for its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#life.isAlive) return;
    this.terminate();
    await inOrder(this.#life.wait());
  }

  async #ended(end: ThreadEnd): Promise<void> {
    this.#signal?.removeEventListener("abort", this.#onAbort);
    let outcome: Outcome<R>;
    try {
      const cause = this.#signal?.aborted ? this.#signal.reason : undefined;
      outcome = await outcomeOf(end, this.name, cause) as Outcome<R>;
    } catch (error) {
      outcome = { ok: false, error };
    }
    forgetThread(this);
    this.#life.end({ reason: end.reason, code: end.code }, outcome);
  }
}

refuseInstances(Thread);
