// Copyright 2026 the Weft authors. MIT license.

/**
 * Runs each test of a primitive in every mode: place × scope × form.
 *
 * | place      | scope           | form            | actors of the test                                |
 * | ---------- | --------------- | --------------- | ------------------------------------------------- |
 * | alone      | thread, process | async, sync     | none: the test itself                             |
 * | coroutines | thread, process | async           | coroutines of the test's own isolate              |
 * | threads    | thread, process | async, sync     | threads                                           |
 * | processes  | process         | async, sync     | processes                                         |
 * | mixed      | process         | async and sync  | a thread, a process and a coroutine at once       |
 *
 * Threads and processes are started once for a file. Each gets the objects of all tests, and each test in
 * each mode has objects of its own, so that tests do not depend on each other.
 */

import type { RWLock, Scope, SyncOptions } from "../../../sync/mod.ts";
import type { Objects } from "../../fixtures/conformance_script.ts";
import { type Actor, type Call, Coroutine, type Form, linked, Unit, UnitActor } from "./_actors.ts";

export type { Actor, Call } from "./_actors.ts";

export type Place = "alone" | "coroutines" | "threads" | "processes" | "mixed";

/** Where, in which memory and in which form a test runs. */
export interface Mode {
  readonly place: Place;
  readonly scope: Scope;
  /** The form of all actors; those of the mixed mode differ. */
  readonly form: Form | "both";
}

/** Calls the async form of a method, or the sync form within a promise. */
export type Act = (object: object, method: string, ...args: unknown[]) => Promise<unknown>;

/** What a test is given. */
export interface Scene<T> {
  readonly objects: T;
  readonly actors: readonly Actor[];
  readonly mode: Mode;
  readonly act: Act;
  /** Starts an actor for this test alone, which may be killed. */
  readonly mortal: () => Promise<Mortal>;
}

/** An actor that may be killed. */
export interface Mortal {
  readonly actor: Actor;
  readonly kill: () => Promise<void>;
}

/** In which modes a test runs, where not in all. */
export interface Restriction<T> {
  /** Objects of this test, in place of those of its suite. */
  readonly make?: (options: SyncOptions) => T;
  readonly places?: readonly Place[];
  readonly forms?: readonly Mode["form"][];
  readonly scopes?: readonly Scope[];
  /** Modes in which the library is known to fail; the test is shown as ignored there. */
  readonly known?: (mode: Mode) => boolean;
}

/** Milliseconds after which a test has failed that waits for what does not come. */
const testLimit = 60_000;
/** Threads and processes that are started, each. */
const crewSize = 5;
const mixedForms = ["sync", "async", "async", "async", "sync"] as const;
const mixedKinds = ["thread", "process", "coroutine", "thread", "process"] as const;

const allModes: readonly Mode[] = [
  { place: "coroutines", scope: "thread", form: "async" },
  { place: "coroutines", scope: "process", form: "async" },
  { place: "threads", scope: "thread", form: "async" },
  { place: "threads", scope: "thread", form: "sync" },
  { place: "threads", scope: "process", form: "async" },
  { place: "threads", scope: "process", form: "sync" },
  { place: "processes", scope: "process", form: "async" },
  { place: "processes", scope: "process", form: "sync" },
  { place: "mixed", scope: "process", form: "both" },
];

