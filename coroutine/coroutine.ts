// Copyright 2026 the Weft authors. MIT license.

import { refuseInstances } from "../channel/codec.ts";
import { inOrder, setScopeProvider } from "../sync/cancellation.ts";
import { setOwnerProvider } from "../sync/owner.ts";
import { beginWait, type ScopedOptions, waitFor, type WaitOptions } from "../sync/wait.ts";
import { forgetReport, reportLater } from "../task/unjoined.ts";
import { type Bag, drop, list, put } from "./_bag.ts";
import { type AnyFunction, Body, setHost } from "./_body.ts";
import { currentContext, currentNumber, forgetContext } from "./_context.ts";
import {
  create,
  detach,
  type Locals,
  locals,
  type Outcome,
  outcome,
  outside,
  parentOf,
  unwatchEnd,
  watchEnd,
} from "./_keys.ts";
import { observedJoin, tellBegin, tellEnd } from "./_observed.ts";
import { insist, Scope } from "./_scope.ts";
import { forgetSite, noteSite, type Site } from "./_site.ts";

type State = "pending" | "running" | "ending" | "fulfilled" | "rejected" | "cancelled";

/** What only some coroutines have. */
interface Rest<T> {
  children?: Set<Coroutine>;
  /** The state after the end of its children. */
  next?: State;
  promise?: Promise<T>;
  site?: Site | undefined;
  locals?: Locals | undefined;
}

let count = 0;

/** The coroutine that runs. */
export function current(): Coroutine | undefined {
  return (currentContext() as Body<Coroutine> | undefined)?.owner;
}

/**
 * A function that runs beside others in one thread and can be cancelled: what `spawn` gives. It is a promise of what the
 * function returns.
 *
 * **Cancellation:** a generator returns at its `yield`; an async function is thrown the reason by what it waits for, if
 * that is something of Weft, or takes it from {@linkcode Coroutine.signal}. Either way its `finally` blocks run, and can
 * wait. The coroutines that it has spawned are cancelled with it, and it has not ended before they have.
 *
 * An async function that waits for something else can only be given up: for all others it has ended then, and what it
 * comes to later is dropped, or printed if it is an error.
 *
 * **Cleanup:** an error that nobody joins is printed as `Exception in coroutine NAME:`, with the place where it was
 * spawned, after a second or when the program ends. Disposal (`await using`) cancels the coroutine and waits for its end.
 *
 * @typeParam T What its function returns.
 *
 * @example Cancel a coroutine
 * ```ts
 * import { sleep, spawn } from "@weft/concurrency/coroutine";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const log: string[] = [];
 * const coroutine = spawn(function* () {
 *   try {
 *     yield sleep(60_000);
 *   } finally {
 *     yield sleep(1);
 *     log.push("cleaned up");
 *   }
 * });
 * await sleep(1);
 * await coroutine.cancel();
 *
 * assertEquals(log, ["cleaned up"]);
 * assertEquals(coroutine.cancelled, true);
 * await assertRejects(() => coroutine.join(), DOMException, "cancelled");
 * ```
 */
export class Coroutine<T = unknown> implements PromiseLike<T>, AsyncDisposable {
  readonly #id: number;
  readonly #name: string;
  #state: State = "pending";
  #value: unknown;
  #body: Body<Coroutine> | undefined;
  #parent: Coroutine | undefined;
  /** How often somebody has asked for its outcome or waits for it. */
  #joins = 0;
  #watchers: Bag<() => void>;
  /** What it is cancelled with. */
  #scope: Scope | undefined;
  #rest: Rest<T> | undefined;

