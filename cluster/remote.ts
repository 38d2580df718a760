// Copyright 2026 the Weft authors. MIT license.

import type { Queue } from "../channel/queue.ts";
import type { Event } from "../sync/event.ts";
import type { Lock } from "../sync/lock.ts";
import type { NumberOf, NumberType } from "../sync/number_types.ts";
import type { RLock } from "../sync/rlock.ts";
import type { Semaphore } from "../sync/semaphore.ts";
import type { SharedArray } from "../sync/shared_array.ts";
import type { SharedValue } from "../sync/shared_value.ts";
import { RemoteList, RemoteMap, RemoteNamespace, RemoteValue } from "./remote_data.ts";
import { RemoteEvent } from "./remote_event.ts";
import { RemoteLock } from "./remote_lock.ts";
import { RemoteObject, type RemotePlace, type RemoteProxy } from "./remote_object.ts";
import { RemoteQueue } from "./remote_queue.ts";

/** The names of the methods of an object. */
export type MethodNames<T> = {
  // deno-lint-ignore no-explicit-any
  [K in keyof T]-?: T[K] extends (...args: any[]) => unknown ? K : never;
}[keyof T];

/** The methods of an object, each with a promise. */
export type RemoteMethods<T> = {
  readonly [K in MethodNames<T>]: T[K] extends (...args: infer Args) => infer R
    ? (...args: Args) => Promise<Awaited<R>>
    : never;
};

/** What an object of a manager is here: a proxy of the kind that does for it. */
export type Remote<T> = unknown extends T ? RemoteObject
  : T extends Queue<infer Item> ? RemoteQueue<Item>
  : T extends Lock | RLock | Semaphore ? RemoteLock
  : T extends Event ? RemoteEvent
  : T extends SharedValue<infer N extends NumberType> ? RemoteValue<NumberOf<N>>
  : T extends SharedArray<infer N extends NumberType> ? RemoteList<NumberOf<N>>
  : T extends Map<infer K, infer V> ? RemoteMap<K, V>
  : T extends readonly (infer Item)[] ? RemoteList<Item>
  : MethodNames<T> extends never ? RemoteNamespace<T>
  : RemoteObject & RemoteMethods<T>;

/** Makes the proxy for an object, of the kind that its methods tell. */
export function createRemote(place: RemotePlace): RemoteProxy {
  const has = (...names: string[]) => names.every((name) => place.exposed.includes(name));
  if (has("put", "get", "qsize")) return new RemoteQueue(place);
  if (has("acquire", "release") && !has("notify")) return new RemoteLock(place);
  if (has("is_set", "set", "wait")) return new RemoteEvent(place);
  if (has("keys", "get", "pop")) return new RemoteMap(place);
  if (has("__getitem__", "__len__") || has("append", "extend")) return new RemoteList(place);
  if (has("get", "set") && place.exposed.length === 2) return new RemoteValue(place);
  // Of Python, and of this library.
  const isNamespace = has("__getattribute__", "__setattr__", "__delattr__")
    ? place.exposed.length === 3
    : place.exposed.length === 0;
  if (isNamespace) return new RemoteNamespace(place);
  return new RemoteObject(place);
}
