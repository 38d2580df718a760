// Copyright 2026 the Weft authors. MIT license.

import { Process } from "../../../process/mod.ts";
import { Semaphore, SharedMemory } from "../../../sync/mod.ts";
import { Thread } from "../../../thread/mod.ts";
import type { ActorWaitOptions, Objects } from "../../fixtures/conformance_script.ts";
import {
  type Answer,
  answerTo,
  type Form,
  type Order,
  type Post,
  read,
  serve,
  write,
} from "../../fixtures/conformance_tasks.ts";

export type { Form } from "../../fixtures/conformance_tasks.ts";

/** Bytes of an order or an answer. */
const postBytes = 16384;

/** An operation of an actor: a promise of its result, and what a test may ask meanwhile. */
export class Call<T = unknown> extends Promise<T> {
  /** Whether the operation has ended. */
  settled = false;
  /** Resolves when the operation waits, or has ended. */
  isWaiting!: () => Promise<void>;
  /** Aborts the signal of an operation that is abortable. */
  abort!: () => void;

  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }
}

/** Somebody who uses the primitive under test: a coroutine, or a thread or process that takes orders. */
export abstract class Actor {
  /** In which form it waits. */
  readonly form: Form;
  /** Its operations that have not ended. */
  readonly pending: Set<string> = new Set();
  #last: Promise<unknown> = Promise.resolve();

  constructor(form: Form) {
    this.form = form;
  }

  /** Waits in a method. */
  wait<T = unknown>(path: string, method: string, ...args: [ActorWaitOptions?, ...unknown[]]) {
    return this.run<T>("wait", path, method, ...args);
  }

  /** Calls a method that does not wait. */
  invoke<T = unknown>(path: string, method: string, ...args: unknown[]): Call<T> {
    return this.run<T>("invoke", path, method, ...args);
  }

  /** Reads a property. */
  get<T = unknown>(path: string, property: string): Call<T> {
    return this.run<T>("get", path, property);
  }

  /** Runs a script of the fixtures, after those that were started before. */
  run<T = unknown>(script: string, ...args: unknown[]): Call<T> {
    const begun = Promise.withResolvers<void>();
    const controller = new AbortController();
    const outcome = Promise.withResolvers<T>();
    const call = new Call<T>((resolve, reject) => outcome.promise.then(resolve, reject));
    call.abort = () => controller.abort(new Error("enough"));
    const title = `${script} ${JSON.stringify(args)}`;
    this.pending.add(title);
    const finish = () => {
      call.settled = true;
      this.pending.delete(title);
      begun.resolve();
    };
    this.#last = this.#last.then(async () => {
      try {
        const answer = await this.perform(script, args, begun.resolve, controller.signal);
        finish();
        if (answer.ok) return outcome.resolve(answer.value as T);
        const { name, message } = answer;
        outcome.reject(Object.defineProperty(new Error(message), "name", { value: name }));
      } catch (error) {
        finish();
        outcome.reject(error);
      }
    });
    call.isWaiting = () => begun.promise.then(() => this.settle(call));
    // A test that fails elsewhere leaves calls that nobody looks at.
    call.catch(() => {});
    return call;
  }

  protected abstract perform(
    script: string,
    args: readonly unknown[],
    begin: () => void,
    signal: AbortSignal,
  ): Promise<Answer>;

  /** Waits until an operation that has begun really waits. */
  protected abstract settle(call: Call): Promise<void>;
}

let lastCoroutine = 0;

/** A coroutine of the test's own isolate. */
export class Coroutine extends Actor {
  readonly #id = ++lastCoroutine;
  readonly #objects: Objects;

  constructor(objects: Objects) {
    super("async");
    this.#objects = objects;
  }

  protected override perform(
    script: string,
    args: readonly unknown[],
    begin: () => void,
    signal: AbortSignal,
  ): Promise<Answer> {
    const order: Order = { at: 0, script, form: "async", args };
    return answerTo(order, this.#objects, begin, signal, this.#id);
  }

  protected override settle(): Promise<void> {
    return Promise.resolve();
  }
}

/** A thread or a process that serves one test after the other. */
export class Unit {
  readonly unit: Thread | Process;
  readonly #post: Post;
  /** Aborted when it has ended. */
  readonly #ended = new AbortController();
  /** Where the kernel tells of its thread. */
  #place = "";