  static {
    setHost<Coroutine>({
      begin: (coroutine) => coroutine.#state = "running",
      isReason: (coroutine, error) => coroutine.#isReason(error),
      isUnaware: (coroutine, body) => coroutine.#body === body && coroutine.#openScope().isDue,
      released: (coroutine) => coroutine.#openScope().released,
      deliver: (coroutine) => coroutine.#openScope().deliver(),
      replace: (coroutine, body) => coroutine.#body = body,
      giveUp: (coroutine) => coroutine.#finish("cancelled", coroutine.#reason),
      finish: (coroutine, value, returned) => {
        if (returned) coroutine.#end("cancelled", coroutine.#reason);
        else coroutine.#end("fulfilled", value);
      },
      fail: (coroutine, error) => {
        coroutine.#end(coroutine.#isReason(error) ? "cancelled" : "rejected", error);
      },
    });
    // What it has called can go on for a while when it has ended, and then has to release what it holds.
    setOwnerProvider(() => currentNumber() || (current()?.id ?? 0));
    setScopeProvider(() => {
      const coroutine = current();
      return coroutine === undefined || coroutine.#body === undefined
        ? undefined
        : coroutine.#openScope();
    });
  }

  private constructor(fn: AnyFunction, args: unknown[], parent: Coroutine | undefined) {
    this.#id = count = count % 0x7fff_ffff + 1;
    this.#name = fn.name;
    this.#body = new Body(this, fn, args.length === 0 ? undefined : args);
    this.#parent = parent;
    if (parent !== undefined) parent.#adopt(this);
  }

  /** Number of the coroutine: no other one of this thread that is alive has it. */
  get id(): number {
    return this.#id;
  }

  /** Name of its function, or `coroutine-N` if that has none. */
  get name(): string {
    return this.#name === "" ? `coroutine-${this.#id}` : this.#name;
  }

  /** Whether it has ended, in whichever way. */
  get done(): boolean {
    return this.#state === "fulfilled" || this.#state === "rejected" ||
      this.#state === "cancelled";
  }

  /** Whether it has ended as it was cancelled. */
  get cancelled(): boolean {
    return this.#state === "cancelled";
  }

  /** Aborts with the reason when it is cancelled; for `fetch` and the like. */
  get signal(): AbortSignal {
    return this.#openScope().signal;
  }

  /**
   * Waits for its end and gives what its function has returned.
   *
   * **Cancellation:** a timeout or an abort ends this wait alone, and so does the end of a cancelled coroutine that waits.
   *
   * @param options Timeout and signal of the wait.
   * @returns What the function returned.
   * @throws {DOMException} Named `TimeoutError`, if the time is over first.
   * @throws {RangeError} If the timeout is negative or not a number.
   * @throws {Error} If it is the coroutine itself that joins.
   * @throws {unknown} What the function has thrown; the reason of the cancellation, by default a `DOMException` named
   * `AbortError`; or the reason of the signal.
   */
  async join(options: WaitOptions = {}): Promise<T> {
    const scoped: ScopedOptions = beginWait(options);
    if (current() === this) {
      throw new Error(`Cannot join coroutine ${this.name} as it would wait for itself`);
    }
    const promise = this.#promised();
    this.#joins++;
    forgetReport(this);
    try {
      return await observedJoin(this, () => waitFor(promise, scoped));
    } finally {
      if (!this.done) this.#joins--;
    }
  }

  /**
   * Cancels it and the coroutines that it has spawned, unless it has ended. One that has not begun never does.
   *
   * A generator that waits for something returns at its `yield`; if what it waits for is there already, it takes that, and
   * returns at the next `yield`. An async function that waits for something of Weft is thrown the reason there; if it
   * returns all the same, its result counts. Else it is given up, unless it is about to end; should it go on, the next
   * such wait throws. The waits of `finally` blocks are not ended, and to cancel it again does nothing.
   *
   * @param reason What those who join it get; by default a `DOMException` named `AbortError`.
   * @returns When it has ended; it never rejects. Within the coroutine itself, or one that it has spawned, at once.
   *
   * @example Give a reason
   * ```ts
   * import { sleep, spawn } from "@weft/concurrency/coroutine";
   * import { assertRejects } from "@std/assert";
   *
   * const coroutine = spawn(async () => await sleep(60_000));
   * coroutine.cancel(new Error("no longer needed"));
   * await assertRejects(() => coroutine.join(), Error, "no longer needed");
   * ```
   */
  cancel(reason?: unknown): Promise<void> {
    this.#cancel(reason);
    for (let at = current(); at !== undefined; at = at.#parent) {
      if (at === this) return Promise.resolve();
    }
    return this.#ended();
  }

