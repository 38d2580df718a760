// Copyright 2026 the Weft authors. MIT license.

import type { Destination } from "./memory/memory.ts";

export type { Destination };

/** What travels in place of a handle: which function revives it, and from what. */
export interface HandleForm {
  /** Name under which the other side knows the function that revives it. */
  readonly kind: string;
  /** Anything that can be encoded, but not the handle itself. */
  readonly state: unknown;
  /** Its way to the other side, if what it is a handle on has to know of it. */
  readonly passage?: Passage | undefined;
}

/** The way of a handle that keeps something alive until it has come. */
export interface Passage {
  /** Says that it is in the hands of another process, whose end is also its end. */
  entrust(pid: number): void;
  /** Says that nobody gets the handle who has not got it by now. */
  end(): void;
}

/** Ends the passages of handles that nobody gets any more. */
export function endPassages(forms: readonly HandleForm[]): void {
  for (const { passage } of forms) passage?.end();
}

/**
 * Key of the method that makes an object travel as a handle. It is looked for in the object's class,
 * not in the object, gets the {@linkcode Destination} (`undefined` when that is not known) and returns
 * a {@linkcode HandleForm} or throws a `DataCloneError` if the handle cannot get there.
 */
export const toHandle: unique symbol = Symbol("toHandle");

/**
 * Key of a method of a handle that has come to life, if it has one: called when the value around the handle is
 * complete, or with `false` when that has failed and is perhaps tried again.
 */
export const arrived: unique symbol = Symbol("arrived");

/** A handle that is told what becomes of the value around it. */
export interface Arriving {
  /** Is told. */
  [arrived](complete: boolean): void;
}

/** An object whose class has a {@linkcode toHandle} method. */
export interface Handle {
  /** Says what travels in place of the object. */
  [toHandle](destination: Destination | undefined): HandleForm;
}

const revivers = new Map<string, (state: unknown) => object>();

/**
 * Tells how handles of one kind come to life on this side.
 *
 * @param kind Name that {@linkcode toHandle} gives.
 * @param revive Creates the handle from its state.
 * @throws {TypeError} If `kind` belongs to another function.
 */
export function registerHandle(kind: string, revive: (state: unknown) => object): void {
  const known = revivers.get(kind);
  if (known !== undefined && known !== revive) {
    throw new TypeError(`Cannot register a handle kind twice: current value is "${kind}"`);
  }
  revivers.set(kind, revive);
}

// deno-lint-ignore ban-types -- any function
let formOf: (fn: Function) => HandleForm | undefined = () => undefined;

/** Says what travels in place of a function; nothing if it cannot. */
// deno-lint-ignore ban-types -- any function
export function functionForm(fn: Function): HandleForm | undefined {
  return formOf(fn);
}

/** Tells how functions travel; for the module that has those which can. */
export function setFunctionForm(form: typeof formOf): void {
  formOf = form;
}

/** Thrown for a handle that only a module knows which has not been loaded. */
export class UnknownHandleError extends DOMException {
  /** The kind. */
  readonly kind: string;
  /** URL of the module, if the handle says it. */
  readonly module: string | undefined;

  constructor(kind: string, module?: string) {
    super(
      module === undefined
        ? `Cannot decode a handle as no loaded module registered its kind: current value is "${kind}"`
        : `Cannot decode a ${kind} as its module does not have it or is not loaded: current value is ` +
          module,
      "DataCloneError",
    );
    this.kind = kind;
    this.module = module;
  }
}

/**
 * Brings a handle to life.
 *
 * @throws {UnknownHandleError} If no loaded module registered its kind.
 */
export function reviveHandle(kind: string, state: unknown): object {
  const revive = revivers.get(kind);
  if (revive === undefined) throw new UnknownHandleError(kind);
  return revive(state);
}