  constructor(kind: "thread" | "process", supply: Record<number, Objects>) {
    const scope = kind;
    this.#post = {
      memory: new SharedMemory(postBytes, { scope }),
      call: new Semaphore(0, { scope }),
      begun: new Semaphore(0, { scope }),
      answer: new Semaphore(0, { scope }),
      abort: new Semaphore(0, { scope }),
    };
    const options = { args: [this.#post, supply] as [Post, Record<number, Objects>] };
    this.unit = (kind === "thread" ? new Thread(serve, options) : new Process(serve, options))
      .start();
    this.unit.exited.then(({ reason, code }) => {
      this.#ended.abort(new Error(`The actor has ended: ${reason}, code ${code}`));
    });
    // Told by what waits for it.
    this.unit.join().catch(() => {});
  }

  /** Waits until it can take orders. */
  async ready(): Promise<this> {
    await this.#take(this.#post.answer);
    this.#place = read(this.#post);
    return this;
  }

  /** Has an order carried out. */
  async order(order: Order, begin: () => void, signal: AbortSignal): Promise<Answer> {
    const post = this.#post;
    write(post, order);
    post.call.release();
    const onAbort = () => post.abort.release();
    await this.#take(post.begun);
    begin();
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort);
    await this.#take(post.answer);
    signal.removeEventListener("abort", onAbort);
    return read<Answer>(post);
  }

  /** Waits until its thread sleeps, or `ended` is true. */
  async asleep(ended: () => boolean): Promise<void> {
    for (let looks = 0; looks < 3 && !ended(); looks++) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      if (this.#state() !== "S") looks = 0;
    }
  }

  /** Ends it, and waits until it has. */
  async end(): Promise<void> {
    write(this.#post, { at: -1 });
    this.#post.call.release();
    await this.unit.join();
    this.#post.memory.close();
  }

  /** Ends it wherever it is, and waits until it has. */
  async kill(): Promise<void> {
    if (this.unit instanceof Process) this.unit.kill();
    else this.unit.terminate();
    await this.unit.exited;
    this.#post.memory.close();
  }

  #state(): string {
    // Where the kernel does not tell, a thread is taken to be asleep soon.
    if (this.#place === "") return "S";
    try {
      const stat = Deno.readTextFileSync(`/proc/${this.#place}/stat`);
      return stat.slice(stat.lastIndexOf(")") + 2)[0]!;
    } catch {
      return "S"; // It has ended.
    }
  }

  async #take(semaphore: Semaphore): Promise<void> {
    await semaphore.acquire({ signal: this.#ended.signal });
  }
}

/**
 * Waits until processes that were started have their links, lest the sanitizers blame a test for them: no
 * socket of this process listens then.
 */
export async function linked(): Promise<void> {
  if (Deno.build.os !== "linux") return;
  for (;;) {
    const own = new Set([...Deno.readDirSync("/proc/self/fd")].map(({ name }) => {
      try {
        return Deno.readLinkSync(`/proc/self/fd/${name}`);
      } catch {
        return ""; // That of this look itself.
      }
    }));
    const rows = Deno.readTextFileSync("/proc/self/net/tcp").split("\n").slice(1, -1)
      .map((line) => line.trim().split(/\s+/));
    const listens = rows.some((row) => row[3] === "0A" && own.has(`socket:[${row[9]}]`));
    // Once more round the event loop, for what comes after.
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (!listens) return;
  }
}

/** A unit as one test uses it, in one form. */
export class UnitActor extends Actor {
  readonly unit: Unit;
  readonly #at: number;

  constructor(form: Form, unit: Unit, at: number) {
    super(form);
    this.unit = unit;
    this.#at = at;
  }

  protected override perform(
    script: string,
    args: readonly unknown[],
    begin: () => void,
    signal: AbortSignal,
  ): Promise<Answer> {
    return this.unit.order({ at: this.#at, script, form: this.form, args }, begin, signal);
  }

  protected override async settle(call: Call): Promise<void> {
    if (this.form === "sync") await this.unit.asleep(() => call.settled);
  }
}
