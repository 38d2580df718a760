// Copyright 2026 the Weft authors. MIT license.

import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { shield, sleep, spawn } from "../../coroutine/mod.ts";
import { turns } from "./_helpers.ts";

Deno.test("shield() gives the result or the error of the coroutine", async () => {
  assertEquals(await shield(spawn(() => 1)), 1);
  await assertRejects(
    () => shield(spawn(() => Promise.reject(new Error("broken")))),
    Error,
    "broken",
  );
});

Deno.test("shield() has a coroutine and what it spawns go on when the one that waits is cancelled", async () => {
  const log: string[] = [];
  const reason = new Error("enough");
  const inner = Promise.withResolvers<void>();
  const outer = spawn(async () => {
    const commit = spawn(async () => {
      const part = spawn(async () => {
        await sleep(2);
        log.push("part");
      });
      await part;
      log.push("commit");
      inner.resolve();
    });
    await shield(commit);
    log.push("never");
  });
  await turns(2);

  await outer.cancel(reason);
  assertStrictEquals(await assertRejects(() => outer.join()), reason);
  assertEquals(log, []);

  await inner.promise;
  assertEquals(log, ["part", "commit"]);
});

Deno.test("shield() does not keep a coroutine from being cancelled by itself", async () => {
  const coroutine = spawn(() => sleep(Infinity));
  const shielded = shield(coroutine);
  await turns(1);

  await coroutine.cancel(new Error("itself"));
  await assertRejects(() => shielded, Error, "itself");
});

Deno.test("shield() while the one that waits cleans up lets that end", async () => {
  const log: string[] = [];
  const go = Promise.withResolvers<void>();
  const outer = spawn(async () => {
    const child = spawn(async () => {
      try {
        await sleep(Infinity);
      } finally {
        await go.promise;
        log.push("child");
      }
    });
    try {
      await sleep(Infinity);
    } finally {
      // The child is cancelled by now: the wait for it is what ends.
      await shield(child).catch(() => log.push("waited"));
    }
  });
  await turns(2);

  const cancelled = outer.cancel();
  go.resolve();
  await cancelled;

  assertEquals(log, ["child", "waited"]);
});
