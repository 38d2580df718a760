// Copyright 2026 the Weft authors. MIT license.

import { refuseInstances } from "../channel/codec.ts";
import type { ManagerCalls } from "./_manager_calls.ts";
import type { ManagerLink } from "./_manager_link.ts";

/**
 * Milliseconds that a wait lasts over there at most, before it is begun again. A wait that is given up here must not
 * take anything any more, and Python's managers do not notice that a client is gone: so it ends by itself, soon.
 */
export const slice = 100;

/** How a proxy talks to its object. */
export interface RemotePlace {
  readonly calls: ManagerCalls;
  readonly ident: string;
  /** The names of its methods. */
  readonly exposed: readonly string[];
  /** Says that the proxy refers to its object no more. */
  release(): Promise<void>;
}

/**
 * What all that stands for an object of a manager has in common.
 *
 * Its operations reject with a `ManagerLostError` if the connection is lost, and with a `DOMException` named
 * `DataCloneError` if a value cannot be sent.
 *
 * @example Say that an object is not needed any more
 * ```ts
 * import { connectManager, serveManager } from "@weft/concurrency/cluster";
 * import { assertEquals } from "@std/assert";
 *
 * const authKey = "correct horse battery";
 * const registry = { get_settings: () => new Map([["depth", 3]]) };
 * await using server = await serveManager({ port: 0, authKey, registry });
 * await using client = await connectManager({ port: server.port, authKey });
 * {
 *   await using settings = await client.get<Map<string, number>>("get_settings");
 *   assertEquals(settings.exposed.includes("get"), true);
 * }
 * ```
 */
export abstract class RemoteProxy implements AsyncDisposable {
  readonly #place: RemotePlace;

  /** @internal */
  constructor(place: RemotePlace) {
    this.#place = place;
  }

  /** The names of the methods that the other side offers. */
  get exposed(): readonly string[] {
    return this.#place.exposed;
  }

  /** Says that the object is not referred to any more by this proxy. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#place.release();
  }

  /** Its name on the wire, for `Deno.inspect`. */
  [Symbol.for("Deno.customInspect")](): string {
    const { calls, ident } = this.#place;
    return `${this.constructor.name} { ${ident} at ${calls.place} }`;
  }
}

refuseInstances(RemoteProxy);

/**
 * An object of a manager that is of no special kind: its methods can be called by their names, as methods of this one or
 * with {@linkcode RemoteObject.call}. It makes one call after the other, all in one thread over there.
 *
 * @example Call what a program serves
 * ```ts
 * import { connectManager, serveManager } from "@weft/concurrency/cluster";
 * import { assertEquals } from "@std/assert";
 *
 * class Calculator {
 *   add(a: number, b: number): number {
 *     return a + b;
 *   }
 * }
 * const authKey = "correct horse battery";
 * const registry = { get_calculator: () => new Calculator() };
 * await using server = await serveManager({ port: 0, authKey, registry });
 * await using client = await connectManager({ port: server.port, authKey });
 * const calculator = await client.get<Calculator>("get_calculator");
 *
 * assertEquals(await calculator.add(1, 2), 3);
 * assertEquals(await calculator.call("add", [3, 4]), 7);
 * ```
 */
export class RemoteObject extends RemoteProxy {
  readonly #place: RemotePlace;
  #link: ManagerLink | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** @internal */
  constructor(place: RemotePlace) {
    super(place);
    this.#place = place;
    for (const name of place.exposed) {
      if (name.startsWith("_") || name in this || name === "then") continue;
      const value = (...args: unknown[]) => this.call(name, args);
      Object.defineProperty(this, name, { value });
    }
  }

  /**
   * Calls a method, after the calls that were made before.
   *
   * @param name Its name.
   * @param args Its arguments.
   * @param keywords Its arguments by name, as Python has them.
   * @returns What it returns.
   * @throws {DOMException} Named `DataCloneError`, if an argument cannot be sent.
   * @throws {ManagerLostError} If the connection is lost.
   * @throws {RemoteError} If there is no such method.
   * @throws {Error} What it has thrown.
   */
  call(
    name: string,
    args: readonly unknown[] = [],
    keywords: Readonly<Record<string, unknown>> = {},
  ): Promise<unknown> {
    const { calls, ident } = this.#place;
    let request: Uint8Array;
    try {
      request = calls.write(ident, name, args, keywords);
    } catch (error) {
      return Promise.reject(error);
    }
    const call = this.#last.then(() => this.#send(request));
    this.#last = call.catch(() => {});
    return call;
  }

  /** Says that the object is not referred to any more by this proxy. */
  override async [Symbol.asyncDispose](): Promise<void> {
    await this.#last;
    if (this.#link !== undefined) this.#place.calls.give(this.#link);
    this.#link = undefined;
    await super[Symbol.asyncDispose]();
  }

  async #send(request: Uint8Array): Promise<unknown> {
    const { calls } = this.#place;
    if (this.#link?.isLost) this.#link = undefined;
    this.#link ??= await calls.take();
    return await calls.callOn(this.#link, request);
  }
}
