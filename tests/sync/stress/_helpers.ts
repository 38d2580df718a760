// Copyright 2026 the Weft authors. MIT license.

import { Process } from "../../../process/mod.ts";
import { Event } from "../../../sync/event.ts";
import type { Scope } from "../../../sync/memory/memory.ts";
import { Semaphore } from "../../../sync/semaphore.ts";
import { placeOf, type SharedObject } from "../../../sync/shared_object.ts";
import type { Task } from "../../../task/mod.ts";
import { Thread, threads } from "../../../thread/mod.ts";
import { countWorkers } from "../../fixtures/thread_workers.ts";
import { until } from "../../process/_helpers.ts";

export { linuxOnly } from "../../process/_helpers.ts";

/** How many times more than usual is done. */
export const stress = numberOf("WEFT_STRESS", 1);
/** How many times longer than usual everything may take. */
export const timeFactor = numberOf("WEFT_TIME_FACTOR", 1);
/** Milliseconds within which the death of a holder is felt by all who wait. */
export const deathBound = 300 * timeFactor;

export const scopes = ["thread", "process"] as const satisfies readonly Scope[];

/** What runs beside the test. */
export type Unit = Thread | Process;

/** Starts a task in a thread or a process. */
export function spawn<A extends unknown[]>(scope: Scope, task: Task<A, unknown>, ...args: A): Unit {
  return (scope === "thread" ? new Thread(task, { args }) : new Process(task, { args })).start();
}

/** Ends a unit wherever it is. */
export async function kill(unit: Unit): Promise<void> {
  if (unit instanceof Process) unit.kill();
  else unit.terminate();
  await unit.exited;
}

/** What units that begin at the same time share. */
export interface Stage {
  readonly ready: Semaphore;
  readonly start: Event;
}

/** Creates a stage. */
export function stageOf(scope: Scope): Stage {
  return { ready: new Semaphore(0, { scope }), start: new Event({ scope }) };
}

/** Waits until so many units are ready, and lets them begin. */
export async function begin({ ready, start }: Stage, units: readonly Unit[]): Promise<void> {
  await watch(Promise.all(units.map(() => ready.acquire())), 60, { units, objects: [ready] });
  start.set();
}

/** What to show, and to end, when something hangs. */
export interface Watched {
  readonly units?: readonly Unit[];
  readonly objects?: readonly SharedObject[];
}

/** Waits for something; if it takes too long, shows the state of all concerned; if it fails, ends the units. */
export async function watch<T>(
  promise: Promise<T>,
  seconds: number,
  { units = [], objects = [] }: Watched,
): Promise<T> {
  const limit = seconds * timeFactor;
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    for (const object of objects) console.error(Deno.inspect(object), wordsOf(object));
    const pids = units.flatMap((unit) => unit instanceof Process ? unit.pid : []);
    for (const pid of [Deno.pid, ...pids]) console.error(describeProcess(pid));
    reject(new Error(`Hangs: not done within ${limit} s`));
  }, limit * 1000);
  try {
    return await Promise.race([promise, late]);
  } catch (error) {
    promise.catch(() => {});
    await Promise.all(units.map(kill));
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for the results of units. */
export function join(units: readonly Unit[], seconds: number, objects: SharedObject[]) {
  return watch(Promise.all(units.map((unit) => unit.join())), seconds, { units, objects });
}

/** Runs a test with a seed, and tells it if the test fails. */
export async function seeded(body: (seed: number) => Promise<void>): Promise<void> {
  const seed = numberOf("WEFT_SEED", Math.floor(Math.random() * 2 ** 31));
  try {
    await body(seed);
  } catch (error) {
    console.error(`The seed was ${seed}: WEFT_SEED=${seed} repeats it`);
    throw error;
  }
}

/** Runs a test and sees that no thread, child or file is left afterwards. */
export async function withoutLeaks(body: () => Promise<void>): Promise<void> {
  const before = resources();
  await body();
  let left: string[] = [];
  const isBack = () => {
    left = resources();
    for (const resource of before) {
      const at = left.indexOf(resource);
      if (at >= 0) left.splice(at, 1);
    }
    return left.length === 0;
  };
  await until("no resource is left", isBack, 10_000 * timeFactor).catch((error) => {
    throw new Error(`${error.message}: ${left}`);
  });
}

/** Threads, their workers, children and open files, each by a name. */
function resources(): string[] {
  const names = threads().map(({ name }) => name);
  if (Deno.build.os !== "linux") return names;
  const workers = Array.from({ length: countWorkers() }, () => "worker");
  return [...names, ...workers, ...childrenOf(Deno.pid), ...openFiles()];
}

function openFiles(): string[] {
  return [...Deno.readDirSync("/proc/self/fd")].map(({ name }) => {
    try {
      return Deno.readLinkSync(`/proc/self/fd/${name}`);
    } catch {
      return "";
    }
    // Deno opens the others as it likes, and shared memory is closed when the garbage is collected.
  }).filter((target) => /^(\/(?!memfd:)|socket:|pipe:)/.test(target));
}

function childrenOf(parent: number): string[] {
  return [...Deno.readDirSync("/proc")].map(({ name }) => name).filter((name) => {
    return /^\d+$/.test(name) &&
      readProc(`${name}/stat`).replace(/^.*\) . /s, "").startsWith(`${parent} `);
  });
}

/** Waits until others can see that a process is dead. */
export function untilDead(pid: number): Promise<void> {
  return until(`process ${pid} is dead`, () => !/\) [^ZX] /.test(readProc(`${pid}/stat`)));
}

function describeProcess(pid: number): string {
  let tasks: string[] = [];
  try {
    tasks = [...Deno.readDirSync(`/proc/${pid}/task`)].map(({ name }) => {
      const [state, comm, wchan] = ["stat", "comm", "wchan"].map((file) => {
        return readProc(`${pid}/task/${name}/${file}`).trim();
      });
      return `  ${name} ${comm} ${state!.replace(/^.*\) /s, "")[0]} ${wchan}`;
    });
  } catch {
    // It has ended.
  }
  return [`process ${pid}`, ...tasks].join("\n");
}

function wordsOf(object: SharedObject): number[] {
  const { memory, index } = placeOf(object);
  return [...memory.words.subarray(index, index + 8)];
}

function readProc(path: string): string {
  try {
    return Deno.readTextFileSync(`/proc/${path}`);
  } catch {
    return "";
  }
}

function numberOf(variable: string, otherwise: number): number {
  const text = Deno.env.get(variable);
  return text === undefined ? otherwise : Number(text);
}