/** The suite of one primitive. */
export class Suite<T extends object> {
  readonly #make: (options: SyncOptions) => T;
  readonly #supplies: Record<"thread" | "process", Record<number, Objects>> = {
    thread: {},
    process: {},
  };
  readonly #units: Record<"thread" | "process", Unit[]> = { thread: [], process: [] };
  #count = 0;

  /** @param make Creates what one test in one mode needs. */
  constructor(make: (options: SyncOptions) => T) {
    this.#make = make;
    // The C library stays open once it is used, which the resource sanitizer would blame on a test.
    make({ scope: "process" });
    Deno.test.beforeAll(() => this.#start());
    Deno.test.afterAll(() => this.#end());
  }

  /** Registers a test that needs nobody else, in both scopes and both forms. */
  alone<U extends object = T>(
    name: string,
    fn: (scene: Scene<U>) => void | Promise<void>,
    { make = this.#make as unknown as (options: SyncOptions) => U, ...only }: Restriction<U> = {},
  ): void {
    for (const scope of only.scopes ?? ["thread", "process"] as const) {
      for (const form of only.forms ?? ["async", "sync"] as const) {
        const act: Act = async (object, method, ...args) => {
          const name = form === "sync" ? `${method}Sync` : method;
          return await (object as Record<string, (...args: unknown[]) => unknown>)[name]!(...args);
        };
        const mode: Mode = { place: "alone", scope, form };
        const mortal = () => Promise.reject(new Error("Nobody can be killed here"));
        const ignore = only.known?.(mode) ?? false;
        Deno.test(`${name} (alone, scope ${scope}, ${form})`, { ignore }, async () => {
          await fn({ objects: make({ scope }), actors: [], mode, act, mortal });
        });
      }
    }
  }

  /** Registers a test that needs others, in every mode that has any. */
  together<U extends object = T>(
    name: string,
    size: number,
    fn: (scene: Scene<U>) => Promise<void>,
    { make = this.#make as unknown as (options: SyncOptions) => U, ...only }: Restriction<U> = {},
  ): void {
    for (const mode of allModes) {
      const { place, scope, form } = mode;
      if (only.places?.includes(place) === false || only.scopes?.includes(scope) === false) {
        continue;
      }
      if (only.forms?.includes(form) === false) continue;
      if (place === "mixed" && size < 2) continue;
      const ignore = only.known?.(mode) ?? false;
      const objects = make({ scope });
      const at = this.#count++;
      if (place !== "processes" && !ignore) {
        this.#supplies.thread[at] = objects as unknown as Objects;
      }
      if (place !== "threads" && scope === "process" && !ignore) {
        this.#supplies.process[at] = objects as unknown as Objects;
      }
      const words = place === "mixed" ? "mixed" : `${place}, scope ${scope}, ${form}`;
      Deno.test(`${name} (${words})`, { ignore }, async () => {
        const actors = this.#cast(mode, size, at, objects as unknown as Objects);
        const act: Act = (object, method, ...args) =>
          (object as Record<string, (...args: unknown[]) => Promise<unknown>>)[method]!(...args);
        const mortals: Unit[] = [];
        const mortal = async () => {
          const kind = place === "processes" ? "process" : "thread";
          const unit = new Unit(kind, { [at]: objects as unknown as Objects });
          mortals.push(unit);
          const actor = new UnitActor(form as Form, await unit.ready(), at);
          return { actor, kill: () => unit.kill() };
        };
        try {
          await withLimit(fn({ objects, actors, mode, act, mortal }), actors);
          const left = pending(actors);
          if (left.length > 0) throw new Error(`The test has left operations: ${left.join(", ")}`);
        } finally {
          await Promise.all(mortals.map((unit) => unit.kill()));
          await this.#replace(actors);
        }
      });
    }
  }

  #cast({ place, form }: Mode, size: number, at: number, objects: Objects): Actor[] {
    const { thread, process } = this.#units;
    return Array.from({ length: size }, (_, i) => {
      if (place === "coroutines") return new Coroutine(objects);
      if (place === "threads") return new UnitActor(form as Form, thread[i]!, at);
      if (place === "processes") return new UnitActor(form as Form, process[i]!, at);
      const kind = mixedKinds[i]!;
      if (kind === "coroutine") return new Coroutine(objects);
      return new UnitActor(mixedForms[i]!, this.#units[kind][i]!, at);
    });
  }

  /** Replaces the units that a test has left busy, which it may only do if it fails. */
  async #replace(actors: readonly Actor[]): Promise<void> {
    if (pending(actors).length === 0) return;
    for (const actor of actors) {
      if (actor.pending.size === 0 || !(actor instanceof UnitActor)) continue;
      for (const kind of ["thread", "process"] as const) {
        const i = this.#units[kind].indexOf(actor.unit);
        if (i < 0) continue;
        await actor.unit.kill();
        this.#units[kind][i] = await new Unit(kind, this.#supplies[kind]).ready();
      }
    }
    await linked();
  }

  async #start(): Promise<void> {
    for (const kind of ["thread", "process"] as const) {
      if (Object.keys(this.#supplies[kind]).length === 0) continue;
      for (let i = 0; i < crewSize; i++) {
        this.#units[kind].push(new Unit(kind, this.#supplies[kind]));
      }
    }
    await Promise.all(this.#all().map((unit) => unit.ready()));
    await linked();
  }

  async #end(): Promise<void> {
    await Promise.all(this.#all().map((unit) => unit.end()));
  }

  #all(): Unit[] {
    return [...this.#units.thread, ...this.#units.process];
  }
}

/** Lets some time pass in which what must not happen could happen. */
export function aWhile(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}

/** The calls that have ended. */
export function settled<T>(calls: readonly Call<T>[]): Call<T>[] {
  return calls.filter((call) => call.settled);
}

/** Waits until `count` of the calls have ended, and looks that no more of them do. */
export async function exactly(count: number, calls: readonly Call[]): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = () => settled(calls).length >= count && resolve();
  for (const call of calls) call.then(look, look);
  look();
  await promise;
  await aWhile();
  const { length } = settled(calls);
  if (length !== count) throw new Error(`${length} operations have ended, not ${count}`);
}

/** Waits until a condition holds that no event tells of. */
export async function comesTo(what: string, condition: () => boolean): Promise<void> {
  const end = performance.now() + testLimit / 2;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`It has not come to be: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Waits until a condition holds that no event tells of, and looks that it stays so. */
export async function comesToStay(what: string, condition: () => boolean): Promise<void> {
  await comesTo(what, condition);
  await aWhile();
  if (!condition()) throw new Error(`It has not stayed: ${what}`);
}

/** The names of what the calls reject with. */
export function reasons(calls: readonly Call[]): Promise<string[]> {
  return Promise.all(calls.map((call) => call.then((value) => `${value}`, (error) => error.name)));
}

/** Tells whether a reader gets in at once. */
export function tryRead(lock: RWLock): boolean {
  if (!lock.tryAcquireRead()) return false;
  lock.releaseRead();
  return true;
}

/** The operations of actors that have not ended. */
function pending(actors: readonly Actor[]): string[] {
  return actors.flatMap((actor, i) => [...actor.pending].map((what) => `${i}: ${what}`));
}

async function withLimit(promise: Promise<void>, actors: readonly Actor[]): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const left = pending(actors).join(", ");
    reject(new Error(`Not within ${testLimit} ms; what still waits: ${left}`));
  }, testLimit);
  try {
    await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
