// Copyright 2026 the Weft authors. MIT license.

// What goes to the workers and comes back.

import { assert, assertEquals, assertInstanceOf, assertRejects, assertThrows } from "@std/assert";
import { Queue } from "../../../channel/mod.ts";
import { Event, Lock, SharedArray } from "../../../sync/mod.ts";
import { returnFunction } from "../../fixtures/pool_fault_tasks.ts";
import * as tasks from "../../fixtures/pool_tasks.ts";
import {
  collect,
  defineTests,
  makeGate,
  type MakePool,
  type PoolKind,
  poolNames,
  range,
} from "./_helpers.ts";

/** Tests arguments and results. */
export function testValues(make: MakePool, kind: PoolKind): void {
  const test = defineTests(make, kind);

  test("clones what structured clones can be of", {}, async (pool) => {
    const cyclic: { self?: unknown } = {};
    cyclic.self = cyclic;
    const values = [
      undefined,
      null,
      -0,
      NaN,
      10n ** 30n,
      "\u{1f9f5} \ud800",
      new Date(0),
      /a+/giu,
      new Map<unknown, unknown>([[{ key: 1 }, new Set([1, [2]])]]),
      [1, , 3],
      new Float64Array([0.5, -1]),
      new DataView(new Uint8Array([1, 2, 3]).buffer, 1, 1),
      new Error("an error as a value", { cause: 3 }),
    ];

    for (const value of values) assertEquals(await pool.submit(tasks.echo, value), value);
    assertEquals(await pool.map(tasks.echo, values), values);
    const copy = await pool.submit(tasks.echo, cyclic) as typeof cyclic;
    assertEquals([copy.self === copy, copy === cyclic], [true, false]);
  });

  test("clones arguments when it is called", {}, async (pool) => {
    const gate = makeGate();
    const held = pool.submit(tasks.hold, gate);
    const list = [1, 2];
    const future = pool.submit(tasks.echo, list);
    list.push(3);
    gate.open.set();

    assertEquals(await future, [1, 2]);
    await held;
  });

  const parts: Record<string, () => unknown> = {
    function: () => () => {},
    symbol: () => Symbol("s"),
    WeakMap: () => new WeakMap(),
    Promise: () => Promise.resolve(),
  };
  test("submit() throws for arguments that cannot be cloned, and consumes nothing", {
    maxQueue: 1,
  }, async (pool) => {
    for (const [what, part] of Object.entries(parts)) {
      const user = { callback: part() };
      const { buffer } = new Uint8Array([1]);

      const errors = [
        assertThrows(() => pool.submit(tasks.echo, { user }), DOMException),
        assertThrows(() => {
          pool.run(tasks.countArguments, [buffer, { user }], { transfer: [buffer] });
        }, DOMException),
      ];

      for (const { name, message } of errors) {
        assertEquals(name, "DataCloneError");
        assert(message.includes("user.callback") && message.includes(what), message);
      }
      assertEquals([buffer.detached, pool.stats.queued], [false, 0]);
    }
    const thrower = {
      get value(): never {
        throw new TypeError("from a getter");
      },
    };
    assertThrows(() => pool.submit(tasks.echo, thrower), TypeError, "from a getter");

    assertEquals([pool.stats.failed, pool.stats.workers], [0, 0]);
    assertEquals(await pool.submit(tasks.square, 3), 9);
  });

  test(
    "results that cannot be cloned reject, 20 times, and the worker goes on",
    {},
    async (pool) => {
      const worker = await pool.submit(tasks.identify);

      for (let i = 0; i < 20; i++) {
        const error = await assertRejects(() => pool.submit(returnFunction), DOMException);
        assertEquals(error.name, "DataCloneError");
        assert(error.message.includes("$.callback"), error.message);
      }

      assertEquals(await pool.submit(tasks.identify), worker);
      assertEquals(pool.stats.failed, 20);
    },
  );

  test("passes bytes of all sizes both ways", { size: 2 }, async (pool) => {
    for (const length of [0, 1, 65_535, 65_536, 65_537, 1 << 20, (8 << 20) + 1]) {
      const bytes = new Uint8Array(length).fill(6);

      assertEquals(await pool.submit(tasks.describeBytes, bytes), [length, bytes[0], true]);
      const result = await pool.submit(tasks.makeBytes, length, 9);
      assertInstanceOf(result, Uint8Array);
      assert(result.length === length && result.every((byte) => byte === 9), `${length}`);
    }
  });

  test("passes many large arguments and results at once", { size: 2 }, async (pool) => {
    const items = range(60).map((n) => new Uint8Array(65_536 + n).fill(n));
    const check = (results: readonly Uint8Array[]) => {
      for (const [n, result] of results.entries()) {
        assertEquals([result.length, result[0], result.at(-1)], [65_536 + n, n + 1, n + 1]);
      }
    };

    check(await Promise.all(items.map((item) => pool.submit(tasks.addOne, item))));
    check(await pool.map(tasks.addOne, items));
    check((await collect(pool.imap(tasks.addOne, items))).values);
  });

  test("run() moves the buffers that are to be transferred", {}, async (pool) => {
    for (const length of [0, 10, 65_536, 8 << 20]) {
      const bytes = new Uint8Array(length).fill(5);

      const future = pool.run(tasks.describeBytes, [bytes], { transfer: [bytes.buffer] });

      assertEquals([bytes.buffer.detached, bytes.length], [true, 0]);
      assertEquals(await future, [length, length === 0 ? undefined : 5, true]);
    }
  });

  test("run() refuses to move what it cannot, and moves nothing", {}, async (pool) => {
    const good = new Uint8Array([1]).buffer;
    const gone = new Uint8Array([2]).buffer;
    structuredClone(gone, { transfer: [gone] });
    for (const transfer of [[good, gone], [good, good]]) {
      const run = () => pool.run(tasks.echo, [good], { transfer });
      assertEquals(assertThrows(run, DOMException).name, "DataCloneError");
    }
    assertEquals(good.detached, false);

    assertEquals(await pool.run(tasks.echo, [good], { transfer: [] }), good);
    assertEquals(good.detached, false);
  });

  const scopes = kind === "thread" ? ["thread", "process"] as const : ["process"] as const;
  for (const scope of scopes) {
    test(
      `takes handles of scope ${scope} as arguments, and gives them as results`,
      {},
      async (pool) => {
        const handles = {
          lock: new Lock({ scope }),
          queue: new Queue<string>({ scope }),
          array: new SharedArray("i32", 1, { scope }),
        };

        assertEquals(await pool.submit(tasks.useHandles, handles), true);
        assertEquals(handles.lock.locked, true);
        assertEquals([await handles.queue.get(), handles.array.view[0]], ["put in the worker", 42]);
        const made = await pool.submit(tasks.makeArray, scope);
        assertEquals([...made.view], [4, 5, 6]);
        const back = await pool.submit(tasks.echo, handles.array) as SharedArray<"i32">;
        back.view[0] = 43;
        assertEquals(handles.array.view[0], 43);
      },
    );
  }

  if (kind === "process") {
    test("refuses handles of scope thread at the call", {}, async (pool) => {
      const handles = [new Lock(), new Event(), new Queue(), new SharedArray("i32", 1)];
      for (const handle of handles) {
        const error = assertThrows(() => pool.submit(tasks.echo, { handle }), DOMException);
        assertEquals(error.name, "DataCloneError");
        assert(error.message.includes("process"), error.message);
      }
      const map = () => pool.map(tasks.echo, handles);
      assertEquals((await assertRejects(map, DOMException)).name, "DataCloneError");
      const result = pool.submit(tasks.makeArray, "thread");
      assertEquals((await assertRejects(() => result, DOMException)).name, "DataCloneError");

      assertEquals(await pool.submit(tasks.square, 3), 9);
    });
  } else {
    test("shares the memory of a SharedArrayBuffer", {}, async (pool) => {
      const words = new Int32Array(new SharedArrayBuffer(8));

      await pool.submit(tasks.writeShared, words);

      assertEquals([...words], [7, 0]);
    });
  }

  Deno.test(`${poolNames[kind]} takes a pool for nothing that can be cloned`, async () => {
    const pool = make(1);

    const error = assertThrows(() => pool.submit(tasks.echo, pool), DOMException);

    assertEquals(error.name, "DataCloneError");
    await pool.terminate();
  });
}
