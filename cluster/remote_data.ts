// Copyright 2026 the Weft authors. MIT license.

import { type RemotePlace, RemoteProxy } from "./remote_object.ts";

/** Stands for nothing in a call that would give `None` for that as well as for a value. */
const nothing = "weft: nothing is here";

/**
 * A map of a manager: a `Map` of this library, or a `dict` of Python.
 *
 * Each operation rejects with a {@linkcode ManagerLostError} if the connection is lost, and with a `DOMException` named
 * `DataCloneError` if a value cannot be sent.
 *
 * @typeParam K Type of the keys.
 * @typeParam V Type of the values.
 *
 * @example Share settings
 * ```ts
 * import { connectManager, serveManager } from "@weft/concurrency/cluster";
 * import { assertEquals } from "@std/assert";
 *
 * const authKey = "correct horse battery";
 * const settings = new Map([["depth", 3]]);
 * const registry = { get_settings: () => settings };
 * await using server = await serveManager({ port: 0, authKey, registry });
 * await using client = await connectManager({ port: server.port, authKey });
 * const remote = await client.get<Map<string, number>>("get_settings");
 *
 * await remote.set("width", 4);
 * assertEquals([await remote.get("depth"), settings.get("width")], [3, 4]);
 * ```
 */
export class RemoteMap<K, V> extends RemoteProxy implements AsyncIterable<[K, V]> {
  readonly #place: RemotePlace;

  /** @internal */
  constructor(place: RemotePlace) {
    super(place);
    this.#place = place;
  }

  /** Number of entries. */
  get size(): Promise<number> {
    return this.#call("__len__") as Promise<number>;
  }

  /** Gets the value of a key; `undefined` if there is none. */
  async get(key: K): Promise<V | undefined> {
    const value = await this.#call("get", key, nothing);
    return value === nothing ? undefined : value as V;
  }

  /** Sets the value of a key. */
  async set(key: K, value: V): Promise<void> {
    await this.#call("__setitem__", key, value);
  }

  /** Tells whether there is a key. */
  async has(key: K): Promise<boolean> {
    return await this.#call("__contains__", key) as boolean;
  }

  /** Removes a key; tells whether it was there. */
  async delete(key: K): Promise<boolean> {
    return await this.#call("pop", key, nothing) !== nothing;
  }

  /** Removes all. */
  async clear(): Promise<void> {
    await this.#call("clear");
  }

  /** All keys, as they are now. */
  async keys(): Promise<K[]> {
    return await this.#call("keys") as K[];
  }

  /** All values, as they are now. */
  async values(): Promise<V[]> {
    return await this.#call("values") as V[];
  }

  /** All keys and values, as they are now. */
  async entries(): Promise<[K, V][]> {
    return (await this.#call("items") as [K, V][]).map(([key, value]) => [key, value]);
  }

  /** All keys and values, as they are at the beginning. */
  async *[Symbol.asyncIterator](): AsyncIterator<[K, V]> {
    yield* await this.entries();
  }

  #call(name: string, ...args: unknown[]): Promise<unknown> {
    return this.#place.calls.call(this.#place.ident, name, args);
  }
}

/**
 * A list of a manager: an array of this library, or a `list` of Python.
 *
 * Each operation rejects with a {@linkcode ManagerLostError} if the connection is lost, and with a `DOMException` named
 * `DataCloneError` if a value cannot be sent.
 *
 * @typeParam T Type of the items.
 *
 * @example Share a list
 * ```ts
 * import { connectManager, serveManager } from "@weft/concurrency/cluster";
 * import { assertEquals } from "@std/assert";
 *
 * const authKey = "correct horse battery";
 * const names = ["egon"];
 * await using server = await serveManager({ port: 0, authKey, registry: { get_names: () => names } });
 * await using client = await connectManager({ port: server.port, authKey });
 * const remote = await client.get<string[]>("get_names");
 *
 * await remote.push("alex");
 * assertEquals([names, await remote.at(-1)], [["egon", "alex"], "alex"]);
 * ```
 */
export class RemoteList<T> extends RemoteProxy implements AsyncIterable<T> {
  readonly #place: RemotePlace;

  /** @internal */
  constructor(place: RemotePlace) {
    super(place);
    this.#place = place;
  }

  /** Number of items. */
  get length(): Promise<number> {
    return this.#call("__len__") as Promise<number>;
  }

  /**
   * Gets an item.
   *
   * @param index Its place, from the end if negative.
   * @throws {PythonError} Named `"IndexError"`, if there is none.
   */
  async at(index: number): Promise<T> {
    return await this.#call("__getitem__", index) as T;
  }

