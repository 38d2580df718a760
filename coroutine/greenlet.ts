// Copyright 2026 the Weft authors. MIT license.

import { refuseInstances } from "../channel/codec.ts";
import { emit, isObserved } from "../sync/observer.ts";
import { show } from "../sync/show.ts";

// deno-lint-ignore no-explicit-any -- what a `yield` gives is what somebody switches with
type GreenletGenerator<Out, Result> = Generator<Out, Result | void, any>;
type Mode = "next" | "throw" | "return";

/** Stands for a switch that is to be made, until it is yielded. */
const token = Symbol("switch");

/** The one that runs. */
// deno-lint-ignore no-explicit-any -- a greenlet of any types
let running: Greenlet<any, any, any> | undefined;
/** Where a switch that was not yielded yet leads to, and with what. */
let target: typeof running;
let count = 0;
let mode: Mode = "next";
let passed: unknown;

// deno-lint-ignore no-explicit-any -- greenlets of any types
let run: (greenlet: Greenlet<any, any, any>, how: Mode, value: unknown) => unknown;
let living: (greenlet: typeof running) => typeof running;

/**
 * A coroutine that is switched to and from by hand, without any scheduler.
 *
 * `greenlet.switch(value)` runs it until it yields or returns, and gives what that is. Within a greenlet
 * `yield other.switch(value)` goes on in another one, and gives the value with which somebody switches back.
 * A plain `yield value` goes back to where the switch came from. When a greenlet ends, the one goes on that has made it,
 * with its result or its error.
 *
 * @typeParam In What it is switched to with.
 * @typeParam Out What it yields.
 * @typeParam Result What it returns.
 *
 * @example Take turns
 * ```ts
 * import { Greenlet } from "@weft/concurrency/coroutine";
 * import { assertEquals } from "@std/assert";
 *
 * const log: number[] = [];
 * const first: Greenlet = new Greenlet(function* () {
 *   log.push(12);
 *   yield second.switch();
 *   log.push(34);
 * });
 * const second: Greenlet = new Greenlet(function* () {
 *   log.push(56);
 *   yield first.switch();
 *   log.push(78);
 * });
 * first.switch();
 *
 * assertEquals(log, [12, 56, 34]);
 * assertEquals([first.dead, second.dead], [true, false]);
 * ```
 *
 * @example Pass values
 * ```ts
 * import { Greenlet } from "@weft/concurrency/coroutine";
 * import { assertEquals } from "@std/assert";
 *
 * const sum = new Greenlet(function* (n: number) {
 *   for (let total = n;; total += yield total);
 * });
 *
 * assertEquals([sum.switch(1), sum.switch(10), sum.switch(100)], [1, 11, 111]);
 * ```
 */
// deno-lint-ignore no-explicit-any -- as in Python, what is passed need not be said
export class Greenlet<In = any, Out = any, Result = Out> {
  readonly #fn: (value: In) => GreenletGenerator<Out, Result>;
  readonly #id = ++count;
  readonly #parent = running;
  /** Where the last switch to it came from. */
  #origin: typeof running;
  #generator: GreenletGenerator<Out, Result> | undefined;
  #dead = false;

  /**
   * Creates a greenlet; it begins with the first switch to it.
   *
   * @param fn A generator function. It is called with the value of the first switch.
   * @throws {TypeError} If `fn` is not a function.
   */
  constructor(fn: (value: In) => GreenletGenerator<Out, Result>) {
    if (typeof fn !== "function") {
      throw new TypeError(
        `Cannot create a greenlet as it needs a generator function: current value is ${show(fn)}`,
      );
    }
    this.#fn = fn;
  }

  /** Whether it has ended. */
  get dead(): boolean {
    return this.#dead;
  }

  /**
   * Goes on in this greenlet. Within another one, what this gives has to be yielded at once.
   *
   * @param value What its `yield` gives; the first time the argument of its function.
   * @returns What it yields or returns, or what somebody switches back with.
   * @throws {Error} If it is dead or runs, or if a switch within a greenlet was not yielded.
   * @throws {unknown} What it throws.
   */
  switch(
    ...[value]: undefined extends In ? [value?: In] : [value: In]
  ): Out | Exclude<Result, void> {
    return this.#go("next", value);
  }

  /**
   * Goes on in this greenlet with an error, that is thrown at its `yield`; without one it returns there, and `finally`
   * blocks run. Within another one, what this gives has to be yielded at once.
   *
   * @param error What is thrown.
   * @returns As of {@linkcode Greenlet.switch}.
   * @throws {Error} If it is dead or runs.
   * @throws {unknown} What it throws.
   */
  throw(...error: [error?: unknown]): Out | Exclude<Result, void> {
    return this.#go(error.length === 0 ? "return" : "throw", error[0]);
  }

  #go(how: Mode, value: unknown): Out | Exclude<Result, void> {
    if (this.#dead) throw new Error("Cannot switch to the greenlet as it is dead");
    if (running === undefined) return run(this, how, value) as Out;
    if (running === this) throw new Error("Cannot switch to the greenlet as it runs");
    if (target !== undefined) throw notYielded();
    target = this;
    mode = how;
    passed = value;
    return token as Out;
  }

  static {
    run = (greenlet, how, value) => {
      greenlet.#origin = undefined;
      let current = greenlet;
      const isTold = isObserved();
      for (;;) {
        running = current;
        if (isTold) current.#tell("greenlet-begin");
        let result: IteratorResult<unknown> | undefined;
        let error: unknown;
        try {
          const generator = current.#generator;
          result = how === "next" && generator !== undefined
            ? generator.next(value)
            : current.#resume(how, value);
        } catch (thrown) {
          error = thrown;
        }
        running = undefined;
        if (isTold) current.#tell("greenlet-end", result?.done !== false);
        const to = target;
        target = undefined;
        if (to !== undefined && (result === undefined || result.value !== token)) {
          // It has made a switch and goes on as if there were none.
          how = "throw";
          value = error ?? notYielded();
          if (result?.done === false) continue;
          current.#dead = true;
          throw value;
        }
        if (to !== undefined && result?.done === false) {
          to.#origin = current;
          how = mode;
          value = passed;
          passed = undefined;
          current = to;
          continue;
        }
        const ended = result === undefined || result.done === true;
        if (ended) current.#dead = true;
        const next = living(ended ? current.#parent : current.#origin);
        how = result === undefined ? "throw" : "next";
        value = result === undefined ? error : result.value;
        if (next === undefined) {
          if (result === undefined) throw error;
          return value;
        }
        current = next;
      }
    };
    living = (greenlet) => {
      while (greenlet?.dead) greenlet = greenlet.#parent;
      return greenlet;
    };
  }

  #tell(type: "greenlet-begin" | "greenlet-end", dead = false): void {
    emit({ type, child: this.#id, name: this.#fn.name || `greenlet-${this.#id}`, dead });
  }

  #resume(how: Mode, value: unknown): IteratorResult<unknown> {
    if (this.#generator !== undefined) return this.#generator[how](value as never);
    if (how === "return") return { done: true, value: undefined };
    if (how === "throw") throw value;
    this.#generator = this.#fn(value as In);
    return this.#generator.next();
  }
}

function notYielded(): Error {
  return new Error(
    "Cannot go on as a switch to another greenlet was not yielded: write `yield other.switch(value)`",
  );
}

refuseInstances(Greenlet);
