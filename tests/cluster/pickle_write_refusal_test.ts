// Copyright 2026 the Weft authors. MIT license.

import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { unpickle } from "../../cluster/_pickle_reader.ts";
import { pickle } from "../../cluster/_pickle_writer.ts";
import { ProxyReference, Token } from "../../cluster/_token.ts";
import { PythonError, tuple } from "../../cluster/python_values.ts";
import { Queue } from "../../channel/mod.ts";
import { bytesOf } from "./_pickle_bytes.ts";

function fn(): void {}
const list = [1];
const detached = new Uint8Array(4);
structuredClone(detached.buffer, { transfer: [detached.buffer] });

const valuesRefused: [message: string, value: unknown][] = [
  ["$ as it is a function", fn],
  ["$ as it is a symbol", Symbol("s")],
  ["$.user.callback as it is a function", { user: { name: "a", callback: fn } }],
  ["$[1].f as it is a function", tuple(1, { f: fn })],
  ['$.get("bob") as it is a symbol', new Map([["bob", Symbol.iterator]])],
  ["$.values()[1] as it is a function", new Set<unknown>([1, fn])],
  ["$.args[0].f as it is a function", new PythonError("ValueError", [{ f: fn }])],
  [
    "$.attributes.f as it is a function",
    new PythonError("ValueError", [], { attributes: { f: fn } }),
  ],
  ["$.a as it is a WeakMap", { a: new WeakMap() }],
  ["$ as it is a Promise", Promise.resolve()],
  ["$ as it is a RegExp", /a/],
  ["$ as it is a Queue", new Queue()],
  ["$ as it is a Point", new (class Point {})()],
  ["$[0] as it is a Date: send its getTime() or toISOString() instead", [new Date(0)]],
  ["$ as it is a view other than Uint8Array: send its bytes instead", new Float64Array(1)],
  ["$ as it is in a detached ArrayBuffer", detached],
  ["$ as it is a Number", Object(1)],
  [
    "$.keys()[0] as it is an Array, which is no key and no item of a set in Python: use tuple() or FrozenSet",
    new Map([[[1], 1]]),
  ],
  ["$.keys()[0][0] as it is an Object, which is no key", new Map([[tuple({}), 1]])],
  ["$.values()[0] as it is a Set, which is no key", new Set([new Set()])],
  ["$[0] as it is an Array, which is no key", [list, new Set([list])]],
  ["$ as it is a proxy of an unknown class", new ProxyReference(new Token("", "", ""), [], "eval")],
];

for (const [message, value] of valuesRefused) {
  Deno.test(`pickle() says: cannot clone ${message}`, () => {
    const error = assertThrows(() => pickle(value), DOMException, `Cannot clone ${message}`);

    assertEquals(error.name, "DataCloneError");
    // What was refused leaves nothing behind.
    assertEquals(pickle(null), bytesOf("\x80\x04N."));
  });
}

Deno.test("pickle() lets an error hold what cannot be a key, in a key", () => {
  pickle(new Map([[new PythonError("ValueError", [[1]], { attributes: { a: [] } }), 1]]));
});

Deno.test("pickle() refuses 100,000 arrays in each other, and writes 200", () => {
  const nest = (depth: number) => {
    let value: unknown[] = [];
    for (let i = 1; i < depth; i++) value = [value];
    return value;
  };

  unpickle(pickle(nest(200)));
  for (const depth of [201, 100_000]) {
    const error = assertThrows(() => pickle(nest(depth)), DOMException);
    assertEquals(error.name, "DataCloneError");
    assertStringIncludes(error.message, "as it is nested deeper than 200");
  }
  unpickle(pickle(nest(1000), { maxDepth: 1e9 }), { maxDepth: 1e9 });
  assertThrows(() => pickle(nest(1001), { maxDepth: 1e9 }), DOMException, "deeper than 1000");
});

Deno.test("pickle() does not take what is side by side for deep", () => {
  const value = Array.from(
    { length: 300 },
    () => [[], {}, tuple(1), new Set(), new Map(), new Error()],
  );

  assertEquals((unpickle(pickle(value)) as unknown[]).length, 300);
});

Deno.test("pickle() writes nothing deeper than unpickle() reads", () => {
  const inner = [
    () => [],
    () => new Set(),
    () => new PythonError("ValueError", ["m"], { attributes: { a: 1 } }),
    () => new Token("t", tuple("h", 1), "1"),
    () => new ProxyReference(new Token("t", tuple("h", 1), "1"), ["a"]),
    () => new Uint8Array(1),
  ];
  for (const create of inner) {
    for (let depth = 190; depth <= 201; depth++) {
      let value: unknown = create();
      for (let i = 0; i < depth; i++) value = [value];
      let bytes: Uint8Array;
      try {
        bytes = pickle(value);
      } catch {
        continue;
      }
      unpickle(bytes);
    }
  }
});

Deno.test("pickle() throws what a getter throws", () => {
  const value = {
    get a() {
      throw new RangeError("enough");
    },
  };

  assertThrows(() => pickle(value), RangeError, "enough");
  assertEquals(pickle(null), bytesOf("\x80\x04N."));
});
