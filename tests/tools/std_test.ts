// Copyright 2026 the Weft authors. MIT license.

// Uses @std as the other tests do. It compiles and passes with JSR and with the registry that
// tools/std_registry.ts builds: where both are reachable, run it with both.

import {
  assert,
  assertEquals,
  assertExists,
  assertInstanceOf,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { pooledMap, retry, RetryError, tee } from "@std/async";
import { parseArgs } from "@std/cli/parse-args";
import { unicodeWidth } from "@std/cli/unicode-width";
import { assertSpyCall, assertSpyCalls, spy, stub } from "@std/testing/mock";
import { FakeTime } from "@std/testing/time";

Deno.test("@std/assert narrows types", async () => {
  const found: number | undefined = [1, 2].find((n) => n > 1);
  assert(found !== undefined);
  const sum: number = found + 1;
  const name: string | undefined = ["Ada"].at(0);
  assertExists(name);
  const value: unknown = new Map([[1, 2]]);
  assertInstanceOf(value, Map);

  const thrown: RangeError = assertThrows(
    () => {
      throw new RangeError("out of range");
    },
    RangeError,
    "range",
  );
  const rejected: TypeError = await assertRejects(
    () => Promise.reject(new TypeError("no")),
    TypeError,
  );

  assertEquals([sum, name.length, value.size], [3, 3, 1]);
  assertEquals([thrown.message, rejected.message], ["out of range", "no"]);
  // @ts-expect-error A number is not a string.
  assertThrows(() => assertEquals(1, "1"));
});

Deno.test("@std/async maps, copies and retries", async () => {
  const [first, second] = tee(pooledMap(2, [1, 2, 3], (n) => Promise.resolve(n * n)));

  assertEquals(await Array.fromAsync(first), [1, 4, 9]);
  assertEquals(await Array.fromAsync(second), [1, 4, 9]);
  const failing = () => retry(() => Promise.reject(new Error("never")), { maxAttempts: 1 });
  await assertRejects(failing, RetryError);
});

Deno.test("@std/testing fakes time and functions", () => {
  using time = new FakeTime(0);
  const add = spy((a: number, b: number) => a + b);
  const object = { length: (text: string) => text.length };
  using length = stub(object, "length", () => 42);

  setTimeout(() => add(1, 2), 1000);
  time.tick(999);
  assertSpyCalls(add, 0);
  time.tick(1);

  assertSpyCall(add, 0, { args: [1, 2], returned: 3 });
  assertEquals(object.length("abc"), 42);
  assertSpyCalls(length, 1);
});

Deno.test("@std/cli types arguments by their options", () => {
  const args = parseArgs(["--list", "-s", "2", "--tag=a", "--tag=b", "tickets"], {
    boolean: ["list", "help"],
    string: ["scale", "tag", "seed"],
    collect: ["tag"],
    alias: { scale: "s" },
    default: { seed: "1" },
  });
  const list: boolean = args.list;
  const scale: string | undefined = args.scale;
  const tags: string[] = args.tag;
  const seed: string = args.seed;

  assertEquals([list, args.help, scale, tags, seed], [true, false, "2", ["a", "b"], "1"]);
  assertEquals(args._, ["tickets"]);
});

Deno.test("@std/cli counts the columns of wide and combining characters", () => {
  const widths = ["", "abc", "中文", "ＡＢ", "한글", "e\u0301", "😀", "…✓✗─█", "a\tb"].map(
    unicodeWidth,
  );

  assertEquals(widths, [0, 3, 4, 4, 4, 1, 2, 5, 2]);
});
