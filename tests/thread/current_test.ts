// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { activeCount, currentThread, mainThread, Thread, threads } from "../../thread/mod.ts";
import { describeSelf, idsOfNested, waitForWord } from "../fixtures/thread_identity.ts";
import { Flag } from "./_helpers.ts";

const main = { id: 0, name: "MainThread", daemon: false, isAlive: true };

Deno.test("currentThread() is the main thread in the main thread", () => {
  const { id, name, daemon, isAlive } = currentThread();

  assertEquals({ id, name, daemon, isAlive }, main);
  assertStrictEquals(currentThread(), mainThread());
});

Deno.test("currentThread() tells name, id and daemon in a thread", async () => {
  const thread = new Thread(describeSelf, { name: "工作线程", daemon: true }).start();

  const { id, name, daemon, isAlive, isListed } = await thread.join();

  assertEquals([id, name, daemon, isAlive], [thread.id, "工作线程", true, true]);
  assert(isListed);
});

Deno.test("mainThread() tells of the main thread in a thread", async () => {
  assertEquals((await Thread.spawn(describeSelf).join()).main, main);
});

Deno.test("Thread.name is Thread-N with N its id unless it is given", async () => {
  const thread = new Thread(describeSelf);

  assertEquals(thread.name, `Thread-${thread.id}`);
  assertEquals((await thread.start().join()).name, `Thread-${thread.id}`);
});

Deno.test("Thread.name can be very long, and is cut in the list of others only", async () => {
  const flag = new Flag();
  const name = "名".repeat(1000);
  const waiting = new Thread(waitForWord, { args: [flag.words], name }).start();
  const other = new Thread(describeSelf, { name }).start();

  const { name: own, names } = await other.join();

  assertEquals(waiting.name, name);
  assertEquals(own, name);
  const listed = names.find((one) => one !== "MainThread" && one !== name)!;
  assertEquals(listed, "名".repeat(78));
  flag.set();
  await waiting.join();
});

Deno.test("Thread.name can be empty", async () => {
  const thread = new Thread(describeSelf, { name: "" }).start();

  assertEquals((await thread.join()).name, "");
});

Deno.test("Thread.id is unique among threads of all threads", async () => {
  const owners = Array.from({ length: 3 }, () => Thread.spawn(idsOfNested, 3));

  const ids = (await Promise.all(owners.map((owner) => owner.join()))).flat();

  assertEquals(new Set(ids).size, 12);
  assert(ids.every((id) => id > 0));
});

Deno.test("activeCount() counts the main thread and all that are alive", async () => {
  const before = activeCount();
  const flags = Array.from({ length: 3 }, () => new Flag());
  const waiting = flags.map((flag) => Thread.spawn(waitForWord, flag.words));
  const during = activeCount();

  const { active } = await Thread.spawn(describeSelf).join();

  assertEquals([before, during, active], [1, 4, 5]);
  for (const flag of flags) flag.set();
  await Promise.all(waiting.map((thread) => thread.join()));
  assertEquals(activeCount(), before);
});

Deno.test("threads() gives the very threads that were started here", async () => {
  const flag = new Flag();
  const first = Thread.spawn(waitForWord, flag.words);
  const second = Thread.spawn(waitForWord, flag.words);

  const [mainOne, ...others] = threads();

  assertStrictEquals(mainOne, mainThread());
  assertStrictEquals(others[0], first);
  assertStrictEquals(others[1], second);
  flag.set();
  await Promise.all([first.join(), second.join()]);
  assertEquals(threads(), [mainThread()]);
});

Deno.test("threads() does not list a thread that was joined, thirty times", async () => {
  for (let i = 0; i < 30; i++) {
    const thread = Thread.spawn(waitForWord, new Int32Array(new SharedArrayBuffer(4)).fill(1));
    await thread.join();
    assertEquals(threads().length, 1);
  }
});

Deno.test("Thread.isAlive of a thread that another one started becomes false", async () => {
  const flag = new Flag();
  const thread = Thread.spawn(waitForWord, flag.words);
  const listed = threads()[1]!;

  flag.set();
  await thread.join();

  assertEquals(listed.isAlive, false);
});
