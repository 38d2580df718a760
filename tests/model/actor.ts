// Copyright 2026 the Weft authors. MIT license.

import type { AsyncWait, WaitResult } from "../../sync/memory/memory.ts";
import { type Answer, CheckedMemory, type Operation, type Oracle } from "./memory.ts";
import { type Entry, isKnown, knownAnswer, type Point } from "./point.ts";
import { Suspended } from "./suspended.ts";

/** What the body of an actor can use. */
export interface Context {
  /** The memory that all actors share, with a token of this actor's own. */
  readonly memory: CheckedMemory;
  /** Adds to a tally of this actor, for the invariant and the final check; takes no turn. */
  count(name: string, by?: number): void;
  /** Takes a turn and does nothing. */
  pause(): void;
  /** Goes on when a tally of all together has come to a number. */
  until(name: string, count: number): void;
  /** Lets the event loop turn, until the scheduler says so; for actors that are asynchronous. */
  turn(): Promise<void>;
  /** Resolves when another actor has ended or died and the scheduler says so; for actors that are asynchronous. */
  gone(actor: number): Promise<void>;
  /** A signal that aborts when the scheduler says so, if ever. */
  signal(): AbortSignal;
}

/** One thread of a scenario. */
export interface Actor {
  /**
   * What it does. Must depend on the answers of the memory alone, and begin with objects of its own:
   * it is run again from its start, with the answers that are known, whenever one more is.
   */
  readonly run: (context: Context) => void | Promise<void>;
  /** Whether the scheduler may let it die. */
  readonly mortal?: boolean;
  /** Whether the scheduler may let its time run out while it does not wait. */
  readonly late?: boolean;
  /** What stands for it in the memory; its number if not given. */
  readonly token?: number;
}

/** Loads of known words after which an actor counts as one that spins for ever. */
const longestSpin = 1000;

/** Runs the body of an actor up to a point, and writes down what it does next. */
export function explore(actor: Actor, token: number, point: Point): void | Promise<void> {
  return new Run(actor, token, point).run();
}

/** One run of the body, from its start. */
class Run implements Oracle {
  readonly #actor: Actor;
  readonly #point: Point;
  readonly #log: readonly Entry[];
  readonly #context: Context;
  readonly #counts = new Map<string, number>();
  readonly #events = new Map<string, () => void>();
  #at = 0;
  #spun = 0;
  #stopped = false;
  #clock = 0;
  #names = 0;

  constructor(actor: Actor, token: number, point: Point) {
    this.#actor = actor;
    this.#point = point;
    this.#log = point.log();
    this.#context = {
      memory: new CheckedMemory(token, this),
      count: (name, by = 1) => {
        if (this.#stopped) return;
        this.#counts.set(name, (this.#counts.get(name) ?? 0) + by);
      },
      pause: () => void this.ask({ kind: "pause" }),
      until: (name, count) => void this.ask({ kind: "until", name, count }),
      turn: () => {
        const { promise, resolve } = Promise.withResolvers<void>();
        this.#once("turn", resolve);
        return promise;
      },
      gone: (actor) => {
        const { promise, resolve } = Promise.withResolvers<void>();
        this.#once(`gone${actor}.`, resolve);
        return promise;
      },
      signal: () => {
        const controller = new AbortController();
        this.#once("abort", () => controller.abort(new Error("aborted")));
        return controller.signal;
      },
    };
  }

  run(): void | Promise<void> {
    const platform = this.#standIn();
    let result: void | Promise<void> = undefined;
    try {
      result = this.#actor.run(this.#context);
    } catch (error) {
      this.#end(error);
    } finally {
      if (!(result instanceof Promise)) platform.restore();
    }
    if (!(result instanceof Promise)) {
      if (!this.#stopped) this.#point.ended = true;
      return this.#settle();
    }
    result.then(
      () => this.#point.ended = !this.#stopped,
      (error) => this.#end(error),
    );
    return this.#deliver().finally(platform.restore);
  }

  async #deliver(): Promise<void> {
    await drain();
    while (!this.#stopped && this.#at < this.#log.length) {
      const entry = this.#log[this.#at];
      this.#at++;
      if (typeof entry !== "object") {
        throw new Error("The body of the actor does not depend on its answers alone");
      }
      if (!("event" in entry)) {
        this.#spun = 0;
        continue;
      }
      const deliver = this.#events.get(entry.event);
      if (deliver === undefined) throw new Error(`The actor does not wait for ${entry.event}`);
      try {
        deliver();
      } catch (error) {
        this.#end(error);
      }
      await drain();
    }
    this.#settle();
  }

