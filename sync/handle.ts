// Copyright 2026 the Weft authors. MIT license.

/** Where a value goes: to a thread of this process or to another process. */
export type Destination = "thread" | "process";

/** What travels in place of a handle: which function revives it, and from what. */
export interface HandleForm {
  /** Name under which {@linkcode registerHandle} knows the function. */
  readonly kind: string;
  /** Anything that can be encoded, but not the handle itself. */
  readonly state: unknown;
}

/**
 * Key of the method that makes an object travel as a handle. It is looked for in the object's class,
 * not in the object, gets the {@linkcode Destination} (`undefined` when that is not known) and returns
 * a {@linkcode HandleForm} or throws a `DataCloneError` if the handle cannot get there.
 */
export const toHandle: unique symbol = Symbol("toHandle");

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

/** Thrown for a handle of a kind that no loaded module has registered. */
export class UnknownHandleError extends DOMException {
  /** The kind. */
  readonly kind: string;

  constructor(kind: string) {
    super(
      `Cannot decode a handle as no loaded module registered its kind: current value is "${kind}"`,
      "DataCloneError",
    );
    this.kind = kind;
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
