// Copyright 2026 the Weft authors. MIT license.

import { emit, isObserved, observed } from "../sync/observer.ts";
import {
  beginWait,
  checkTimeout,
  isOver,
  type ScopedOptions,
  waitFor,
  type WaitOptions,
} from "../sync/wait.ts";
import { canSignalGroup, CommandGroup, settleLimit } from "./_group.ts";
import { checkArguments, checkOptions, checkOutput } from "./_run_checks.ts";
import { Output } from "./_run_output.ts";
import { InputFeeder, OutputCollector } from "./_run_pipes.ts";

/** Milliseconds between SIGTERM and SIGKILL unless the caller says otherwise. */
const defaultKillGrace = 500;

/** Characters of the error output that go into a message. */
const tailLength = 500;

/** Options for {@linkcode run}. */
export interface RunOptions extends WaitOptions {
  /**
   * What the command reads from its standard input, a string as UTF-8. Without it the command
   * reads nothing. A stream is cancelled when the command ends before the stream does.
   */
  readonly input?: string | Uint8Array | ReadableStream<Uint8Array> | undefined;
  /**
   * Whether a command that fails rejects with a {@linkcode CalledProcessError}.
   *
   * @default {false}
   */
  readonly check?: boolean | undefined;
  /** Folder in which the command runs; that of this program by default. */
  readonly cwd?: string | URL | undefined;
  /** Environment variables for the command, in addition to those of this program. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /**
   * Whether the command gets only the variables in `env`.
   *
   * @default {false}
   */
  readonly clearEnv?: boolean | undefined;
  /**
   * Where the output goes: `"piped"` into the result, `"inherit"` where that of this program goes.
   *
   * @default {"piped"}
   */
  readonly stdout?: "piped" | "inherit" | "null" | undefined;
  /**
   * Where the error output goes, as for `stdout`.
   *
   * @default {"piped"}
   */
  readonly stderr?: "piped" | "inherit" | "null" | undefined;
  /**
   * Milliseconds that a command which is timed out or aborted has to end on SIGTERM, before
   * SIGKILL ends it. `0` kills at once, as Python does.
   *
   * @default {500}
   */
  readonly killGrace?: number | undefined;
}

/** A command and what it has written. */
export interface CommandOutput {
  /** The program, as it was given. */
  readonly command: string;
  /** The arguments, as they were given. */
  readonly args: readonly string[];
  /** The output as text; what is not UTF-8 in it becomes U+FFFD. Empty unless piped. */
  readonly stdout: string;
  /** The error output as text; what is not UTF-8 in it becomes U+FFFD. Empty unless piped. */
  readonly stderr: string;
  /** The output as it was written. Empty unless piped. */
  readonly stdoutBytes: Uint8Array;
  /** The error output as it was written. Empty unless piped. */
  readonly stderrBytes: Uint8Array;
}

/** How a command ended. */
export interface CompletedProcess extends CommandOutput {
  /** The exit code; 128 and the number of the signal if one ended the command. */
  readonly code: number;
  /** The signal that ended the command, if one did. */
  readonly signal: Deno.Signal | undefined;
  /** Whether the command ended by itself, with exit code 0. */
  readonly success: boolean;
}

/**
 * Is what {@linkcode run} rejects with if `check` is set and the command fails.
 *
 * Its message ends with the end of the error output. The arguments, which may hold secrets, are
 * in `args` alone.
 *
 * @example Tell failures apart
 * ```ts
 * import { CalledProcessError, run } from "@weft/concurrency/process";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const script = 'console.error("no such user"); Deno.exit(3)';
 * const error = await assertRejects(
 *   () => run(Deno.execPath(), ["eval", script], { check: true }),
 *   CalledProcessError,
 *   "no such user",
 * );
 * assertEquals(error.code, 3);
 * ```
 */
export class CalledProcessError extends Error implements CompletedProcess {
  /** Always `"CalledProcessError"`. */
  override readonly name = "CalledProcessError";
  /** The program, as it was given. */
  readonly command: string;
  /** The arguments, as they were given. */
  readonly args: readonly string[];
  /** The exit code; 128 and the number of the signal if one ended the command. */
  readonly code: number;
  /** The signal that ended the command, if one did. */
  readonly signal: Deno.Signal | undefined;
  readonly #completed: CompletedProcess;

  /**
   * Creates the error of a command that failed, also of one that ran without `check`.
   *
   * @param completed How the command ended.
   */
  constructor(completed: CompletedProcess) {
    const { command, args, code, signal, stderr } = completed;
    const how = signal === undefined ? `with exit code ${code}` : `by the signal ${signal}`;
    super(`The command "${command}" ended ${how}${tail(stderr)}`);
    this.command = command;
    this.args = args;
    this.code = code;
    this.signal = signal;
    this.#completed = completed;
  }

  /** `false`, as the command failed. */
  get success(): boolean {
    return this.#completed.success;
  }

