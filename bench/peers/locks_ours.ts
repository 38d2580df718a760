// Copyright 2026 the Weft authors. MIT license.

import { bodies, type Body, type BodyName } from "../fixtures/sync_bodies.ts";
import type { Pair } from "../fixtures/sync_pair.ts";
import { createKit } from "../fixtures/sync_kit.ts";
import { Lock, RLock, type Scope, Semaphore } from "../../sync/mod.ts";
import type { Side } from "./measure.ts";

/** What is not the start of the name of a body with a capital. */
const names: Record<string, string> = { bare: "bare Atomics", rlock: "RLock" };

const kinds = { Lock, RLock, Semaphore };

function create(kind: keyof typeof kinds, scope: Scope): Lock | RLock | Semaphore {
  return kind === "Semaphore" ? new Semaphore(1, { scope }) : new kinds[kind]({ scope });
}

/** Acquire and release that nobody disputes, in the blocking form. */
export function alone(kind: keyof typeof kinds, scope: Scope): Side {
  return {
    name: kind,
    run(times) {
      const lock = create(kind, scope);
      const started = performance.now();
      for (let i = 0; i < times; i++) {
        lock.acquireSync();
        lock.release();
      }
      return performance.now() - started;
    },
  };
}

/** Acquire and release that nobody disputes, in the form for coroutines. */
export function aloneAsync(kind: keyof typeof kinds, scope: Scope): Side {
  return {
    name: kind,
    async run(times) {
      const lock = create(kind, scope);
      const started = performance.now();
      for (let i = 0; i < times; i++) {
        await lock.acquire();
        lock.release();
      }
      return performance.now() - started;
    },
  };
}

/** Two threads or processes; if they compete, each does half of it. */
export function between(pair: Pair, body: BodyName): Side {
  return { name: nameOf(body), run: (times) => pair.run(body, share(body, times)) };
}

/** Two coroutines of one thread. */
export function coroutines(bodyName: BodyName): Side {
  const body: Body = bodies[bodyName];
  return {
    name: nameOf(bodyName),
    async run(times) {
      const kit = createKit("thread");
      const part = share(bodyName, times);
      const started = performance.now();
      await Promise.all([body(kit, part, 0), body(kit, part, 1)]);
      return performance.now() - started;
    },
  };
}

function share(body: BodyName, times: number): number {
  return body.includes("Contended") ? times / 2 : times;
}

/** What a body is about, and whether it awaits. */
function nameOf(body: BodyName): string {
  const [prefix] = /^[a-z]+/.exec(body)!;
  const name = names[prefix] ?? prefix[0]!.toUpperCase() + prefix.slice(1);
  return body.endsWith("Async") ? `${name}, await` : name;
}
