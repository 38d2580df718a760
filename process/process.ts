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
import { childContext } from "./_child_context.ts";
import { configArgs } from "./_config.ts";
import { endThisProcess } from "./_death_signal.ts";
import { FrameType, FrameWriter, type StartMessage } from "./_link.ts";
import { LinkServer } from "./_link_server.ts";
import { outcomeOf, reasonOf, receive } from "./_outcome.ts";
import { checkRunPermission, sendStart, spawnChild } from "./_spawn.ts";
import { children, endWithStarter } from "./_children.ts";
import type { ProcessInfo } from "./current.ts";
import type { ProcessOptions, ProcessSubclassOptions, ProcessTaskOptions } from "./options.ts";

/** Milliseconds between SIGTERM and SIGKILL, where the end of the process is waited for. */
const killGrace = 500;

let count = 0;

/**
 * A function that runs in a process of its own.
 *
 * The function is a {@linkcode Task}: the process imports its module again, with the program's
 * configuration. Arguments and result are cloned. A subclass that is decorated with
 * `@task(import.meta)` and overrides {@linkcode Process.run} is the other form.
 *
 * The process ends when its task has and when the threads and processes that it started and that are
 * no daemons have ended. Its standard input is taken; `Deno.args` are those of this process.
 *
 * **Cancellation:** `terminate` sends SIGTERM, `kill` SIGKILL; the `signal` option and disposal send
 * SIGTERM, and SIGKILL to a process that has not ended half a second later.
 *
 * **Cleanup:** an error that nobody joins is printed as `Exception in process NAME:`, after a second
 * or when the program ends. Disposal (`await using`) terminates the process and waits for its end.
 * After the end nothing is left, no zombie and no file. A daemon is killed by a parent that
 * ends by itself or by `Deno.exit`; of another end it learns as soon as its event loop turns, on Linux
 * with `--allow-ffi`, or where the parent has `--allow-run` in full, at once.
 *
 * **Runtime:** needs `--allow-run` and `--allow-net=127.0.0.1`, and `--allow-read` to find the
 * program's configuration. A compiled program calls `freezeSupport` first, else creating one throws a
 * `BootstrapError`; with `permissions` or `runtimeArgs` it throws a `Deno.errors.NotSupported` there.
 *
 * @typeParam R What the task returns.
 * @typeParam Args The types of the task's arguments.
 *
 * @example Run a function in a process
 * ```ts
 * import { Process } from "@weft/concurrency/process";
 * import { task } from "@weft/concurrency/task";
 * import { assertEquals } from "@std/assert";
 *
 * export const add = task(import.meta, (a: number, b: number) => a + b);
 *
 * if (import.meta.main) {
 *   const process = new Process(add, { args: [1, 2], name: "adder" }).start();
 *   assertEquals(await process.join(), 3);
 *   assertEquals(process.exitCode, 0);
 * }
 * ```
 */
// deno-lint-ignore no-explicit-any -- arguments of any types, where only the result is named
export class Process<R = unknown, Args extends unknown[] = any[]> implements ProcessInfo {
  readonly #life: Lifecycle<R>;
  readonly #lineage: string;
  readonly #task: unknown;
  readonly #args: unknown;
  readonly #options: ProcessOptions;
  readonly #isCurrent: boolean;
  readonly #wire: WiredEnd | undefined;
  readonly #writer = new FrameWriter();
  readonly #onAbort = () => this.#endSoon();
  #child: Deno.ChildProcess | undefined;
  #status: Deno.CommandStatus | undefined;
  #ending = false;

