// Copyright 2026 the Weft authors. MIT license.

import { currentContext, runWithin, runWithinFor } from "./_context.ts";
import { noteBegin, turnToBegin } from "./_starts.ts";
import { nextTurn, pause } from "./_turn.ts";

// deno-lint-ignore no-explicit-any -- arguments and result of any types
export type AnyFunction = (...args: any[]) => unknown;
type AnyGenerator = Generator<unknown, unknown, unknown>;
type AnyAsyncGenerator = AsyncGenerator<unknown, unknown, unknown>;

/** What bodies ask of those that they run for. */
export interface Host<O> {
  /** Notes that it has begun. */
  begin(owner: O): void;
  /** Whether an error is the one that says that it is cancelled. */
  isReason(owner: O, error: unknown): boolean;
  /** Whether a body still runs for it that does not know that it is cancelled. */
  isUnaware(owner: O, body: Body<O>): boolean;
  /** Resolves when nothing in it has to leave things in order first; `undefined` if nothing has to now. */
  released(owner: O): Promise<void> | undefined;
  /** Notes that it knows that it is cancelled. */
  deliver(owner: O): void;
  /** Waits for it no more, as it cannot be cancelled. */
  giveUp(owner: O): void;
  /** Has another body go on in the place of this one. */
  replace(owner: O, body: Body<O>): void;
  /** Takes its result; `returned` says that a generator has returned since it was cancelled. */
  finish(owner: O, value: unknown, returned: boolean): void;
  /** Takes its error. */
  fail(owner: O, error: unknown): void;
}

// One for all, and flags in place of fields: there may be a million bodies.
let host: Host<unknown>;

/** Says what bodies ask; for the module of those that they run for. */
export function setHost<O>(it: Host<O>): void {
  host = it as Host<unknown>;
}

/** What its code has given: nothing yet, a promise, or a generator of either kind. */
const promise = 1;
const generator = 2;
const asyncGenerator = 4;
/** It waits for nothing but its turn. */
const pausing = 8;
/** As a generator it has to return at its next `yield`. */
const mustReturn = 16;
/** As an asynchronous generator it has got what it was waiting for when it was cancelled. */
const served = 32;
/** It has to return where it is. */
const interrupted = 64;
/** It has returned since it was cancelled. */
const returned = 128;
/** Another one has taken its place. */
const replaced = 256;

/**
 * Runs the function of a coroutine: calls it, and if it gives a generator steps through that.
 *
 * ```text
 *   call ──▶ a promise ──────▶ settles ──────────────────────────▶ finish or fail
 *     └────▶ a generator ──▶ step ──▶ yields ──▶ what it yields settles ─┐    ▲
 *                              ▲  └──▶ returns or throws ────────────────│────┘
 *                              └─────────────────────────────────────────┘
 * ```
 *
 * Each step is a reaction to a promise that was made within the context of the body: so the platform carries that
 * context, and those of other libraries, from one step to the next, calls those that are ready in turn, and tells which
 * body it is that goes on.
 */
export class Body<O = unknown> {
  readonly owner: O;
  /** The function, and later the generator. */
  #code: unknown;
  #args: readonly unknown[] | undefined;
  #flags = 0;
  #steps = 0;

  constructor(owner: O, fn?: AnyFunction, args?: readonly unknown[]) {
    this.owner = owner;
    this.#code = fn;
    this.#args = args;
  }

