// Copyright 2026 the Weft authors. MIT license.

/*
 * Bad use of everything in sync: the error comes at the call, says what is wrong, and leaves the object as it
 * was. By CPython: the errors of test_constructor and test_timeout of each primitive, and of _TestSharedMemory.
 */

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { Process } from "../../../process/mod.ts";
import {
  Barrier,
  BoundedSemaphore,
  Condition,
  Event,
  Lock,
  type NumberType,
  RLock,
  RWLock,
  type Scope,
  Semaphore,
  SharedArray,
  SharedMemory,
  SharedValue,
} from "../../../sync/mod.ts";
import { createAll, creators, take } from "../../fixtures/sync_misuse_tasks.ts";
import { Coroutine } from "./_actors.ts";
import { Suite } from "./_harness.ts";

const suite = new Suite((options) => ({ lock: new Lock(options) }));

for (const [name, create] of Object.entries(creators)) {
  Deno.test(`new ${name}() refuses a scope that is none`, () => {
    for (const scope of ["local", "", null, 1]) {
      assertThrows(() => create({ scope: scope as Scope }), TypeError, String(scope));
    }
  });

  Deno.test(`${name} of scope thread is refused for a process, with what to do`, () => {
    const object = create({ name: "mine" });
    const process = new Process(take, { args: [{ deep: new Map([["at", [object]]]) }] });

    const error = assertThrows(() => process.start(), DOMException);

    assertEquals(error.name, "DataCloneError");
    assertStringIncludes(error.message, '{ scope: "process" }');
    assertStringIncludes(error.message, "mine");
    assertStringIncludes(error.message.replaceAll(" ", "").toLowerCase(), name.toLowerCase());
  });

  Deno.test(`${name} of scope process is refused by a process that may not have it`, async () => {
    const options = { args: [create({ scope: "process" })], permissions: "none" } as const;
    const process = new Process(take, options).start();

    const error = await assertRejects(() => process.join(), Deno.errors.NotCapable);

    assertStringIncludes(error.message, "--allow-ffi");
  });
}

Deno.test("Everything of scope process names --allow-ffi where that is missing", async () => {
  const outcomes = await new Process(createAll, { args: ["process"], permissions: "none" })
    .start().join();

  for (const [name, error, message] of outcomes) {
    assertEquals(error, "NotCapable", name);
    assertStringIncludes(message!, "run again with the --allow-ffi flag");
  }
});

Deno.test("Everything of scope thread needs no permission", async () => {
  const outcomes = await new Process(createAll, { args: ["thread"], permissions: "none" })
    .start().join();

  assertEquals(outcomes, Object.keys(creators).map((name) => [name, "created"]));
});

Deno.test("new Semaphore() and new BoundedSemaphore() refuse permits that cannot be counted", () => {
  for (const kind of [Semaphore, BoundedSemaphore]) {
    for (const permits of [-1, 1.5, NaN, Infinity, 2 ** 31, "3" as unknown as number]) {
      assertThrows(() => new kind(permits), RangeError, String(permits));
    }
    assertEquals(new kind(2 ** 31 - 1).value, 2 ** 31 - 1);
  }
});

suite.alone("Semaphore.release() refuses permits that cannot be counted", ({ mode: { scope } }) => {
  for (const kind of [Semaphore, BoundedSemaphore]) {
    const semaphore = new kind(1, { scope });
    semaphore.acquireSync();
    for (const permits of [0, -1, 1.5, NaN, Infinity]) {
      assertThrows(() => semaphore.release(permits), RangeError, String(permits));
    }
    assertEquals(semaphore.value, 0);
  }
  const full = new Semaphore(2 ** 31 - 1, { scope });
  assertThrows(() => full.release(), RangeError);
  assertEquals(full.value, 2 ** 31 - 1);
}, { forms: ["sync"] });

Deno.test("new Barrier() refuses parties that cannot be counted", () => {
  for (const parties of [0, -1, 1.5, NaN, Infinity]) {
    assertThrows(() => new Barrier(parties), RangeError, String(parties));
  }
  for (const timeout of [-1, NaN]) {
    assertThrows(() => new Barrier(2, { timeout }), RangeError, String(timeout));
  }
});

Deno.test("new Condition() refuses what is no lock", () => {
  for (const lock of [new Semaphore(), {}, null, new RWLock()]) {
    assertThrows(() => new Condition(lock as unknown as Lock), TypeError);
  }
});

Deno.test("Numbers of no type, arrays of no length and memory of no size are refused", () => {
  assertThrows(() => new SharedValue("i7" as NumberType), TypeError, "i7");
  assertThrows(() => new SharedValue("constructor" as NumberType), TypeError, "constructor");
  assertThrows(() => new SharedValue("i32", "x" as unknown as number), TypeError, "not a number");
  assertThrows(() => new SharedValue("i64", 1 as unknown as bigint), TypeError, "not a bigint");
  assertThrows(() => new SharedArray("f64", -1), RangeError, "-1");
  assertThrows(() => new SharedArray("f64", 1.5), RangeError, "1.5");
  assertThrows(() => new SharedArray("i64", [1] as unknown as bigint[]), TypeError);
  for (const size of [0, -1, 1.5, NaN, Infinity]) {
    assertThrows(() => new SharedMemory(size), RangeError, String(size));
  }
  assertThrows(() => new SharedMemory(2 ** 52, { scope: "process" }), RangeError);
});