  #settle(): void {
    const point = this.#point;
    point.counts = this.#counts;
    point.events = [...this.#events.keys()];
    point.ready = true;
    // What is known answers no operation if the body ends first.
    const left = this.#log.slice(this.#at).filter((entry) => !isKnown(entry));
    if (!this.#stopped && left.length > 0) {
      throw new Error("The body of the actor does not depend on its answers alone");
    }
  }

  #end(error: unknown): void {
    if (this.#stopped) return;
    this.#point.ended = true;
    this.#point.failed = true;
    this.#point.error = error;
  }

  ask(operation: Operation): Answer {
    if (this.#stopped) throw new Suspended();
    if (operation.kind === "now" && !this.#actor.late) return this.#clock;
    for (;;) {
      const entry = this.#log[this.#at];
      if (entry === undefined) break;
      if (typeof entry !== "object") {
        this.#at++;
        if (operation.kind === "wait" && entry === "timed-out") this.#clock += operation.timeout;
        if (operation.kind !== "now") return entry;
        if (entry === "late") this.#clock += 1e9;
        return this.#clock;
      }
      if (!("words" in entry)) {
        throw new Error("The body of the actor does not depend on its answers alone");
      }
      const known = knownAnswer(operation, entry.words);
      if (known !== undefined && this.#spun++ < longestSpin) return known;
      if (known !== undefined && this.#at === this.#log.length - 1) this.#point.endless = true;
      this.#at++;
      this.#spun = 0;
    }
    this.#stopped = true;
    this.#point.next = operation;
    throw new Suspended();
  }

  sleep(id: number): AsyncWait {
    const { promise, resolve } = Promise.withResolvers<WaitResult>();
    const name = `sleep${id}`;
    this.#events.set(name, () => {
      this.#events.delete(name);
      resolve("ok");
    });
    return {
      promise,
      cancel: () => {
        if (!this.#events.has(name)) return;
        this.ask({ kind: "cancel", id });
        this.#events.delete(name);
        resolve("timed-out");
      },
    };
  }

  #once(kind: string, deliver: () => void): string {
    const name = `${kind}${this.#names++}`;
    this.#events.set(name, () => {
      this.#events.delete(name);
      deliver();
    });
    return name;
  }

  /** Takes the place of the clock and the timers of the platform. */
  #standIn(): { restore: () => void } {
    const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;
    // The platform has it; not all type libraries tell.
    const { setImmediate } = globalThis as unknown as { setImmediate: unknown };
    const { now } = performance;
    const timers = new Map<unknown, string>();
    let handles = 0;
    const clear = (handle: unknown) => {
      const name = timers.get(handle);
      if (name !== undefined) this.#events.delete(name);
    };
    Object.assign(globalThis, {
      setTimeout: (callback: () => void) => {
        timers.set(++handles, this.#once("timer", callback));
        return handles;
      },
      setInterval: (callback: () => void) => {
        const name = `interval${this.#names++}`;
        this.#events.set(name, callback);
        timers.set(++handles, name);
        return handles;
      },
      setImmediate: (callback: () => void) => void this.#once("turn", callback),
      clearTimeout: clear,
      clearInterval: clear,
    });
    performance.now = () => this.ask({ kind: "now" }) as number;
    return {
      restore: () => {
        Object.assign(globalThis, { setTimeout, clearTimeout, setInterval, clearInterval });
        Object.assign(globalThis, { setImmediate });
        performance.now = now;
      },
    };
  }
}

/** Lets every continuation run that is due. */
async function drain(): Promise<void> {
  for (let i = 0; i < 200; i++) await undefined;
}