  /**
   * Has it begin when it is its turn.
   *
   * @param id Number of its context, which is to be forgotten when it has ended; without one it is kept.
   * @param gate What it waits for before.
   */
  start(id: number | undefined, gate?: Promise<void>): void {
    // Not within its own context yet: there may be a million of them that wait for their turn.
    (gate ?? turnToBegin()).then(() => {
      if (gate === undefined) noteBegin();
      if ((this.#flags & replaced) !== 0) return;
      if (id === undefined) runWithin(this, Body.#begin);
      else runWithinFor(id, this, Body.#begin);
    });
  }

  /** Never begins. */
  drop(): void {
    this.#flags |= replaced;
  }

  /**
   * Has a generator return at its `yield`. If that waits for a value that is there it gets this first, and returns at the
   * next `yield`: so nothing is lost that was taken from a queue. Anything else that does not end by itself is given up.
   *
   * @param informed Whether something that it waits for has been ended, and so says that it has.
   */
  cancel(informed: boolean): void {
    if ((this.#flags & promise) === 0) this.#flags |= mustReturn;
    if ((this.#flags & (generator | pausing)) === (generator | pausing)) return this.#interrupt();
    if (!informed) this.insist();
  }

  /** Ends a wait for something that is not of this library, if it goes on. */
  async insist(): Promise<void> {
    const steps = this.#steps;
    do {
      await host.released(this.owner);
      // A value that is there has arrived by then.
      await nextTurn();
    } while (host.released(this.owner) !== undefined);
    if (this.#steps !== steps || !host.isUnaware(this.owner, this)) return;
    if ((this.#flags & generator) !== 0) this.#interrupt();
    else host.giveUp(this.owner);
  }

  // A reaction cannot be taken back: so the one that is left belongs to a body that says nothing any more.
  #interrupt(): void {
    const body = new Body(this.owner);
    body.#code = this.#code;
    body.#flags = generator | interrupted;
    this.#flags |= replaced;
    host.replace(this.owner, body);
    runWithin(body, schedule);
  }

  static readonly #begin = (body: Body): void => body.#call();

  static readonly onValue = (value: unknown): void => {
    const body = currentContext() as Body | undefined;
    if (body === undefined) return;
    const flags = body.#flags;
    if ((flags & replaced) !== 0) return;
    if ((flags & generator) !== 0) {
      if ((flags & interrupted) !== 0) body.#return();
      else body.#next(value);
    } else if ((flags & asyncGenerator) !== 0) body.#onResult(value as IteratorResult<unknown>);
    else host.finish(body.owner, value, false);
  };

  static readonly onError = (error: unknown): void => {
    const body = currentContext() as Body | undefined;
    if (body === undefined) return;
    const flags = body.#flags;
    if ((flags & replaced) !== 0) return;
    if ((flags & generator) === 0) host.fail(body.owner, error);
    else if ((flags & mustReturn) !== 0 && host.isReason(body.owner, error)) body.#return();
    else body.#throw(error);
  };

  #call(): void {
    let result: unknown;
    host.begin(this.owner);
    try {
      const fn = this.#code as AnyFunction;
      result = this.#args === undefined ? fn() : fn(...this.#args);
    } catch (error) {
      return host.fail(this.owner, error);
    }
    this.#code = this.#args = undefined;
    const kind = kindOf(result);
    this.#flags |= kind;
    if (kind === promise) wait(result);
    else {
      this.#code = result;
      this.#next(undefined);
    }
  }

  #next(value: unknown): void {
    if ((this.#flags & asyncGenerator) !== 0) {
      (this.#code as AnyAsyncGenerator).next(value).then(Body.onValue, Body.onError);
      return;
    }
    this.#flags &= ~pausing;
    let result: IteratorResult<unknown>;
    try {
      result = (this.#code as AnyGenerator).next(value);
    } catch (error) {
      return host.fail(this.owner, error);
    }
    this.#take(result);
  }

  #throw(error: unknown): void {
    let result: IteratorResult<unknown>;
    try {
      result = (this.#code as AnyGenerator).throw(error);
    } catch (error) {
      return host.fail(this.owner, error);
    }
    this.#take(result);
  }

  #return(): void {
    host.deliver(this.owner);
    this.#flags = this.#flags & ~(mustReturn | interrupted | pausing) | returned;
    if ((this.#flags & asyncGenerator) !== 0) {
      (this.#code as AnyAsyncGenerator).return(undefined).then(Body.onValue, Body.onError);
      return;
    }
    let result: IteratorResult<unknown>;
    try {
      result = (this.#code as AnyGenerator).return(undefined);
    } catch (error) {
      return host.fail(this.owner, error);
    }
    this.#take(result);
  }

  /** Goes on from what a generator has yielded or returned. */
  #take(result: IteratorResult<unknown>): void {
    this.#steps++;
    if (result.done) host.finish(this.owner, result.value, (this.#flags & returned) !== 0);
    else if ((this.#flags & mustReturn) !== 0) {
      ignore(result.value);
      this.#return();
    } else if (result.value === undefined) {
      this.#flags |= pausing;
      pause().then(Body.onValue);
    } else wait(result.value);
  }

  /** Goes on from what an asynchronous generator has yielded, which it has waited for itself, or returned. */
  #onResult(result: IteratorResult<unknown> | undefined): void {
    const flags = this.#flags;
    const isPause = (flags & pausing) !== 0;
    this.#steps++;
    if (!isPause && result!.done) {
      return host.finish(this.owner, result!.value, (flags & returned) !== 0);
    }
    this.#flags &= ~pausing;
    if ((flags & mustReturn) !== 0) {
      if ((flags & served) !== 0) return this.#return();
      this.#flags |= served;
      // Also if that is nothing, after a pause: it may have put an item.
      return this.#next(result?.value);
    }
    if (isPause || result!.value !== undefined) return this.#next(result?.value);
    this.#flags |= pausing;
    pause().then(Body.onValue);
  }
}

function schedule(): void {
  pause().then(Body.onValue);
}

/** Has the body go on within whose context this is called when something has settled. */
function wait(value: unknown): void {
  toPromise(value).then(Body.onValue, Body.onError);
}

function toPromise(value: unknown): Promise<unknown> {
  if (value instanceof Promise) return value;
  const isObject = (typeof value === "object" && value !== null) || typeof value === "function";
  // There is nothing to wait for but the turn.
  return isObject ? Promise.resolve(value) : pause().then(() => value);
}

function kindOf(result: unknown): number {
  if (typeof result !== "object" || result === null) return promise;
  const tag = (result as { [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
  if (tag === "Generator") return generator;
  return tag === "AsyncGenerator" ? asyncGenerator : promise;
}

/** Keeps the rejection of a promise that nobody waits for from ending the program. */
function ignore(value: unknown): void {
  if (value instanceof Promise) Promise.prototype.then.call(value, undefined, () => {});
}
