// Copyright 2026 the Weft authors. MIT license.

import { type Destination, type HandleForm, registerHandle, toHandle } from "./handle.ts";
import type { Scope } from "./memory/memory.ts";
import { allocate, describePlace, openPlace, type Place, type PlaceState } from "./memory/place.ts";

export type { Scope } from "./memory/memory.ts";

/** Options of every primitive in shared memory. */
export interface SyncOptions {
  /**
   * Who can use it: the threads of this process, or other processes as well.
   *
   * @default {"thread"}
   */
  readonly scope?: Scope | undefined;
  /** Name for people, in `Deno.inspect` and in messages. */
  readonly name?: string | undefined;
}

/** What an object is made from that came from elsewhere; stands in for its options. */
export class Restored implements SyncOptions {
  readonly place: Place;
  readonly name: string | undefined;

  constructor(place: Place, name?: string) {
    this.place = place;
    this.name = name;
  }
}

/** What an object is as it travels; its class may add to it. */
interface SharedState {
  readonly place: PlaceState;
  readonly name: string | undefined;
}

type SharedClass = abstract new (...args: never[]) => SharedObject<string>;

const kinds = new Map<SharedClass, string>();
let place: (object: SharedObject<string>) => Place;

/**
 * What lies in shared memory: it has a scope and perhaps a name, shows its state in `Deno.inspect`, and
 * travels as a handle on itself.
 *
 * @typeParam S Who can use it.
 *
 * @example Ask for scope and name
 * ```ts
 * import { Lock, type SharedObject } from "@weft/concurrency/sync";
 * import { assertEquals } from "@std/assert";
 *
 * const lock: SharedObject = new Lock({ name: "printer" });
 * assertEquals([lock.scope, lock.name], ["thread", "printer"]);
 * ```
 */
export abstract class SharedObject<S extends string = Scope> {
  readonly #place: Place;
  readonly #name: string | undefined;

  static {
    place = (object) => object.#place;
  }

  /**
   * Takes a place that another side has described, or finds a new one.
   *
   * @param options Scope and name.
   * @param words How many words of 32 bits it needs, or what allocates them.
   * @throws {TypeError} If the scope is not one.
   * @throws {Deno.errors.NotCapable} If the scope is `"process"` and `--allow-ffi` is missing.
   * @throws {Deno.errors.NotSupported} If the scope is `"process"` on another system than Linux.
   */
  constructor(options: SyncOptions, words: number | ((scope: Scope | undefined) => unknown)) {
    this.#name = options.name;
    if (options instanceof Restored) this.#place = options.place;
    else if (typeof words === "number") this.#place = allocate(options.scope, words);
    else this.#place = words(options.scope) as Place;
  }

  /** Who can use it. */
  get scope(): S {
    return this.#place.memory.scope as string as S;
  }

  /** Its name, if it has one. */
  get name(): string | undefined {
    return this.#name;
  }

  /** Its state in a few words, for `Deno.inspect`. */
  protected abstract describe(): string;

  /** What the other side must know besides place and name. */
  protected describeMore(): object {
    return {};
  }

  /** Makes it travel as a handle on itself. */
  [toHandle](destination: Destination | undefined): HandleForm {
    const kind = kindOf(this);
    const what = `${kind.replaceAll("-", " ")} ${this.#name ?? ""}`.trim();
    const place = describePlace(this.#place, destination, what);
    const state: SharedState = { place, name: this.#name, ...this.describeMore() };
    return { kind, state };
  }

  /** Shows name, scope and state in `Deno.inspect` and on the console. */
  [Symbol.for("Deno.customInspect")](): string {
    const name = this.#name === undefined ? "" : ` ${JSON.stringify(this.#name)}`;
    return `${this.constructor.name}${name} { scope: "${this.scope}", ${this.describe()} }`;
  }
}

/** Where an object has its words. */
export function placeOf(object: SharedObject<string>): Place {
  return place(object);
}

/**
 * Says under which name the objects of a class travel, and how they come to life.
 *
 * @typeParam More What the class adds to their state.
 */
export function registerShared<More>(
  theClass: SharedClass,
  kind: string,
  revive: (restored: Restored, more: More) => SharedObject<string>,
): void {
  kinds.set(theClass, kind);
  registerHandle(kind, (state) => {
    const { place, name } = state as SharedState;
    return revive(new Restored(openPlace(place), name), state as More);
  });
}

/** A subclass that is not registered travels as what it is made of. */
function kindOf(object: SharedObject<string>): string {
  let theClass = object.constructor as SharedClass;
  while (!kinds.has(theClass)) theClass = Object.getPrototypeOf(theClass);
  return kinds.get(theClass)!;
}
