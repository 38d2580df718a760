// Copyright 2026 the Weft authors. MIT license.

import {
  decodeLoading,
  encode,
  type EncodeOptions,
  encodeThrown,
  encodeWith,
} from "../../channel/codec.ts";
import { type Frame, frameOf } from "../../channel/ring.ts";
import { emit, isObserved } from "../../sync/observer.ts";
import { importGuarded } from "../bootstrap.ts";
import { resolveReference, type TaskReference } from "../registry.ts";
import type { Abortion } from "./abortion.ts";
import { CallKind } from "./call_kind.ts";
import { ResultKind } from "./frames.ts";
import type { Intake, Work } from "./intake.ts";
import type { Stock } from "./supplies.ts";

// deno-lint-ignore ban-types -- any function
type Target = Function;

/** Gets what a job came to: one of `ResultKind`, the number of calls, and the bytes, good until it returns. */
export type Deliver = (kind: number, count: number, body: Frame) => void;

/** Calls the functions of jobs, in a worker. */
export class Runner {
  readonly #intake: Intake;
  readonly #stock: Stock;
  readonly #abortion: Abortion;
  readonly #encoding: EncodeOptions;
  readonly #targets: (Target | undefined)[] = [];

  constructor(intake: Intake, stock: Stock, abortion: Abortion, encoding: EncodeOptions) {
    this.#intake = intake;
    this.#stock = stock;
    this.#abortion = abortion;
    this.#encoding = encoding;
  }

  /**
   * Runs a job and delivers what it comes to; never throws.
   *
   * @returns A promise, if it is not done when this returns.
   */
  run(work: Work, deliver: Deliver): Promise<void> | undefined {
    const target = this.#targets[work.task];
    if (target === undefined || work.bytes !== undefined) return this.#runLoading(work, deliver);
    return this.#call(target, work, deliver);
  }

  /** Calls a function once, before all jobs. */
  async initialize(reference: TaskReference, args: readonly unknown[]): Promise<void> {
    const target = await load(reference);
    await target(...args);
  }

  async #runLoading(work: Work, deliver: Deliver): Promise<void> {
    try {
      await this.#stock.wait(work.needs);
      const target = this.#targets[work.task] ??= await load(this.#intake.referenceOf(work.task));
      if (work.bytes !== undefined) {
        const options = { attached: this.#stock.objects };
        work.args = await decodeLoading(work.bytes, options) as unknown[];
      }
      await this.#call(target, work, deliver);
    } catch (error) {
      this.#fail(error, work, deliver);
    }
  }

  #call(target: Target, work: Work, deliver: Deliver): Promise<void> | undefined {
    if (work.failure !== undefined) {
      this.#fail(work.failure.error, work, deliver);
      return undefined;
    }
    this.#abortion.begin(work.cell);
    if (isObserved()) emit({ type: "task-begin", name: target.name });
    if (work.kind !== CallKind.call) return this.#callEach(target, work, deliver);
    let value;
    try {
      value = target(...work.args);
    } catch (error) {
      this.#fail(error, work, deliver);
      return undefined;
    }
    if (isThenable(value)) return this.#callAwaiting(value, work, deliver);
    this.#succeed(value, work, deliver);
    return undefined;
  }

  async #callAwaiting(
    promise: PromiseLike<unknown>,
    work: Work,
    deliver: Deliver,
  ): Promise<void> {
    let value;
    try {
      value = await promise;
    } catch (error) {
      return this.#fail(error, work, deliver);
    }
    this.#succeed(value, work, deliver);
  }

  #callEach(target: Target, work: Work, deliver: Deliver): Promise<void> | undefined {
    const values: unknown[] = [];
    const each = work.kind === CallKind.starmap ? spread(target) : target;
    try {
      for (const item of work.args) {
        const value = each(item);
        if (isThenable(value)) return this.#callRest(each, value, values, work, deliver);
        values.push(value);
        this.#abortion.check();
      }
    } catch (error) {
      this.#partial(values, error, deliver);
      return undefined;
    }
    this.#succeedAll(values, work, deliver);
    return undefined;
  }

  async #callRest(
    each: Target,
    first: PromiseLike<unknown>,
    values: unknown[],
    work: Work,
    deliver: Deliver,
  ): Promise<void> {
    try {
      values.push(await first);
      for (const item of work.args.slice(values.length)) {
        this.#abortion.check();
        values.push(await each(item));
      }
    } catch (error) {
      return this.#partial(values, error, deliver);
    }
    this.#succeedAll(values, work, deliver);
  }

  #succeed(value: unknown, work: Work, deliver: Deliver): void {
    let failure;
    try {
      return encodeWith(value, (encoded) => deliver(ResultKind.value, 1, encoded), this.#encoding);
    } catch (error) {
      failure = error;
    }
    this.#fail(failure, work, deliver);
  }

  #succeedAll(values: unknown[], work: Work, deliver: Deliver): void {
    try {
      const { length } = work.args;
      encodeWith(values, (encoded) => deliver(ResultKind.value, length, encoded), this.#encoding);
    } catch (error) {
      const good = values.findIndex((value) => !this.#canEncode(value));
      this.#partial(values.slice(0, good), error, deliver);
    }
  }

  #partial(values: unknown[], error: unknown, deliver: Deliver): void {
    const thrown = encodeThrown(error, this.#encoding);
    try {
      const body = encode([values, thrown], this.#encoding);
      deliver(ResultKind.partial, values.length + 1, frameOf(body));
    } catch (other) {
      const good = values.findIndex((value) => !this.#canEncode(value));
      if (good >= 0) this.#partial(values.slice(0, good), other, deliver);
      else this.#partial([], other, deliver);
    }
  }

  #fail(error: unknown, { kind, count }: Work, deliver: Deliver): void {
    if (kind !== CallKind.call) return this.#partial([], error, deliver);
    deliver(ResultKind.error, count, frameOf(encodeThrown(error, this.#encoding)));
  }

  #canEncode(value: unknown): boolean {
    try {
      encodeWith(value, () => {}, this.#encoding);
      return true;
    } catch {
      return false;
    }
  }
}

async function load(reference: TaskReference): Promise<Target> {
  const { module } = reference;
  return await importGuarded(module, () => resolveReference(reference, () => import(module)));
}

function spread(target: Target): Target {
  return (args: unknown[]) => target(...args);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null &&
    typeof (value as { then?: unknown }).then === "function";
}
