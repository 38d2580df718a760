// Copyright 2026 the Weft authors. MIT license.

import { SharedArray } from "../sync/shared_array.ts";
import { SharedValue } from "../sync/shared_value.ts";
import { checkScalar, methodsOf, type Served, ServedKind } from "./_served.ts";
import { Slice } from "./_slice.ts";
import { PythonError, tuple } from "./python_values.ts";

/** Serves a map, array or shared value as Python's dict, list, Value or Array; `undefined` if the object is none. */
export function serveData(target: object): Served | undefined {
  if (target instanceof Map) return new ServedKind(target, dictMethods);
  if (Array.isArray(target)) return new ServedKind(target, listMethods);
  if (target instanceof SharedValue) {
    return new ServedKind<SharedValue>(target as SharedValue, valueMethods);
  }
  if (target instanceof SharedArray) {
    return new ServedKind(target.view as unknown as unknown[], arrayMethods);
  }
  return undefined;
}

/** The most items of a list that a call makes. */
const mostItems = 1_000_000;

const dictMethods = methodsOf<Map<unknown, unknown>>({
  __contains__: ["key", (map, [key]) => map.has(check(key))],
  __delitem__: ["key", (map, [key]) => {
    if (!map.delete(check(key))) throw keyError(key);
  }],
  __getitem__: ["key", (map, [key]) => {
    if (!map.has(check(key))) throw keyError(key);
    return map.get(key);
  }],
  __len__: ["", (map) => map.size],
  __setitem__: ["key value", (map, [key, value]) => void map.set(check(key), value)],
  clear: ["", (map) => map.clear()],
  copy: ["", (map) => new Map(map)],
  get: ["key default=", (map, [key, value = null]) => map.has(check(key)) ? map.get(key) : value],
  items: ["", (map) => [...map].map(([key, value]) => tuple(key, value))],
  keys: ["", (map) => [...map.keys()]],
  pop: ["key default=", (map, [key, value]) => {
    if (!map.has(check(key))) {
      if (value === undefined) throw keyError(key);
      return value;
    }
    const found = map.get(key);
    map.delete(key);
    return found;
  }],
  popitem: ["", (map) => {
    const last = [...map].at(-1);
    if (last === undefined) throw keyError("popitem(): dictionary is empty");
    map.delete(last[0]);
    return tuple(...last);
  }],
  setdefault: ["key default=", (map, [key, value = null]) => {
    if (!map.has(check(key))) map.set(key, value);
    return map.get(key);
  }],
  update: ["other= **", (map, [other = [], more]) => {
    for (const part of [other, more]) {
      for (const [key, value] of entriesOf(part)) map.set(check(key), value);
    }
  }],
  values: ["", (map) => [...map.values()]],
  "#GETVALUE": ["", (map) => new Map(map)],
});

const listMethods = methodsOf<unknown[]>({
  __contains__: ["value", (list, [value]) => list.includes(value)],
  __add__: ["other", (list, [other]) => [...list, ...itemsOf(other)]],
  __delitem__: ["place", (list, [index]) => {
    const places = index instanceof Slice ? index.placesIn(list) : [indexOf(list, index)];
    removeAt(list, new Set(places));
  }],
  __getitem__: ["place", getItem],
  __len__: ["", (list) => list.length],
  __setitem__: ["place value", setItem],
  __mul__: ["count", (list, [count]) => repeat(list, count)],
  append: ["value", (list, [value]) => void list.push(value)],
  clear: ["", (list) => void (list.length = 0)],
  count: ["value", (list, [value]) => list.filter((other) => other === value).length],
  extend: ["values", (list, [values]) => {
    for (const value of itemsOf(values)) list.push(value);
  }],
  index: ["value", (list, [value]) => {
    const at = list.indexOf(value);
    if (at < 0) throw new RangeError("the value is not in the list");
    return at;
  }],
  insert: ["index value", (list, [index, value]) => void list.splice(index, 0, value)],
  pop: ["index=", (list, [index = -1]) => list.splice(indexOf(list, index), 1)[0]],
  remove: ["value", (list, [value]) => {
    const at = list.indexOf(value);
    if (at < 0) throw new RangeError("the value is not in the list");
    list.splice(at, 1);
  }],
  reverse: ["", (list) => void list.reverse()],
  sort: ["reverse=", (list, [reverse]) => {
    list.forEach(checkScalar);
    list.sort(reverse ? (a, b) => compare(b, a) : compare);
  }],
  "#GETVALUE": ["", (list) => [...list]],
});