for (const state of ["that could go on", "that would wait"]) {
  suite.alone(`Every wait ${state} refuses a timeout that is none`, async (scene) => {
    const { mode: { scope }, act } = scene;
    const free = state === "that could go on";
    const lock = new Lock({ scope });
    const semaphore = new Semaphore(free ? 1 : 0, { scope });
    const bounded = new BoundedSemaphore(free ? 1 : 0, { scope });
    const event = new Event({ scope });
    const rw = new RWLock({ scope });
    const barrier = new Barrier(free ? 1 : 2, { scope });
    const rlock = new RLock({ scope });
    const condition = new Condition(rlock);
    rlock.acquireSync();
    if (free) event.set();
    else {
      lock.acquireSync();
      rw.acquireWriteSync();
    }
    const before = [lock, semaphore, bounded, event, rw, barrier, rlock].map((o) =>
      Deno.inspect(o)
    );

    for (const timeout of [-1, -0.001, NaN, -Infinity, "5" as unknown as number]) {
      for (
        const [object, method] of [
          [lock, "acquire"],
          [rlock, "acquire"],
          [semaphore, "acquire"],
          [bounded, "acquire"],
          [event, "wait"],
          [rw, "acquireRead"],
          [rw, "acquireWrite"],
          [barrier, "wait"],
          [condition, "wait"],
        ] as const
      ) {
        const what = `${object.constructor.name}.${method}(${timeout})`;
        await assertRejects(() => act(object, method, { timeout }), RangeError, undefined, what);
      }
      await assertRejects(() => act(condition, "waitFor", () => free, { timeout }), RangeError);
    }

    assertEquals(
      [lock, semaphore, bounded, event, rw, barrier, rlock].map((o) => Deno.inspect(o)),
      before,
    );
  });
}

suite.alone(
  "Lock that this thread holds is not waited for without limit",
  ({ mode: { scope } }) => {
    const lock = new Lock({ scope });
    lock.acquireSync();

    assertThrows(() => lock.acquireSync(), Error, "this thread holds it");
    assertThrows(() => lock.acquireSync({ timeout: Infinity }), Error, "this thread holds it");
    assertThrows(() => lock.acquireSync({ timeout: 5 }), DOMException, "timed out");

    assertEquals(lock.locked, true);
  },
  { forms: ["sync"] },
);

suite.alone("RLock that another coroutine holds is not waited for without limit", async (scene) => {
  const lock = new RLock({ scope: scene.mode.scope });
  const coroutine = new Coroutine({ lock });
  await coroutine.wait("lock", "acquire");

  assertThrows(() => lock.acquireSync(), Error, "this thread holds it");
  assertThrows(() => lock.acquireSync({ timeout: 5 }), DOMException, "timed out");

  assertEquals(await coroutine.get("lock", "depth"), 1);
  await coroutine.invoke("lock", "release");
}, { forms: ["sync"] });

suite.alone(
  "RWLock that this thread has is not waited for without limit",
  ({ mode: { scope } }) => {
    const lock = new RWLock({ scope });
    const read = lock.acquireReadSync();
    assertThrows(() => lock.acquireWriteSync(), Error, "this thread");
    assertThrows(() => lock.acquireWriteSync({ timeout: 5 }), DOMException, "timed out");
    read[Symbol.dispose]();

    using _write = lock.acquireWriteSync();
    assertThrows(() => lock.acquireWriteSync(), Error, "this thread");
    assertThrows(() => lock.acquireReadSync(), Error, "this thread");
  },
  { forms: ["sync"] },
);

suite.alone("Nothing is released that is not held", ({ mode: { scope } }) => {
  const lock = new Lock({ scope });
  const rlock = new RLock({ scope });
  const bounded = new BoundedSemaphore(1, { scope });
  const rw = new RWLock({ scope });
  const condition = new Condition(rlock);

  assertThrows(() => lock.release(), Error, "Cannot release the lock as");
  assertThrows(() => rlock.release(), Error, "Cannot release the lock as");
  assertThrows(() => bounded.release(), RangeError, "Cannot release");
  assertThrows(() => rw.release(), Error, "Cannot release the lock as");
  assertThrows(() => rw.releaseRead(), Error, "Cannot release the lock as");
  assertThrows(() => rw.releaseWrite(), Error, "Cannot release the lock as");
  assertThrows(() => condition.release(), Error, "Cannot release the lock as");

  assert([lock, rlock, rw].every((object) => object.locked === false));
}, { forms: ["sync"] });

suite.alone("Condition refuses everything without its lock", async ({ mode: { scope }, act }) => {
  for (const lock of [new Lock({ scope }), new RLock({ scope })]) {
    const condition = new Condition(lock);

    const error = await assertRejects(() => act(condition, "wait", { timeout: 5 }), Error);
    assertStringIncludes(error.message, "does not hold the lock");
    await assertRejects(() => act(condition, "waitFor", () => true), Error, "does not hold");
    assertThrows(() => condition.notify(), Error, "does not hold the lock");
    assertThrows(() => condition.notifyAll(), Error, "does not hold the lock");

    assertEquals([condition.waiting, lock.locked], [0, false]);
    using _guard = lock.acquireSync();
    for (const count of [-1, 1.5, NaN]) {
      assertThrows(() => condition.notify(count), RangeError, String(count));
    }
  }
});

suite.alone("SharedMemory that is closed is of no use", ({ mode: { scope } }) => {
  const memory = new SharedMemory(8, { scope });
  const view = new Int32Array(memory.buffer);
  memory.close();

  assertThrows(() => memory.buffer, Error, "Cannot use the shared memory as it is closed");
  assertInstanceOf(memory, SharedMemory);
  assertEquals(memory.byteLength, 0);
  if (scope === "process") assertEquals(view.length, 0);
}, { forms: ["sync"] });