  /**
   * Adds functions to call with its result or its error, as `then` of a promise does.
   *
   * @param onFulfilled Called with what its function returned.
   * @param onRejected Called with what {@linkcode Coroutine.join} would throw.
   * @returns A promise of what the called function returns.
   */
  then<R1 = T, R2 = never>(
    onFulfilled?: ((value: T) => R1 | PromiseLike<R1>) | null,
    // deno-lint-ignore no-explicit-any -- the signature of Promise
    onRejected?: ((reason: any) => R2 | PromiseLike<R2>) | null,
  ): Promise<R1 | R2> {
    return this.join().then(onFulfilled, onRejected);
  }

  /** Cancels it and waits for its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    await inOrder(this.cancel());
  }

  /** Shows name and state in `Deno.inspect` and on the console. */
  [Symbol.for("Deno.customInspect")](): string {
    return `Coroutine { ${this.name}, ${this.#state} }`;
  }

  /**
   * @param below The function whose caller is told of with an error that nobody joins.
   * @param gate What it waits for before it begins.
   * @internal
   */
  static [create]<T>(
    fn: AnyFunction,
    args: unknown[],
    parent: Coroutine | undefined,
    // deno-lint-ignore ban-types -- what the platform takes
    below: Function | undefined,
    gate?: Promise<void>,
  ): Coroutine<T> {
    const coroutine = new Coroutine<T>(fn, args, parent);
    tellBegin(coroutine, parent);
    const site = below === undefined ? undefined : noteSite(below);
    const inherited = (current() ?? outside)[locals];
    if (site !== undefined) coroutine.#more().site = site;
    if (inherited !== undefined) coroutine.#more().locals = inherited;
    // With values that timers may ask for when it has ended, its context is not to be forgotten.
    coroutine.#body!.start(inherited === undefined ? coroutine.id : undefined, gate);
    return coroutine;
  }

  /** @internal */
  [watchEnd](watcher: () => void): void {
    this.#joins++;
    forgetReport(this);
    if (this.done) watcher();
    else this.#watchers = put(this.#watchers, watcher);
  }

  /** @internal */
  [unwatchEnd](watcher: () => void): void {
    if (this.done) return;
    this.#joins--;
    this.#watchers = drop(this.#watchers, watcher);
  }

  /** @internal */
  [insist](): void {
    if (this.#state === "running") this.#body!.insist();
  }

  /** @internal */
  [detach](): void {
    const parent = this.#leaveParent();
    this.#parent = undefined;
    if (parent !== undefined) parent.#close(parent.#rest!.next!);
  }

  /** @internal */
  get [parentOf](): Coroutine | undefined {
    return this.#parent;
  }

  /** @internal */
  get [outcome](): Outcome<T> {
    if (this.#state === "fulfilled") return { state: "fulfilled", value: this.#value as T };
    return { state: this.cancelled ? "cancelled" : "rejected", error: this.#value };
  }

  /** @internal */
  get [locals](): Locals | undefined {
    return this.#rest?.locals;
  }

  /** @internal */
  set [locals](values: Locals | undefined) {
    this.#more().locals = values;
  }

  #more(): Rest<T> {
    return this.#rest ??= {};
  }

  #openScope(): Scope {
    return this.#scope ??= new Scope(this);
  }

  /** Why it is cancelled, if it is. */
  get #reason(): unknown {
    return this.#scope?.reason;
  }