const arrayMethods = methodsOf<unknown[]>({
  __getitem__: ["place", getItem],
  __len__: ["", (list) => list.length],
  __setitem__: ["index value", (list, [index, value]) => {
    checkScalar(value);
    list[indexOf(list, index)] = value;
  }],
  "#GETVALUE": ["", (list) => [...list]],
});

const valueMethods = methodsOf<SharedValue>({
  get: ["", (shared) => shared.value],
  set: ["value", (shared, [value]) => {
    checkScalar(value);
    shared.value = value;
  }],
  "#GETVALUE": ["", (shared) => shared.value],
});

function getItem(list: unknown[], [index]: unknown[]): unknown {
  if (index instanceof Slice) return index.placesIn(list).map((at) => list[at]);
  return list[indexOf(list, index)];
}

function setItem(list: unknown[], [index, value]: unknown[]): void {
  if (!(index instanceof Slice)) {
    list[indexOf(list, index)] = value;
    return;
  }
  const { start, stop, step } = index.boundsIn(list);
  const items = itemsOf(value);
  if (step === 1) {
    const tail = list.slice(Math.max(start, stop));
    list.length = start;
    for (const item of [...items, ...tail]) list.push(item);
    return;
  }
  const places = index.placesIn(list);
  if (items.length !== places.length) {
    throw new RangeError(`cannot put ${items.length} items into the places of ${places.length}`);
  }
  places.forEach((at, i) => list[at] = items[i]);
}

/** Removes items from a list, in one go however many they are. */
function removeAt(list: unknown[], places: ReadonlySet<number>): void {
  let kept = 0;
  for (let at = 0; at < list.length; at++) {
    if (!places.has(at)) list[kept++] = list[at];
  }
  list.length = kept;
}

function repeat(list: readonly unknown[], count: unknown): unknown[] {
  if (typeof count !== "number" || !Number.isInteger(count)) {
    throw new TypeError("a list can be multiplied by an integer");
  }
  const items: unknown[] = [];
  // What would be too long for a message is an error long before memory ends.
  if (list.length * count > mostItems) throw new RangeError("the list would be too long");
  for (let i = 0; i < count; i++) items.push(...list);
  return items;
}

function itemsOf(values: unknown): unknown[] {
  if (Array.isArray(values) || values instanceof Set) return [...values];
  throw new TypeError("the items are neither a list, a tuple nor a set");
}

/** The place that an index means, which counts from the end if it is negative. */
function indexOf(list: { readonly length: number }, index: unknown): number {
  if (typeof index !== "number" || !Number.isInteger(index)) {
    throw new TypeError("list indices must be integers");
  }
  const at = index < 0 ? index + list.length : index;
  if (at < 0 || at >= list.length) throw new PythonError("IndexError", ["list index out of range"]);
  return at;
}

function entriesOf(other: unknown): Iterable<[unknown, unknown]> {
  if (other instanceof Map) return other;
  if (Array.isArray(other)) return other;
  return Object.entries(other as object);
}

function compare(a: unknown, b: unknown): number {
  return (a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0;
}

/** Python finds a tuple by what is in it, a map only the very same object: a key that is one would never be found again. */
function check(key: unknown): unknown {
  if (typeof key !== "object" || key === null) return key;
  throw new TypeError("a key of this dict can be a string, a number, a bool or None");
}

function keyError(key: unknown): Error {
  return new PythonError("KeyError", [key]);
}