  /** The output as text. */
  get stdout(): string {
    return this.#completed.stdout;
  }

  /** The error output as text. */
  get stderr(): string {
    return this.#completed.stderr;
  }

  /** The output as it was written. */
  get stdoutBytes(): Uint8Array {
    return this.#completed.stdoutBytes;
  }

  /** The error output as it was written. */
  get stderrBytes(): Uint8Array {
    return this.#completed.stderrBytes;
  }
}

/**
 * Is what {@linkcode run} rejects with if the time is over; its `name` is `TimeoutError`.
 *
 * It carries what the command wrote until it was ended.
 *
 * @example See how far a command came
 * ```ts
 * import { CommandTimeoutError, run } from "@weft/concurrency/process";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const error = await assertRejects(
 *   () => run(Deno.execPath(), ["eval", "for (;;);"], { timeout: 50 }),
 *   CommandTimeoutError,
 * );
 * assertEquals(error.name, "TimeoutError");
 * assertEquals(error.stdout, "");
 * ```
 */
export class CommandTimeoutError extends DOMException implements CommandOutput {
  /** The program, as it was given. */
  readonly command: string;
  /** The arguments, as they were given. */
  readonly args: readonly string[];
  /** The milliseconds that the command had. */
  readonly timeout: number;
  readonly #output: CommandOutput;

  /**
   * Creates the error of a command whose time is over.
   *
   * @param timeout The milliseconds that the command had.
   * @param output The command and what it wrote.
   */
  constructor(timeout: number, output: CommandOutput) {
    super(`The command "${output.command}" timed out after ${timeout} ms`, "TimeoutError");
    this.command = output.command;
    this.args = output.args;
    this.timeout = timeout;
    this.#output = output;
  }

  /** The output until the end, as text. */
  get stdout(): string {
    return this.#output.stdout;
  }

  /** The error output until the end, as text. */
  get stderr(): string {
    return this.#output.stderr;
  }

  /** The output until the end, as it was written. */
  get stdoutBytes(): Uint8Array {
    return this.#output.stdoutBytes;
  }

  /** The error output until the end, as it was written. */
  get stderrBytes(): Uint8Array {
    return this.#output.stderrBytes;
  }
}

/**
 * Runs a command without a shell and waits until it has ended and its piped outputs are closed,
 * as `subprocess.run` of Python does.
 *
 * **Cancellation:** a timeout or an abort ends the command and all that it started: SIGTERM, and
 * SIGKILL for what is still there after `killGrace`. The promise settles once the command is
 * reaped. A process that left the group (by `setsid`) goes on, but is not waited for. If the signal
 * is already aborted, nothing is started.
 *
 * **Cleanup:** a command given a `timeout` or `signal` leads a process group and session of its
 * own. It has no terminal, so Ctrl-C does not reach it: abort the signal from a listener for SIGINT
 * if it has to end then. Without both, it stays in the group of this program.
 *
 * **Runtime:** needs `--allow-run`. With a list such as `--allow-run=git`, and on Windows, Deno
 * cannot signal a group: the command then stays in the group of this program, a timeout ends it
 * alone, and reading stops at what it started.
 *
 * @param command The program: a path, or a name looked up in `PATH`.
 * @param args Its arguments, each passed on as it is.
 * @param options Input, outputs, surroundings and limits of the command.
 * @returns How the command ended, also if it failed.
 * @throws {TypeError} If an argument or option has the wrong type or holds a NUL character, or the
 * input is a stream that is locked.
 * @throws {RangeError} If `timeout` or `killGrace` is negative or not a number.
 * @throws {Deno.errors.NotFound} If there is no such program or folder.
 * @throws {Deno.errors.NotCapable} If `--allow-run` does not cover the command.
 * @throws {CalledProcessError} If `check` is set and the command ended with another exit code than
 * 0 or by a signal.
 * @throws {CommandTimeoutError} If the time is over, after the command was ended.
 * @throws {unknown} `signal.reason` if the signal aborts, or the error of an `input` stream that
 * fails, after the command was ended.
 *
 * @example Filter text
 * ```ts
 * import { run } from "@weft/concurrency/process";
 * import { assertEquals } from "@std/assert";
 *
 * const script = "console.log((await new Response(Deno.stdin.readable).text()).toUpperCase())";
 * const { stdout, success } = await run(Deno.execPath(), ["eval", script], { input: "weft" });
 * assertEquals(stdout, "WEFT\n");
 * assertEquals(success, true);
 * ```
 */
