// Copyright 2026 the Weft authors. MIT license.

import type { Place } from "../sync/memory/place.ts";
import {
  registerShared,
  type Restored,
  type Scope,
  type SharedObject,
} from "../sync/shared_object.ts";
import { heap, type Order, stack } from "./_heap.ts";
import { HeapStore } from "./_heap_store.ts";
import type { Lane } from "./_lane.ts";
import { LocalHeapStore } from "./_local_heap_store.ts";
import { LocalStore } from "./_local_store.ts";
import { RingStore } from "./_ring_store.ts";
import type { RingState } from "./ring_bytes.ts";
import type { SharedStore, Store } from "./_store.ts";

/** A way in which queues keep their items. */
export interface QueueKind {
  /** Number of words that a store in shared memory takes. */
  readonly words: number;
  /** Makes one for one thread. */
  local<T>(limit: number): Store<T>;
  /** Makes one in shared memory that is zero. */
  create<T>(place: Place, limit: number): SharedStore<T>;
  /** Finds one that another side has described. */
  open<T>(place: Place, state: object, limit: number): SharedStore<T>;
}

/** First in, first out. */
export const fifo: QueueKind = {
  words: RingStore.words,
  local: (limit) => new LocalStore(limit),
  create: (place, limit) => RingStore.at(place, { frames: limit, bytes: Infinity }),
  open: (place, state, limit) => {
    return RingStore.at(place, { frames: limit, bytes: Infinity }, state as RingState);
  },
};

/** Last in, first out. */
export const lifo: QueueKind = ordered(stack);

/** Lowest priority first; of equal ones first in, first out. */
export const byPriority: QueueKind = ordered(heap);

function ordered(order: Order): QueueKind {
  return {
    words: HeapStore.words,
    local: (limit) => new LocalHeapStore(order, limit),
    create: (place, limit) => new HeapStore(place, order, limit),
    open: (place, state, limit) => new HeapStore(place, order, limit, state as RingState),
  };
}

/** What the other side of a queue must know besides place and name. */
export interface QueueState {
  readonly maxSize: number;
  readonly store: object;
}

type AnyQueue = SharedObject<Scope | "local">;
type QueueClass = abstract new (...args: never[]) => AnyQueue;

const kinds = new Map<QueueClass, QueueKind>();

/** Says under which name the queues of a class travel, and how they keep their items. */
export function registerQueue(
  theClass: new (restored: Restored & QueueState) => AnyQueue,
  name: string,
  kind: QueueKind,
): void {
  kinds.set(theClass, kind);
  registerShared<QueueState>(theClass, name, (restored, { maxSize, store }) => {
    return new theClass(Object.assign(restored, { maxSize, store }));
  });
}

/** How the queues of a class keep their items; a class that is not registered does as what it extends. */
export function kindOf(theClass: QueueClass): QueueKind {
  while (!kinds.has(theClass)) theClass = Object.getPrototypeOf(theClass);
  return kinds.get(theClass)!;
}

let lane: <T>(queue: object) => Lane<T>;

/** Says how to find the lane of a queue. */
export function showLanes(of: <T>(queue: object) => Lane<T>): void {
  lane = of;
}

/** What carries the items of a queue; for those that put in other ways. */
export function laneOf<T>(queue: object): Lane<T> {
  return lane(queue);
}
