// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { unpickle } from "../../cluster/_pickle_reader.ts";
import { PickleError } from "../../cluster/pickle_error.ts";
import {
  bytesOf,
  exception,
  type Part,
  read,
  refusalOf,
  text,
  uint32,
  uint64,
} from "./_pickle_bytes.ts";

function nested(depth: number, open: string, close: string): Uint8Array {
  return bytesOf("\x80\x04", open.repeat(depth), close.repeat(depth - 1), ".");
}

Deno.test("unpickle() reads 200 lists in each other, and refuses one more", () => {
  let value = unpickle(nested(200, "]", "a"));
  let depth = 0;
  for (; Array.isArray(value); depth++) value = value[0];
  assertEquals(depth, 200);

  assertStringIncludes(refusalOf(nested(201, "]", "a")), "it is nested deeper than 200");
  assertStringIncludes(refusalOf(nested(100_000, "]", "a")), "it is nested deeper than 200");
  assertStringIncludes(refusalOf(nested(4, "]", "a"), { maxDepth: 3 }), "deeper than 3");
  unpickle(nested(3, "]", "a"), { maxDepth: 3 });
});

/** Ways to put containers into each other 1000 deep, those that fill what others hold already among them. */
const deep: [name: string, parts: Part[]][] = [
  ["tuples", [")", "\x85".repeat(1000)]],
  ["tuples by marks", ["(".repeat(1000), "t".repeat(1000)]],
  ["lists by marks", ["](".repeat(1000), "e".repeat(1000)]],
  ["lists of protocol 0", ["(".repeat(1000), "l".repeat(1000)]],
  ["dicts", ["}K\x01".repeat(1000), "N", "s".repeat(1000)]],
  ["dicts as keys", ["}".repeat(1000), "Ns".repeat(999)]],
  ["sets", ["\x8f(".repeat(1000), "\x90".repeat(1000)]],
  ["frozen sets", ["(".repeat(1000), "\x91".repeat(1000)]],
  ["exceptions", [exception, "\x940", "h\x00".repeat(1000), ")", "R\x85".repeat(999), "R"]],
  ["attributes", [exception, "\x940", "h\x00)R}Va\n".repeat(1000), "N", "sb".repeat(1000)]],
  ["lists that are remembered before they are filled", laterFilled(1000)],
  ["a tuple that is taken again and again", [")\x94", ...again("\x85")]],
];

/** Lists that are all there before each is given the next. */
function laterFilled(count: number): Part[] {
  const fill = Array.from({ length: count }, (_, i) => ["j", uint32(i), "j", uint32(i + 1), "a0"]);
  return ["]\x94".repeat(count + 1), "0".repeat(count), ...fill];
}

/** Each is made of what the memo holds, and remembered in turn. */
function again(make: string): Part[] {
  return Array.from({ length: 1000 }, (_, i) => ["0j", uint32(i), make, "\x94"]);
}

for (const [name, parts] of deep) {
  Deno.test(`unpickle() refuses ${name} that are nested too deep`, () => {
    assertStringIncludes(refusalOf(bytesOf(...parts, ".")), "it is nested deeper than 200");
  });
}

Deno.test("unpickle() measures what is shared at its deepest place", () => {
  const chain = Array.from(
    { length: 150 },
    (_, i): Part => ["j", uint32(i), "(j", uint32(i + 1), "]e0"],
  );
  const lists = ["]\x94".repeat(151), "0".repeat(151), ...chain];
  const wrapped = (depth: number) =>
    bytesOf(lists, "](j", uint32(0), "]".repeat(depth), "j", uint32(0), "a".repeat(depth), "e.");

  assert(Array.isArray(unpickle(wrapped(48))));
  assertStringIncludes(refusalOf(wrapped(49)), "it is nested deeper than 200");
});

Deno.test("unpickle() measures what is shared once, and by its longest way", () => {
  // 60 lists, each with the one before it twice: 2 ** 60 ways through them.
  const parts = Array.from({ length: 60 }, (_, i) => ["]\x94(h", i, "h", i, "e"]);
  const popped = bytesOf("]\x940", ...parts.map((part) => [part, "0"] as Part), "h", 60, ".");
  assert(Array.isArray(unpickle(popped, { maxDepth: 61 })));
  assertStringIncludes(refusalOf(popped, { maxDepth: 60 }), "it is nested deeper than 60");
});