  /**
   * Creates a process that will run a task.
   *
   * @param task What to run.
   * @param options Its arguments, and options of the process.
   * @throws {TypeError} If `task` is not a task.
   * @throws {Deno.errors.NotCapable} If `--allow-run` is missing.
   */
  constructor(task: Task<Args, R | PromiseLike<R>>, options: ProcessTaskOptions<NoInfer<Args>>);
  /**
   * Creates a process that will run a task without arguments.
   *
   * @param task What to run.
   * @param options Options of the process.
   * @throws {TypeError} If `task` is not a task.
   * @throws {Deno.errors.NotCapable} If `--allow-run` is missing.
   */
  constructor(task: Task<[], R | PromiseLike<R>>, options?: ProcessOptions);
  /**
   * Creates the base of a subclass that overrides {@linkcode Process.run}.
   *
   * @param options Options of the process.
   * @throws {Deno.errors.NotCapable} If `--allow-run` is missing.
   */
  constructor(options?: ProcessSubclassOptions);
  constructor(
    taskOrOptions?: unknown,
    taskOptions?: ProcessOptions & { readonly args?: unknown },
  ) {
    const context = processContext();
    this.#isCurrent = taskOrOptions instanceof Revival;
    if (taskOrOptions instanceof Revival) {
      this.#options = {};
      this.#lineage = context.lineage;
      this.#life = new Lifecycle("process", taskOrOptions.name, taskOrOptions.daemon);
      return;
    }
    const { task, args, options } = splitArguments("process", taskOrOptions, taskOptions);
    this.#task = task;
    this.#args = args;
    this.#options = options;
    this.#wire = (options as WiredOptions)[wired];
    this.#lineage = [...(context.lineage === "" ? [] : [context.lineage]), ++count].join(":");
    const name = options.name ?? `Process-${this.#lineage}`;
    this.#life = new Lifecycle("process", name, options.daemon ?? context.daemon);
    checkRunPermission(this.#life.label, options);
  }

  /**
   * Creates a process and starts it.
   *
   * @param task What to run.
   * @param args The arguments of the task.
   * @returns The process, which runs.
   * @throws {TypeError} If `task` is not a task.
   * @throws {DOMException} Named `DataCloneError`, if an argument cannot be cloned.
   * @throws {Deno.errors.NotCapable} If a permission is missing; the message names the flag.
   *
   * @example Start a process at once
   * ```ts
   * import { Process } from "@weft/concurrency/process";
   * import { task } from "@weft/concurrency/task";
   * import { assertEquals } from "@std/assert";
   *
   * export const shout = task(import.meta, (text: string) => text.toUpperCase());
   *
   * if (import.meta.main) assertEquals(await Process.spawn(shout, "hello").join(), "HELLO");
   * ```
   */
  static spawn<Args extends unknown[], R>(
    task: Task<Args, R>,
    ...args: NoInfer<Args>
  ): Process<Awaited<R>, Args> {
    return new Process(task as Task<Args, Awaited<R>>, { args }).start();
  }

  /**
   * Number of the process in the operating system.
   *
   * @throws {Error} If the process was not started.
   */
  get pid(): number {
    if (this.#isCurrent) return Deno.pid;
    if (this.#child !== undefined) return this.#child.pid;
    throw new Error(`Cannot tell the pid of ${this.#life.label} as it was not started`);
  }

  /** Name of the process. */
  get name(): string {
    return this.#life.name;
  }

  /** Whether the process ends when its parent does. */
  get daemon(): boolean {
    return this.#life.daemon;
  }

  /** Whether the process was started and has not ended. */
  get isAlive(): boolean {
    return this.#isCurrent || this.#life.isAlive;
  }

  /** Exit code; 128 plus its number after a signal, `undefined` until the process has ended. */
  get exitCode(): number | undefined {
    return this.#status?.code;
  }

  /** The signal that ended the process; `undefined` if none did or it has not ended. */
  get exitSignal(): Deno.Signal | undefined {
    return this.#status?.signal ?? undefined;
  }

  /** Resolves with how the process ended, when it has; never rejects. */
  get exited(): Promise<ExitStatus> {
    return this.#life.exited;
  }

  /**
   * What the process writes to its standard output.
   *
   * @throws {TypeError} If the `stdout` option is not `"piped"`.
   * @throws {Error} If the process was not started.
   */
  get stdout(): ReadableStream<Uint8Array<ArrayBuffer>> {
    this.#life.checkStarted("read from");
    return this.#child!.stdout;
  }

  /**
   * What the process writes to its standard error.
   *
   * @throws {TypeError} If the `stderr` option is not `"piped"`.
   * @throws {Error} If the process was not started.
   */
  get stderr(): ReadableStream<Uint8Array<ArrayBuffer>> {
    this.#life.checkStarted("read from");
    return this.#child!.stderr;
  }

  /**
   * Does the work of the process, in the process; a subclass overrides it.
   *
   * @returns What {@linkcode Process.join} delivers.
   * @throws {TypeError} If the subclass does not override it.
   */
  run(): R | PromiseLike<R> {
    throw new TypeError(
      `Cannot run ${this.#life.label} as it has no task: pass one to the constructor, or extend ` +
        "the class and override run()",
    );
  }

  /**
   * Starts the process; when the call returns, the process exists.
   *
   * @returns This process.
   * @throws {Error} If it was started before.
   * @throws {TypeError} If it has no task and is not of a subclass marked by `@task(import.meta)`.
   * @throws {BootstrapError} If the module of a task is being imported, see there.
   * @throws {DOMException} Named `DataCloneError`, if an argument or a public field of the instance
   * cannot be cloned; the message names the part.
   * @throws {Deno.errors.NotCapable} If a permission is missing; the message names the flag.
   * @throws {Deno.errors.NotFound} If the `cwd` does not exist.
   * @throws {RangeError} If a list of permissions holds a name with a comma.
   * @throws {unknown} The reason of the signal, if it is aborted already.
   */
  start(): this {
    const life = this.#life;
    const { signal, runtimeArgs = [] } = this.#options;
    if (this.#isCurrent) throw new Error(`Cannot start ${life.label} as it is running this code`);
    life.checkNew();
    checkStart(life.label);
    signal?.throwIfAborted();
    if (this.#task === undefined && this.run === Process.prototype.run) this.run();

    const handles: HandleForm[] = [];
    const onHandle = (form: HandleForm) => handles.push(form);
    const options = { destination: "process", onHandle } as const;
    const job = this.#task === undefined
      ? packInstance(this, life.label, options)
      : packCall(this.#task, this.#args, life.label, options);
    const server = new LinkServer(!life.daemon);
    try {
      const inherited = configArgs(runtimeArgs);
      const { name, daemon } = life;
      const { port, parentToken, childToken } = server;
      const start: StartMessage = {
        reference: job.reference,
        context: childContext({ name, lineage: this.#lineage, daemon }, inherited, runtimeArgs),
        port,
        parentToken,
        childToken,
        wired: this.#wire !== undefined,
        ...(Deno.build.standalone ? { programArgs: Deno.args } : {}),
      };
      const kinds = new Set(handles.map(({ kind }) => kind));
      const additions = { handles: [...kinds], modules: this.#wire?.modules ?? [] };
      this.#child = spawnChild(start, inherited, additions, this.#options);
      if (daemon) this.#child.unref();
      if (daemon) endWithStarter(this.#child);
      life.begin(this.#child.pid);
      children.add(this);
      signal?.addEventListener("abort", this.#onAbort, { once: true });
      this.#supervise(this.#child, server, start, job.payload);
      for (const { passage } of handles) passage?.entrust(this.#child.pid);
      this.exited.then(() => endPassages(handles));
    } catch (error) {
      server[Symbol.dispose]();
      endPassages(handles);
      throw error;
    }
    return this;
  }

  /**
   * Waits for the end of the process.
   *
   * **Cancellation:** a timeout or abort ends this wait alone; the process goes on.
   *
   * @param options Timeout and signal of the wait.
   * @returns What the task returned.
   * @throws {unknown} What the task threw, with its remote stack; or the reason of the signal, if it
   * aborts first.
   * @throws {ProcessExitedError} If the process ended before its task returned.
   * @throws {Error} If it was not started, or is the process that runs this code.
   * @throws {RangeError} If the timeout is negative or not a number.
   * @throws {DOMException} Named `TimeoutError`, if the time is over first.
   */
  async join(options: WaitOptions = {}): Promise<R> {
    if (!this.#isCurrent) return await this.#life.join(options);
    throw new Error(`Cannot join ${this.#life.label} as it is running this code`);
  }

  /**
   * Asks the process to end, by SIGTERM. Does nothing if it has ended.
   *
   * @throws {Error} If it was not started.
   */
  terminate(): void {
    this.#signalEnd("terminate", "SIGTERM");
  }

  /**
   * Ends the process, by SIGKILL. Does nothing if it has ended.
   *
   * @throws {Error} If it was not started.
   */
  kill(): void {
    this.#signalEnd("kill", "SIGKILL");
  }

  /**
   * Sends a message, in bytes, to a process that is wired; one that has ended does not get it.
   *
   * @internal
   */
  [post](message: unknown): void {
    if (this.#wire === undefined) return;
    this.#writer.send({ type: FrameType.message, body: message as Uint8Array<ArrayBuffer> });
  }

  /** Terminates the process if it is alive, and waits for its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#life.isAlive) return;
    this.#endSoon();
    await inOrder(this.#life.wait());
  }

  /** Asks the process to end, and ends it if it does not. */
  #endSoon(): void {
    this.terminate();
    const timer = setTimeout(() => this.kill(), killGrace);
    this.exited.then(() => clearTimeout(timer));
  }

  #signalEnd(verb: string, signal: Deno.Signal): void {
    if (this.#isCurrent) endThisProcess(signal);
    this.#life.checkStarted(verb);
    const child = this.#child;
    if (child === undefined || this.#status !== undefined || !this.#life.isAlive) return;
    this.#ending = true;
    try {
      child.kill(signal);
    } catch {
      // It ended by itself just now.
    }
  }

  async #supervise(
    child: Deno.ChildProcess,
    server: LinkServer,
    start: StartMessage,
    payload: Uint8Array,
  ): Promise<void> {
    const control = child.stdin.getWriter();
    const fed = sendStart(child, control, start, payload);
    const incoming = receive(server, this.#writer, this.#wire);
    this.#status = await child.status;
    server[Symbol.dispose]();
    const received = await incoming;
    await fed;
    await control.close().catch(() => {});
    children.delete(this);
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    const { name, pid } = this;
    const { aborted = false, reason: cause } = this.#options.signal ?? {};
    const status = this.#status;
    const ended = { name, pid, status, ending: this.#ending, ...(aborted ? { cause } : {}) };
    const outcome = outcomeOf(received, ended) as Outcome<R>;
    this.#life.end({ reason: reasonOf(received, ended), code: status.code }, outcome);
  }
}

refuseInstances(Process);