export async function run(
  command: string,
  args: readonly string[] = [],
  options: RunOptions = {},
): Promise<CompletedProcess> {
  checkArguments(command, args);
  const { input, killGrace = defaultKillGrace } = options;
  const timeout = checkTimeout(options.timeout);
  checkOptions(input, killGrace);
  const { signal, scope } = beginWait(options);

  const limited = timeout !== Infinity || signal !== undefined || scope !== undefined;
  const ownGroup = limited && canSignalGroup();
  const commandOptions = toCommandOptions([...args], options, ownGroup);
  const child = new Deno.Command(command, commandOptions).spawn();

  observeChild(command, child);
  const group = new CommandGroup(child, ownGroup);
  const stdout = new OutputCollector(
    commandOptions.stdout === "piped" ? child.stdout : undefined,
  );
  const stderr = new OutputCollector(
    commandOptions.stderr === "piped" ? child.stderr : undefined,
  );
  const feeder = input === undefined ? undefined : new InputFeeder(child.stdin, input);
  const progress = [
    Promise.all([child.status, stdout.done, stderr.done]).then(([status]) => status),
    ...(feeder === undefined ? [] : [feeder.failure]),
  ];
  const first = () => firstOutcome(progress, { timeout, signal, scope });
  let outcome = await observed("run", first);
  if (outcome.kind === "timeout" && await group.hasEnded()) {
    // This program may have been too busy to see that the command ended in time.
    outcome = await firstOutcome(progress, { timeout: settleLimit, signal, scope });
  }

  if (outcome.kind !== "ended") {
    await group.end(killGrace);
    await settle(Promise.allSettled([stdout.done, stderr.done]));
    await Promise.all([stdout.stop(), stderr.stop()]);
  }
  feeder?.stop();
  // A write into a pipe which an escaped process holds but does not read cannot be ended.
  await settle(feeder?.done);

  const output = new Output(command, commandOptions.args, stdout.bytes, stderr.bytes);
  if (outcome.kind === "failed") throw outcome.error;
  if (outcome.kind === "timeout") throw new CommandTimeoutError(timeout, output);
  const completed = new Completed(output, outcome.status);
  if (options.check && !completed.success) throw new CalledProcessError(completed);
  return completed;
}

/** Tells who observes of a command. */
function observeChild(command: string, { pid, status }: Deno.ChildProcess): void {
  if (!isObserved()) return;
  emit({ type: "process-begin", child: pid, name: command });
  status.then(({ code }) => emit({ type: "process-end", child: pid, how: "ended", code }));
}

/** What {@linkcode run} waited for and what came of it. */
type Outcome =
  | { readonly kind: "ended"; readonly status: Deno.CommandStatus }
  | { readonly kind: "failed"; readonly error: unknown }
  | { readonly kind: "timeout" };

async function firstOutcome(
  promises: readonly Promise<Deno.CommandStatus>[],
  options: ScopedOptions,
): Promise<Outcome> {
  // Turned into a value, so that what waitFor rejects with is the timeout or the abort.
  const outcome = Promise.race(promises).then(
    (status): Outcome => ({ kind: "ended", status }),
    (error): Outcome => ({ kind: "failed", error }),
  );
  try {
    return await waitFor(outcome, options);
  } catch (error) {
    return isOver(error, options) ? { kind: "timeout" } : { kind: "failed", error };
  }
}

/** Waits for what should be there in a moment, and gives up quietly if it is not. */
async function settle(promise: Promise<unknown> | undefined): Promise<void> {
  if (promise === undefined) return;
  await waitFor(promise, { timeout: settleLimit }).catch(() => {});
}

class Completed extends Output implements CompletedProcess {
  readonly code: number;
  readonly signal: Deno.Signal | undefined;
  readonly success: boolean;

  constructor(output: CommandOutput, status: Deno.CommandStatus) {
    super(output.command, output.args, output.stdoutBytes, output.stderrBytes);
    this.code = status.code;
    this.signal = status.signal ?? undefined;
    this.success = status.success;
  }

  [Symbol.for("Deno.customInspect")](
    inspect: typeof Deno.inspect,
    options: Deno.InspectOptions,
  ): string {
    const { command, args, code, signal, stdout, stderr } = this;
    return `CompletedProcess ${inspect({ command, args, code, signal, stdout, stderr }, options)}`;
  }
}

function toCommandOptions(
  args: string[],
  options: RunOptions,
  ownGroup: boolean,
): Deno.CommandOptions & { args: string[] } {
  const { cwd, env, clearEnv = false, input } = options;
  return {
    args,
    ...(cwd === undefined ? {} : { cwd }),
    ...(env === undefined ? {} : { env: { ...env } }),
    clearEnv,
    stdin: input === undefined ? "null" : "piped",
    stdout: checkOutput("stdout", options.stdout),
    stderr: checkOutput("stderr", options.stderr),
    detached: ownGroup,
  };
}

/** The end of an error output as the continuation of a message. */
function tail(text: string): string {
  const trimmed = text.trimEnd();
  if (trimmed === "") return "";
  const start = trimmed.length - tailLength;
  return `:\n${start > 0 ? `…${trimmed.slice(start)}` : trimmed}`;
}
