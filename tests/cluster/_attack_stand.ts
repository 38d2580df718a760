// Copyright 2026 the Weft authors. MIT license.

import {
  connectManager,
  type ManagerServer,
  type Refusal,
  serveManager,
} from "../../cluster/mod.ts";
import { Queue } from "../../channel/mod.ts";
import { Barrier, Lock, Semaphore, SharedArray, SharedValue } from "../../sync/mod.ts";
import { key } from "./_raw_peer.ts";
import { assertEquals } from "@std/assert";

class Account {
  total = 0;
  readonly #secret = "not for clients";

  add(n: number): number {
    return this.total += n;
  }

  _private(): string {
    return this.#secret;
  }

  get secret(): string {
    return this.#secret;
  }

  then(): string {
    return this.#secret;
  }

  throwAnything(): never {
    throw Object.create(null);
  }
}

export interface Stand extends AsyncDisposable {
  readonly server: ManagerServer;
  readonly port: number;
  readonly queue: Queue<unknown>;
  readonly lock: Lock;
  readonly refusals: Refusal[];
  /** Shows that the server works for others. */
  check(): Promise<void>;
}

/** Serves an object of each kind. */
export async function stand(options: object = {}, registry: object = {}): Promise<Stand> {
  const queue = new Queue<unknown>();
  const lock = new Lock();
  const refusals: Refusal[] = [];
  const probe = new Map<string, number>();
  const account = new Account();
  const space = { a: 1, f: () => 1 };
  const list: unknown[] = [1, 2, 3];
  const shared = new SharedValue("f64", 0);
  const array = new SharedArray("f64", 2);
  const semaphore = new Semaphore(1);
  const barrier = new Barrier(2);
  const server = await serveManager({
    authKey: key,
    registry: {
      get_queue: () => queue,
      get_lock: () => lock,
      get_probe: () => probe,
      get_account: () => account,
      get_space: () => space,
      get_list: () => list,
      get_shared: () => shared,
      get_array: () => array,
      get_semaphore: () => semaphore,
      get_barrier: () => barrier,
      ...registry,
    },
    onRefusal: (refusal) => refusals.push(refusal),
    ...options,
  });
  let count = 0;
  return {
    server,
    port: server.port,
    queue,
    lock,
    refusals,
    async check() {
      await using client = await connectManager({ port: server.port, authKey: key });
      const map = await client.get<Map<string, number>>("get_probe");
      await map.set("count", ++count);
      assertEquals(await map.get("count"), count);
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
}