  /**
   * Sets an item that there is.
   *
   * @param index Its place, from the end if negative.
   * @param item The item.
   * @throws {PythonError} Named `"IndexError"`, if there is none.
   */
  async set(index: number, item: T): Promise<void> {
    await this.#call("__setitem__", index, item);
  }

  /** Adds items at the end. */
  async push(...items: T[]): Promise<void> {
    await this.#call("extend", items);
  }

  /**
   * Removes the last item.
   *
   * @throws {PythonError} Named `"IndexError"`, if there is none.
   */
  async pop(): Promise<T> {
    return await this.#call("pop") as T;
  }

  /** All items, as they are now. */
  async toArray(): Promise<T[]> {
    return await this.#call("#GETVALUE") as T[];
  }

  /** All items, as they are at the beginning. */
  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    yield* await this.toArray();
  }

  #call(name: string, ...args: unknown[]): Promise<unknown> {
    return this.#place.calls.call(this.#place.ident, name, args);
  }
}

/**
 * A value of a manager: a `SharedValue` of this library, or a `Value` of Python. To read it and to set it are two steps:
 * where several programs change it, hold a {@linkcode RemoteLock} meanwhile.
 *
 * Each operation rejects with a {@linkcode ManagerLostError} if the connection is lost, and with a `DOMException` named
 * `DataCloneError` if a value cannot be sent.
 *
 * @typeParam T Type of the value.
 *
 * @example Share a number
 * ```ts
 * import { connectManager, serveManager } from "@weft/concurrency/cluster";
 * import { SharedValue } from "@weft/concurrency/sync";
 * import { assertEquals } from "@std/assert";
 *
 * const authKey = "correct horse battery";
 * const count = new SharedValue("i32", 1);
 * await using server = await serveManager({ port: 0, authKey, registry: { get_count: () => count } });
 * await using client = await connectManager({ port: server.port, authKey });
 * const remote = await client.get<SharedValue<"i32">>("get_count");
 *
 * await remote.set(await remote.value + 1);
 * assertEquals(count.value, 2);
 * ```
 */
export class RemoteValue<T> extends RemoteProxy {
  readonly #place: RemotePlace;

  /** @internal */
  constructor(place: RemotePlace) {
    super(place);
    this.#place = place;
  }

  /** The value. */
  get value(): Promise<T> {
    return this.#place.calls.call(this.#place.ident, "get") as Promise<T>;
  }

  /** Sets the value. */
  async set(value: T): Promise<void> {
    await this.#place.calls.call(this.#place.ident, "set", [value]);
  }
}

/**
 * A `Namespace` of Python, or a plain object of this library: attributes that can be read and set.
 *
 * Each operation rejects with a {@linkcode ManagerLostError} if the connection is lost, and with a `DOMException` named
 * `DataCloneError` if a value cannot be sent.
 *
 * @typeParam T The attributes and their types.
 *
 * @example Share attributes
 * ```ts
 * import { connectManager, serveManager } from "@weft/concurrency/cluster";
 * import { assertEquals } from "@std/assert";
 *
 * const authKey = "correct horse battery";
 * const state = { round: 1 };
 * await using server = await serveManager({ port: 0, authKey, registry: { get_state: () => state } });
 * await using client = await connectManager({ port: server.port, authKey });
 * const remote = await client.get<typeof state>("get_state");
 *
 * await remote.set("round", 2);
 * assertEquals([state.round, await remote.get("round")], [2, 2]);
 * ```
 */
export class RemoteNamespace<T> extends RemoteProxy {
  readonly #place: RemotePlace;

  /** @internal */
  constructor(place: RemotePlace) {
    super(place);
    this.#place = place;
  }

  /**
   * Gets an attribute.
   *
   * @throws {PythonError} Named `"AttributeError"`, if there is none.
   */
  async get<K extends keyof T & string>(name: K): Promise<T[K]> {
    return await this.#call("__getattribute__", name) as T[K];
  }

  /** Sets an attribute. */
  async set<K extends keyof T & string>(name: K, value: T[K]): Promise<void> {
    await this.#call("__setattr__", name, value);
  }

  /**
   * Removes an attribute.
   *
   * @throws {PythonError} Named `"AttributeError"`, if there is none.
   */
  async delete(name: keyof T & string): Promise<void> {
    await this.#call("__delattr__", name);
  }

  #call(name: string, ...args: unknown[]): Promise<unknown> {
    return this.#place.calls.call(this.#place.ident, name, args);
  }
}
