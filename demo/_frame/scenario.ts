// Copyright 2026 the Weft authors. MIT license.

/** A permission flag of `deno run`, without its `--allow-`. */
export type Permission = PermissionName | `${PermissionName}=${string}`;

type PermissionName = "env" | "ffi" | "net" | "read" | "run" | "sys" | "write";

/** One example of the tutorials, rebuilt; each is a program of its own in `demo/`. */
export interface Scenario {
  /** Name on the command line. */
  readonly name: string;
  /** `import.meta.url` of the scenario's file, which the demo runs as a program. */
  readonly module: string;
  /** The sections of the tutorials that it rebuilds, such as `S0.3 S4.4`. */
  readonly seeds: string;
  /** What it shows, in one line. */
  readonly title: string;
  /** What it claims and checks, in one line for the summary. */
  readonly claim: string;
  /** The least permissions that it runs with; it gets no others. */
  readonly permissions: readonly Permission[];
  /**
   * The features of Deno that it needs and that are not stable yet, as in `--unstable-net`.
   *
   * @default {[]}
   */
  readonly unstable?: readonly string[];
  /**
   * Milliseconds after which it counts as hung.
   *
   * @default {60_000} plus 100 units
   */
  readonly limit?: number;
  /** Runs the example; throws when its claim does not hold. */
  run(ctx: Context): void | Promise<void>;
}

/** What a scenario is given to run with. */
export interface Context {
  /**
   * Milliseconds that stand for so many seconds of the tutorials.
   *
   * @param atLeast What a small scale may not go below, where the time of the machine counts.
   * @default {0}
   */
  ms(units: number, atLeast?: number): number;
  /** Waits as long as so many seconds of the tutorials. */
  sleep(units: number): Promise<void>;
  /** Prints a line; what stands between tabs is aligned in columns. */
  say(line: string): void;
  /**
   * Checks that a claim holds.
   *
   * @param claim A sentence.
   * @param holds Whether it holds, or an assertion that throws if not.
   * @param found What was found instead; shown on failure.
   * @throws {CheckError} If it does not hold.
   */
  check(claim: string, holds: boolean | (() => void), found?: unknown): void;
  /**
   * Ends the scenario, as this machine lacks what it needs, or the rest of it needs.
   *
   * @param reason What is missing.
   * @throws {SkipError} Always.
   */
  skip(reason: string): never;
  /** Creates a folder that is removed at the end; needs `--allow-write`. */
  tempDir(): Promise<string>;
}

/** Thrown when a claim of a scenario does not hold. */
export class CheckError extends Error {
  /** Always `"CheckError"`. */
  override readonly name = "CheckError";
}

/** Thrown when a scenario cannot go on on this machine, which is no failure. */
export class SkipError extends Error {
  /** Always `"SkipError"`. */
  override readonly name = "SkipError";
}

/** The flags of `deno run` with which a scenario's program runs. */
export function flagsOf({ permissions, unstable = [] }: Scenario): string[] {
  return [
    ...unstable.map((feature) => `--unstable-${feature}`),
    ...permissions.map((permission) => `--allow-${permission}`),
  ];
}
