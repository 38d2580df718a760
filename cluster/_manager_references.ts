// Copyright 2026 the Weft authors. MIT license.

import { Queue } from "../channel/queue.ts";
import type { Served } from "./_served.ts";
import { serveData } from "./_served_data.ts";
import { ServedObject } from "./_served_object.ts";
import { serveQueue } from "./_served_queue.ts";
import { servePrimitive } from "./_served_sync.ts";

/** A timer with more milliseconds goes off at once. */
const longestTimer = 2 ** 31 - 1;

interface Entry {
  readonly served: Served;
  count: number;
}

/** What the references of a host are worth when nothing of it is connected any more. */
interface Host {
  readonly counts: Map<string, number>;
  connections: number;
  expiry: ReturnType<typeof setTimeout> | undefined;
}

/** Options of {@linkcode References}. */
export interface ReferenceOptions {
  /** The most objects that are referred to at once. */
  readonly maxObjects: number;
  /** Milliseconds after which the references of a host count no more that has no connection. */
  readonly leaseTime: number;
}

/**
 * The objects that clients refer to, by their names on the wire. Clients count their references themselves, each with
 * a connection of its own, so who has died cannot be told from its count: but when nothing of a host has been connected
 * for some time, those of that host are gone.
 */
export class References {
  readonly #options: ReferenceOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #hosts = new Map<string, Host>();
  /** An object keeps its name, also when nobody has referred to it meanwhile. */
  readonly #names = new WeakMap<object, string>();
  #next = 1;

  constructor(options: ReferenceOptions) {
    this.#options = options;
  }

  /** Number of objects that are referred to. */
  get size(): number {
    return this.#entries.size;
  }

  /** Adds a reference to an object that may be new. */
  add(target: unknown, host: string): { readonly ident: string; readonly served: Served } {
    if (typeof target !== "object" || target === null) {
      throw new TypeError(`Cannot serve ${String(target)} as it is not an object`);
    }
    const ident = this.#names.get(target) ?? `weft${(this.#next++).toString(16)}`;
    let entry = this.#entries.get(ident);
    if (entry === undefined) {
      if (this.#entries.size >= this.#options.maxObjects) {
        throw new RangeError(
          `Cannot serve more objects at once than ${this.#options.maxObjects}`,
        );
      }
      entry = { served: serve(target), count: 0 };
      this.#names.set(target, ident);
      this.#entries.set(ident, entry);
    }
    this.#count(ident, entry, host, 1);
    return { ident, served: entry.served };
  }

  /** Finds an object. */
  find(ident: unknown): Served | undefined {
    return this.#entries.get(ident as string)?.served;
  }

  /** Adds or removes a reference; tells whether there is such an object. */
  count(ident: unknown, host: string, change: 1 | -1): boolean {
    const entry = this.#entries.get(ident as string);
    if (entry !== undefined) this.#count(ident as string, entry, host, change);
    return entry !== undefined;
  }

  /** Notes that a host has one connection more. */
  connect(host: string): void {
    const entry = this.#host(host);
    entry.connections++;
    clearTimeout(entry.expiry);
  }

  /** Notes that a host has one connection less. */
  disconnect(host: string): void {
    const entry = this.#host(host);
    if (--entry.connections > 0) return;
    if (entry.counts.size === 0) this.#hosts.delete(host);
    else {
      const time = Math.min(this.#options.leaseTime, longestTimer);
      entry.expiry = setTimeout(() => this.#forget(host, entry), time);
      Deno.unrefTimer(entry.expiry as unknown as number);
    }
  }

  /** Forgets everything. */
  clear(): void {
    for (const { expiry } of this.#hosts.values()) clearTimeout(expiry);
    this.#hosts.clear();
    this.#entries.clear();
  }

  #host(host: string): Host {
    let entry = this.#hosts.get(host);
    if (entry === undefined) {
      entry = { counts: new Map(), connections: 0, expiry: undefined };
      this.#hosts.set(host, entry);
    }
    return entry;
  }

  #count(ident: string, entry: Entry, host: string, change: number): void {
    const { counts } = this.#host(host);
    // Who removes one that another host has added, as it was handed on, has fewer than none.
    const own = (counts.get(ident) ?? 0) + change;
    if (own === 0) counts.delete(ident);
    else counts.set(ident, own);
    entry.count += change;
    if (entry.count <= 0) {
      this.#entries.delete(ident);
      for (const { counts } of this.#hosts.values()) counts.delete(ident);
    }
  }

  #forget(host: string, { counts }: Host): void {
    this.#hosts.delete(host);
    for (const [ident, count] of counts) {
      const entry = this.#entries.get(ident);
      if (entry === undefined || count <= 0) continue;
      entry.count -= count;
      if (entry.count <= 0) this.#entries.delete(ident);
    }
  }
}

function serve(target: object): Served {
  if (target instanceof Queue) return serveQueue(target);
  return servePrimitive(target) ?? serveData(target) ?? new ServedObject(target);
}