Deno.test("unpickle() refuses more values than its limit", () => {
  const limits = { maxObjects: 100 };
  const list = (count: number) => bytesOf("](", "N".repeat(count), "e.");

  unpickle(list(99), limits);
  assertStringIncludes(refusalOf(list(100), limits), "it has more than 100 values");
  assertStringIncludes(refusalOf(list(1_000_000)), "it has more than 1000000 values");
  assertStringIncludes(refusalOf(bytesOf("N0".repeat(101)), limits), "more than 100 values");
  assertStringIncludes(refusalOf(bytesOf("(".repeat(102)), limits), "it has too many marks");
  assertStringIncludes(refusalOf(bytesOf("N", "\x94".repeat(102)), limits), "no place 101");
  assertStringIncludes(refusalOf(bytesOf("Nq\x00", "h\x00".repeat(100)), limits), "100 values");
});

Deno.test("unpickle() counts an error as 20 values, as it takes longer", () => {
  const errors = (count: number) =>
    bytesOf("](", exception, "\x940", "h\x00)R".repeat(count), "e.");

  unpickle(errors(40), { maxObjects: 1000 });
  assertStringIncludes(refusalOf(errors(50), { maxObjects: 1000 }), "more than 1000 values");
});

Deno.test("unpickle() refuses many keys that the engine cannot tell apart quickly", () => {
  const keys = (count: number) =>
    Array.from({ length: count }, (_, i): Part => ["\x8a\x0c", uint64(1n), uint32(i + 1)]);
  const refused = "more than 1000 integers beyond 64 bits are keys or items of sets";
  const valued = keys(1001).map((key): Part => [key, "N"]);

  assertEquals((read("\x8f(", keys(1000), "\x90.") as Set<unknown>).size, 1000);
  assertStringIncludes(refusalOf(bytesOf("\x8f(", keys(1001), "\x90.")), refused);
  assertStringIncludes(refusalOf(bytesOf("(", keys(1001), "\x91.")), refused);
  assertStringIncludes(refusalOf(bytesOf("}(", valued, "u.")), refused);
  const called = ["cbuiltins\nset\n](", keys(1001), "e\x85R."];
  assertStringIncludes(refusalOf(bytesOf(...called)), refused);
});

Deno.test("unpickle() does not copy the same value again and again", () => {
  const list = ["](", "N".repeat(1000), "e\x940"];
  const set = ["cbuiltins\nset\n\x940"];
  const calls = "h\x01h\x00\x85R0";

  read(list, set, calls, "N.");
  const bytes = bytesOf(list, set, calls.repeat(100), "N.");
  assertStringIncludes(refusalOf(bytes), "it copies more than it holds");

  const encode = [
    "c_codecs\nencode\n\x940X",
    uint32(1000),
    "x".repeat(1000),
    "\x940",
    text("latin1"),
  ];
  const encoded = bytesOf(encode, "\x940", "h\x00h\x01h\x02\x86R0".repeat(100), "N.");
  assertStringIncludes(refusalOf(encoded), "it copies more than it holds");
});

Deno.test("unpickle() takes no memory for what is only announced", () => {
  const announced = [
    ["\x8e", uint64(1n << 60n)],
    ["\x96", uint64(1n << 40n)],
    ["B", uint32(2 ** 32 - 1)],
    ["X", uint32(2 ** 31)],
    ["\x8b", uint32(2 ** 31 - 1)],
    ["Nr", uint32(2 ** 31)],
    ["Nr", uint32(900_000), "0j", uint32(900_001)],
    ["\x95", uint64(1n << 40n)],
  ].map((parts) => bytesOf(...parts));
  const before = Deno.memoryUsage();

  for (let i = 0; i < 1000; i++) {
    for (const bytes of announced) assertThrows(() => unpickle(bytes), PickleError);
  }

  const after = Deno.memoryUsage();
  assert(after.rss - before.rss < 200 << 20, `${after.rss - before.rss} bytes more`);
});
