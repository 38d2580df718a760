// Copyright 2026 the Weft authors. MIT license.

import { type CompletedProcess, run, type RunOptions } from "../../process/mod.ts";

export const megabytes10 = 10 * 1024 * 1024;
export const ignoreOnWindows = { ignore: Deno.build.os === "windows" };
/** For what looks into /proc. */
export const linuxOnly = { ignore: Deno.build.os !== "linux" };

export function sh(
  script: string,
  options?: RunOptions,
  ...args: string[]
): Promise<CompletedProcess> {
  return run("sh", ["-c", script, "sh", ...args], options);
}

/** A temporary folder that is removed when it is left. */
export function tempFolder(): Disposable & { path(name: string): string } {
  const folder = Deno.makeTempDirSync({ prefix: "weft_run_" });
  return {
    path: (name) => `${folder}/${name}`,
    [Symbol.dispose]: () => Deno.removeSync(folder, { recursive: true }),
  };
}

/** Makes a named pipe by which a script tells that it has come to a point. */
export async function namedPipe(path: string): Promise<string> {
  await run("mkfifo", [path], { check: true });
  return path;
}

/** Fields of /proc/PID/stat from the third on: state, parent, group … */
export function processStat(pid: number): string[] | undefined {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/stat`).replace(/^.*\) /s, "").split(" ");
  } catch {
    return undefined;
  }
}

/** Whether a process runs; an orphan that nobody reaps is dead too. */
export function runs(pid: number): boolean {
  const stat = processStat(pid);
  return stat !== undefined && stat[0] !== "Z" && stat[0] !== "X";
}

export function toPids(text: string): number[] {
  return text.trim().split(/\s+/).map(Number);
}

/** Reads `count` process numbers, each on a line, from a named pipe. */
export async function readPids(pipe: string, count: number): Promise<number[]> {
  // Also open for writing, so that the pipe has no end between two writers.
  using file = await Deno.open(pipe, { read: true, write: true });
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(1024);
  let text = "";
  while (text.split("\n").length <= count) {
    text += decoder.decode(buffer.subarray(0, await file.read(buffer) ?? 0));
  }
  return toPids(text);
}

export function zombieChildren(): number[] {
  return [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter((pid) => {
    const stat = Number.isInteger(pid) ? processStat(pid) : undefined;
    return stat !== undefined && stat[0] === "Z" && Number(stat[1]) === Deno.pid;
  });
}

export function openFiles(): number {
  return [...Deno.readDirSync("/proc/self/fd")].length;
}

/** An abort controller that counts the listeners on its signal. */
export class CountingController extends AbortController {
  listeners = 0;

  constructor() {
    super();
    const { signal } = this;
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...args: unknown[]) => {
      this.listeners++;
      Reflect.apply(addEventListener, signal, args);
    };
    signal.removeEventListener = (...args: unknown[]) => {
      this.listeners--;
      Reflect.apply(removeEventListener, signal, args);
    };
  }
}

/** Runs `run` in a program that has only the given permissions. */
export async function callWith(
  permissions: string[],
  call: unknown[],
): Promise<Record<string, unknown>> {
  const fixture = new URL("../fixtures/run_call.ts", import.meta.url).href;
  const { stdout } = await run(
    Deno.execPath(),
    ["run", "--no-prompt", "--quiet", ...permissions, fixture, JSON.stringify(call)],
    { stderr: "inherit", check: true },
  );
  return JSON.parse(stdout);
}
