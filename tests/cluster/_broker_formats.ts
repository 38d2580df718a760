// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { Lock } from "../../sync/mod.ts";
import type { DefineTest } from "./_broker_cases.ts";

/** Defines tests of what items can be. */
export function testFormats(test: DefineTest): void {
  test(".get() gives copies of any value that can be cloned", async (make) => {
    const queue = make<unknown>();
    const shared = { a: undefined, b: new Map([[1, new Set([2n])]]), c: new Date(5), d: -0 };
    const item = { shared, again: shared, bytes: new Uint8Array([1, 2]) };
    await queue.put(item);
    await queue.put(undefined);
    await queue.put(new RangeError("no", { cause: 7 }));

    const copy = await queue.get() as typeof item;
    assertEquals(copy, item);
    assert(copy.shared === copy.again && Object.is(copy.shared.d, -0));
    assertEquals(await queue.get(), undefined);
    const error = await queue.get();
    assertInstanceOf(error, RangeError);
    assertEquals([error.message, error.cause], ["no", 7]);
  });

  test(".put() copies the item at once", async (make) => {
    const queue = make<number[]>();
    const item = [1];
    const put = queue.put(item);
    item.push(2);
    await put;

    assertEquals(await queue.get(), [1]);
  });

  test(".put() refuses what cannot get to another machine", async (make) => {
    const queue = make<unknown>();
    for (const bad of [() => 1, { a: [new Lock()] }, new SharedArrayBuffer(4), Symbol("s")]) {
      const error = await assertRejects(() => queue.put(bad), DOMException, "Cannot clone $");
      assertEquals(error.name, "DataCloneError");
    }
    await assertRejects(() => queue.putNowait({ a: [new Lock()] }), DOMException, "$.a[0]");
    assertEquals(await queue.size, 0);
  });

  test(' with the format "json" carries what JSON can say', async (make) => {
    const queue = make<unknown>({ format: "json" });
    const item = { text: "ü\u2028", list: [1, null, { a: true }], left: undefined };
    await queue.put(item);
    await queue.put(new Date(0));

    assertEquals(await queue.get(), { text: "ü\u2028", list: [1, null, { a: true }] });
    assertEquals(await queue.get(), "1970-01-01T00:00:00.000Z");
  });

  test(' with the format "json" refuses what JSON cannot say', async (make) => {
    const queue = make<unknown>({ format: "json" });
    const cycle: { a: { b?: unknown }[] } = { a: [{}] };
    cycle.a[0]!.b = cycle;
    const cases: [unknown, string][] = [
      [undefined, "$ as"],
      [() => 1, "$ as"],
      [{ "a b": [0, () => 1] }, '$["a b"][1]'],
      [[undefined], "$[0]"],
      [{ a: { b: 1n } }, "$.a.b"],
      [{ a: NaN }, "$.a"],
      [new Map(), "$ as"],
      [cycle, "$.a[0].b"],
    ];
    for (const [bad, path] of cases) {
      const error = await assertRejects(() => queue.put(bad), DOMException, path);
      assertEquals(error.name, "DataCloneError");
    }
    const twice = { a: 1 };
    await queue.put([twice, twice]);
    assertEquals(await queue.get(), [twice, twice]);
  });

  test(".get() rejects for what is not in the format, which does not come again", async (make) => {
    const [other, queue] = [make<unknown>({ format: "json" }), make<unknown>()];
    await other.put("no bytes of the codec");
    await queue.put("good");

    const error = await assertRejects(() => queue.get(), DOMException, "not in its format");
    assertEquals(error.name, "DataCloneError");
    assertEquals(await queue.get(), "good");
    await queue.taskDone();
    await queue.join();
  });
}