  get #isCancelled(): boolean {
    return this.#scope?.isCancelled === true;
  }

  #isReason(error: unknown): boolean {
    return this.#isCancelled && error === this.#reason;
  }

  #promised(): Promise<T> {
    const known = this.#rest?.promise;
    if (known !== undefined) return known;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const settle = () => {
      if (this.#state === "fulfilled") resolve(this.#value as T);
      else reject(this.#value);
    };
    // The wait for it may have ended before.
    promise.catch(() => {});
    if (this.done) settle();
    else this.#watchers = put(this.#watchers, settle);
    return this.#more().promise = promise;
  }

  /** Resolves at its end; this does not count as joining. */
  #ended(): Promise<void> {
    if (this.done) return Promise.resolve();
    return new Promise((resolve) => this.#watchers = put(this.#watchers, resolve));
  }

  #adopt(child: Coroutine): void {
    (this.#more().children ??= new Set()).add(child);
  }

  /** Cancels this and all below it. */
  #cancel(reason: unknown): void {
    // Not recursive, as coroutines may have spawned one another thousands of times.
    const pending: Coroutine[] = [this];
    let source: Scope | undefined;
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (next.#state === "ending" || next.done || next.#isCancelled) continue;
      const children = next.#rest?.children;
      if (children !== undefined) pending.push(...children);
      const scope = next.#openScope();
      const informed = scope.cancel(reason, source);
      source ??= scope;
      if (next.#state === "running") next.#body!.cancel(informed);
      else {
        next.#body!.drop();
        next.#forgetBody();
        next.#finish("cancelled", next.#reason);
      }
    }
  }

  #forgetBody(): void {
    this.#body = undefined;
    forgetContext(this.#id);
  }

  /** Takes what its function has come to at last. */
  #end(state: State, value: unknown): void {
    this.#forgetBody();
    if (this.#state === "running") this.#finish(state, value);
    else if (state === "rejected") reportLater(this, () => this.#report(value));
  }

  /** Notes what it has come to; it has ended when its children have, if it was cancelled. */
  #finish(state: State, value: unknown): void {
    this.#value = value;
    const children = this.#rest?.children;
    if (children !== undefined && children.size > 0) {
      if (this.#isCancelled) {
        this.#state = "ending";
        this.#more().next = state;
        for (const child of [...children]) child.#cancel(this.#reason);
        return;
      }
      const parent = this.#parent;
      for (const child of children) {
        child.#parent = parent;
        if (parent !== undefined) parent.#adopt(child);
      }
      children.clear();
    }
    this.#close(state);
  }

  /** Ends it, when its children have ended or are left to others; and above it those that were waiting for it alone. */
  #close(state: State): void {
    // Not recursive, as coroutines may have spawned one another thousands of times.
    let next: Coroutine | undefined = this as Coroutine;
    while (next !== undefined) {
      forgetSite(next.#rest?.site);
      next.#settle(next.#state === "ending" ? next.#rest!.next! : state);
      next = next.#leaveParent();
    }
  }

  /** Tells those who wait for it what it has come to. */
  #settle(state: State): void {
    this.#state = state;
    tellEnd(this.#id, state);
    if (state === "rejected" && this.#joins === 0) reportLater(this, () => this.#report());
    const watchers = list(this.#watchers);
    this.#watchers = undefined;
    for (const watcher of watchers) watcher();
  }

  /** Parts it from its parent; gives that if it was waiting for this one alone. */
  #leaveParent(): Coroutine | undefined {
    const parent = this.#parent;
    const siblings = parent === undefined ? undefined : parent.#rest?.children;
    if (siblings === undefined || !siblings.delete(this) || siblings.size > 0) return undefined;
    return parent!.#state === "ending" ? parent : undefined;
  }

  #report(error = this.#value): void {
    const site = this.#rest?.site;
    const where = site === undefined ? "" : `\n  spawned:\n${site.lines}`;
    console.error(`Exception in coroutine ${this.name}:`, error, where);
  }
}

refuseInstances(Coroutine);
