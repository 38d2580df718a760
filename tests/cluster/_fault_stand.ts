// Copyright 2026 the Weft authors. MIT license.

import {
  type ManagerClient,
  ManagerLostError,
  type ManagerServer,
  serveManager,
} from "../../cluster/mod.ts";
import { Queue } from "../../channel/mod.ts";
import { Event, Lock } from "../../sync/mod.ts";
import { key } from "./_raw_peer.ts";
import { assert, assertEquals } from "@std/assert";

/** Calls of every kind that wait, and many that do not; each is a promise. */
export async function callEverything(client: ManagerClient): Promise<Promise<unknown>[]> {
  const queue = await client.get<Queue<number>>("get_queue");
  const empty = await client.get<Queue<number>>("get_empty");
  const lock = await client.get<Lock>("get_lock");
  const event = await client.get<Event>("get_event");
  const map = await client.get<Map<string, number>>("get_map");
  const slow = await client.get<{ wait(): Promise<void> }>("get_slow");
  await queue.put(1);
  await lock.acquire();
  const calls: Promise<unknown>[] = [];
  for (let i = 0; i < 10; i++) {
    calls.push(
      queue.put(2),
      queue.join(),
      empty.get(),
      empty.get({ timeout: 600_000 }),
      lock.acquire(),
      event.wait(),
      slow.wait(),
      client.get("get_never"),
    );
  }
  // These may be done before; after that they fail as well.
  const run = async (call: () => Promise<unknown>) => {
    for (;;) await call();
  };
  for (let i = 0; i < 4; i++) {
    calls.push(
      run(() => map.set("a", i)),
      run(() => map.get("a")),
      run(() => queue.size),
      run(() => event.isSet),
      run(async () =>
        await (await client.get<Map<string, number>>("get_map"))[Symbol.asyncDispose]()
      ),
    );
  }
  assertEquals(calls.length, 100);
  for (const call of calls) call.catch(() => {});
  // Each has been sent once before anything ends.
  await map.get("a");
  await map.get("a");
  return calls;
}

/** Waits until all calls have ended, as they should when the connection is lost. */
export async function assertLost(calls: Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(calls);
  for (const [i, result] of results.entries()) {
    assert(result.status === "rejected", `call ${i}`);
    assert(result.reason instanceof ManagerLostError, `call ${i}: ${Deno.inspect(result.reason)}`);
  }
}

/** Serves objects of which each can be waited for. */
export async function everything(): Promise<{ server: ManagerServer; lock: Lock }> {
  const queue = new Queue<number>({ maxSize: 1 });
  const [empty, lock, event] = [new Queue<number>(), new Lock(), new Event()];
  const map = new Map<string, number>();
  const slow = { wait: () => new Promise<void>(() => {}) };
  const server = await serveManager({
    authKey: key,
    registry: {
      get_queue: () => queue,
      get_empty: () => empty,
      get_lock: () => lock,
      get_event: () => event,
      get_map: () => map,
      get_slow: () => slow,
      get_never: () => new Promise<object>(() => {}),
    },
    onRefusal: () => {},
  });
  return { server, lock };
}
