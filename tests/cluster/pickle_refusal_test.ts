// Copyright 2026 the Weft authors. MIT license.

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { unpickle } from "../../cluster/_pickle_reader.ts";
import { pickle } from "../../cluster/_pickle_writer.ts";
import { ProxyReference, Token } from "../../cluster/_token.ts";
import { PickleError } from "../../cluster/pickle_error.ts";
import { FrozenSet, PythonError, tuple } from "../../cluster/python_values.ts";
import { Queue } from "../../channel/mod.ts";
import {
  bytesOf,
  type Part,
  read,
  refusalOf,
  stackGlobal,
  text,
  uint32,
  uint64,
} from "./_pickle_bytes.ts";

const bytesRefused: [problem: string, parts: Part[]][] = [
  ["it ends too early, at byte 0", []],
  ["it ends too early, at byte 2", ["\x80\x04"]],
  ["a value is missing, at byte 0", ["."]],
  ["values are left over, at byte 4", ["K\x01K\x02."]],
  ["values are left over, at byte 2", ["(N."]],
  ["3 bytes follow its end, at byte 1", ["N.abc"]],
  ["there is no opcode 0, at byte 1", ["N\x00"]],
  ["it is of protocol 6, at byte 0", ["\x80\x06N."]],
  ["a mark is missing, at byte 0", ["t"]],
  ["a mark is missing, at byte 1", ["]e"]],
  ["a mark is missing, at byte 1", ["}u"]],
  ["a mark is missing, at byte 0", ["\x91"]],
  ["a mark is missing, at byte 0", ["1"]],
  ["a value is missing, at byte 0", ["0"]],
  ["a value is missing, at byte 0", ["2"]],
  ["a value is missing, at byte 1", ["Na"]],
  ["a value is missing, at byte 2", ["NNs"]],
  ["a value is missing, at byte 1", ["N\x86"]],
  ["a value is missing, at byte 2", ["N(\x85"]],
  ["a value is missing, at byte 1", ["(e"]],
  ["a value is missing, at byte 0", ["\x94"]],
  ["a value is missing, at byte 2", ["](\x94"]],
  ["a value is missing, at byte 0", ["q\x00"]],
  ["a value is missing, at byte 0", ["R"]],
  ["a value is missing, at byte 1", [")b"]],
  ["a key has no value, at byte 4", ["}(K\x01u"]],
  ["a key has no value, at byte 3", ["(K\x01d"]],
  ["it appends to what is not a list, at byte 2", [")Na"]],
  ["it appends to what is not a list, at byte 3", ["}(Ne"]],
  ["it adds items to what is not a set, at byte 3", ["](N\x90"]],
  ["it adds items to what is not a set, at byte 4", ["(\x91(N\x90"]],
  ["it sets items of what is not a dict, at byte 3", ["]NNs"]],
  ["it sets items of what is not a dict, at byte 3", [")NNs"]],
  ["the memo has nothing at 5, at byte 0", ["h\x05"]],
  ["the memo has nothing at 70000, at byte 0", ["j", uint32(70000)]],
  ["the memo has no place 2147483648, at byte 1", ["Nr", uint32(2 ** 31)]],
  ["the memo has no place 4294967295, at byte 1", ["Nr", uint32(2 ** 32 - 1)]],
  ["the memo has no place -1, at byte 1", ["Np-1\n"]],
  ["the memo has no place 99999999999999999999, at byte 1", ["Np99999999999999999999\n"]],
  ["the memo has nothing at 2, at byte 0", ["g2\n"]],
  ['"x" is not an integer, at byte 0', ["Ix\n"]],
  ['"1_000" is not an integer, at byte 0', ["I1_000\n"]],
  ['"0x10" is not a float, at byte 0', ["F0x10\n"]],
  ['"" is not a float, at byte 0', ["F\n"]],
  ["an integer has more than 4300 digits, at byte 0", ["L", "1".repeat(4301), "L\n"]],
  ["a character is out of range, at byte 0", ["V\\U00110000\n"]],
  ["a string is not UTF-8, at byte 0", ["\x8c\x02a\xff."]],
  ["a string is not UTF-8, at byte 0", ["\x8c\x04\xed\xa0\x80\xff."]],
  ["a string is not UTF-8, at byte 0", ["\x8c\x02\xed\xa0."]],
  ["it ends too early, at byte 0", ["\x8c\xffa"]],
  ["it ends too early, at byte 0", ["X", uint32(2 ** 32 - 1), "a"]],
  ["it ends too early, at byte 0", ["\x8d", uint64(1n << 60n), "a"]],
  ["it ends too early, at byte 0", ["\x8e", uint64(1n << 60n), "a"]],
  ["it ends too early, at byte 0", ["\x8e", uint64(2n ** 64n - 1n), "a"]],
  ["it ends too early, at byte 0", ["\x96", uint64(1n << 62n), "a"]],
  ["it ends too early, at byte 0", ["B", uint32(2 ** 31), "a"]],
  ["it ends too early, at byte 0", ["\x95", uint64(1n << 60n), "N."]],
  ["a length is negative, at byte 0", ["\x8b", uint32(2 ** 32 - 1), "a"]],
  ["an integer is longer than 1048576 bytes, at byte 0", ["\x8b", uint32(2 ** 31 - 1), "a"]],
  ["it ends too early, at byte 0", ["\x8b", uint32(2 ** 20), "a"]],
  ["it holds a str of Python 2, which can be text or bytes, at byte 0", ["S'a'\n."]],
  ["it holds a str of Python 2, which can be text or bytes, at byte 0", ["U\x01a."]],
  ["it holds a str of Python 2, which can be text or bytes, at byte 0", ["T", uint32(1), "a."]],
  ["it refers to an object that is not in it, at byte 0", ["P1\n."]],
  ["it refers to an object that is not in it, at byte 1", ["NQ."]],
  ["it names something by a number, at byte 0", ["\x82\x01."]],
  ["it names something by a number, at byte 0", ["\x83\x01\x00."]],
  ["it names something by a number, at byte 0", ["\x84\x01\x00\x00\x00."]],
  ["it refers to a buffer that is not in it, at byte 0", ["\x97."]],
  ["it refers to a buffer that is not in it, at byte 1", ["N\x98."]],
];

for (const [problem, parts] of bytesRefused) {
  const bytes = bytesOf(...parts);
  Deno.test(`unpickle() says that ${problem}, of ${bytes.subarray(0, 24).toHex()}`, () => {
    const error = assertThrows(() => unpickle(bytes), PickleError);

    assertEquals(error.message, `Cannot read the pickle as ${problem}`);
    assertEquals(error.offset, Number(problem.slice(problem.lastIndexOf(" "))));
  });
}

const attacks: [module: string, name: string][] = [
  ["os", "system"],
  ["posix", "system"],
  ["nt", "system"],
  ["builtins", "eval"],
  ["builtins", "exec"],
  ["builtins", "getattr"],
  ["builtins", "__import__"],
  ["builtins", "object"],
  ["builtins", "complex"],
  ["__builtin__", "eval"],
  ["subprocess", "Popen"],
  ["operator", "attrgetter"],
  ["copyreg", "_reconstructor"],
  ["builtins", "ValueError.__class__"],
  ["builtins", "ValueError "],
  ["builtins ValueError", ""],
  ["", "builtins ValueError"],
  ["Object", "prototype"],
  ["__proto__", "constructor"],
  ["constructor", ""],
  ["Deno", "run"],
  ["multiprocessing.managers", "BaseManager"],
  ["multiprocessing.managers", "Server"],
];

for (const [module, name] of attacks) {
  Deno.test(`unpickle() refuses to name "${module}.${name}"`, () => {
    const full = `${module}.${name}`;
    const named = `it names ${full}, which is not among the few names that are read`;
    const command = [text("ls"), "\x85R."];

    for (
      const parts of [
        [`c${module}\n${name}\n`, command],
        [stackGlobal(module, name), command],
        [text(module), "\x94", text(name), "\x94h\x00h\x01\x93", command],
      ] as Part[][]
    ) assertStringIncludes(refusalOf(bytesOf(...parts)), named);
    const called = [`(`, text("ls"), `i${module}\n${name}\n.`];
    assertStringIncludes(refusalOf(bytesOf(...called)), `it calls ${full}`);
    const object = refusalOf(bytesOf("(", stackGlobal(module, name), text("ls"), "o."));
    assertStringIncludes(object, named);
  });
}

Deno.test("unpickle() refuses INST and OBJ of a name in the table", () => {
  assertStringIncludes(refusalOf(bytesOf("(ibuiltins\nset\n.")), "it calls builtins.set");
  const object = bytesOf("(cbuiltins\nset\no.");
  assertStringIncludes(refusalOf(object), "it calls what is on its stack");
});

Deno.test("unpickle() shows a name shortened and without what a terminal would obey", () => {
  const bytes = bytesOf(stackGlobal("os\x1b[2J\r\n\u0000", "x".repeat(200)), ".");

  const message = refusalOf(bytes);

  assert(message.length < 200);
  assertStringIncludes(message, "os\\u001b[2J\\r\\n\\u0000.xxx");
  // deno-lint-ignore no-control-regex
  assert(!/[\u0000-\u001f\u007f-\u009f]/.test(message));
});

const exception = stackGlobal("builtins", "ValueError");
const token = stackGlobal("multiprocessing.managers", "Token");
const rebuild = stackGlobal("multiprocessing.managers", "RebuildProxy");
const auto = stackGlobal("multiprocessing.managers", "AutoProxy");
const namespace = stackGlobal("multiprocessing.managers", "Namespace");
const filled = [token, ")\x81", text("t"), text("address"), text("1"), "\x87b"];

const callsRefused: [problem: string, parts: Part[]][] = [
  ["it calls what is not a name", [text("os.system"), ")R."]],
  ["it calls what is not a name", ["})R."]],
  ["it calls what is not a name", [exception, ")R)R."]],
  ["it calls builtins.ValueError without a tuple", [exception, "]R."]],
  ["it calls builtins.ValueError without a tuple", [exception, "NR."]],
  ["it calls multiprocessing.managers.Token with what it does not take", [token, ")R."]],
  ["it calls multiprocessing.managers.AutoProxy with what it does not take", [auto, ")R."]],
  ["it calls multiprocessing.managers.Namespace with", [namespace, ")R."]],
  ["it calls builtins.set with what is not a list", ["cbuiltins\nset\n", text("ab"), "\x85R."]],
  ["it calls builtins.list with what is not a list", ["cbuiltins\nlist\n]]\x86R."]],
  ["it calls builtins.dict with", ["cbuiltins\ndict\n]\x85R."]],
  ["it calls builtins.bytearray with", ["cbuiltins\nbytearray\nJ\xff\xff\xff\x7f\x85R."]],
  ["it calls builtins.bytes with", ["cbuiltins\nbytes\nK\x05\x85R."]],
  ["a byte is out of range", ["c_codecs\nencode\nV\\u0100\n", text("latin1"), "\x86R."]],
  ["it calls _codecs.encode with", ["c_codecs\nencode\nVa\n", text("rot13"), "\x86R."]],
  ["it creates a bare object of builtins.ValueError", [exception, ")\x81."]],
  ["it creates a bare object of multiprocessing.managers.Token", [token, "N\x85\x81."]],
  ["it creates an object of what is not a name", ["N)\x81."]],
  ["it creates an object with named arguments", [token, ")}", text("a"), "Ns\x92."]],
  ["the state of an object is not a dict of attributes", [exception, ")RNb."]],
  ["the state of an object is not a dict of attributes", [exception, ")R}K\x01Nsb."]],
  ["the state of an object is not a dict of attributes", [exception, ")RN}\x86b."]],
  ["it sets the state of plain data", ["}}b."]],
  ["it sets the state of plain data", ["]}b."]],
  ["it sets the state of plain data", [")}b."]],
  ["it sets the state of plain data", ["N}b."]],
  ["it sets the state of plain data", [exception, "}b."]],
  ["the state of a Token is not that of one", [token, ")\x81}b."]],
  ["the state of a Token is not that of one", [token, ")\x81K\x01K\x02K\x03\x87b."]],
  ["the state of a Token is not that of one", [
    token,
    ")\x81",
    text("t"),
    ")",
    text("1"),
    "\x87b.",
  ]],
  ["a proxy does not say what it is for", [rebuild, ")R."]],
  ["a proxy does not say what it is for", [
    rebuild,
    "(",
    exception,
    filled,
    text("pickle"),
    "}tR.",
  ]],
  ["a proxy does not say what it is for", [rebuild, "(", auto, "N", text("pickle"), "}tR."]],
  ["a proxy has another serializer than pickle", [rebuild, "(", auto, filled, text("x"), "}tR."]],
  ["the methods of a proxy are not names", [
    rebuild,
    "(",
    auto,
    filled,
    text("pickle"),
    "}",
    text("exposed"),
    "]K\x01astR.",
  ]],
  ["it appends to what is not a list", [exception, ")RNa."]],
  ["it sets items of what is not a dict", [exception, ")RNNs."]],
  ["it sets items of what is not a dict", [exception, "NNs."]],
  ["a name is not text", ["NN\x93."]],
  ["a name is not text", [text("os"), "N\x93."]],
  ["a key of a Namespace is not text", [
    "}\x94h\x00K\x01Ns0",
    namespace,
    ")\x81K\x01Ns\x86.",
  ]],
];

for (const [i, [problem, parts]] of callsRefused.entries()) {
  Deno.test(`unpickle() says that ${problem} (${i})`, () => {
    assertStringIncludes(refusalOf(bytesOf(...parts)), `Cannot read the pickle as ${problem}`);
  });
}

Deno.test("unpickle() keeps the state of an exception apart from the error", () => {
  const keys = [
    "__reduce__",
    "__setstate__",
    "__proto__",
    "constructor",
    "message",
    "name",
    "stack",
  ];
  const state = ["}(", ...keys.flatMap((key) => [text(key), text("evil")]), "u"];

  const error = read(exception, text("m"), "\x85R", state, "b.");

  assertInstanceOf(error, PythonError);
  assertEquals(Object.getPrototypeOf(error), PythonError.prototype);
  assertEquals([error.name, error.message, error.constructor], ["ValueError", "m", PythonError]);
  assertEquals(Object.keys(error.attributes), keys);
  assertEquals(Object.getPrototypeOf(error.attributes), Object.prototype);
});

Deno.test("unpickle() makes no error of a class that is not known by that name", () => {
  for (const name of ["Function", "PickleError", "__proto__", "constructor", "toString", ""]) {
    const state = ["}", text("weft_name"), text(name), "s"];
    const error = read(exception, ")R", state, "b.");
    assertInstanceOf(error, PythonError);
    assertEquals(error.attributes, { weft_name: name });
  }
});

Deno.test("unpickle() refuses a pickle that is cut off anywhere", () => {
  const value = tuple("id", [1, 300, 70000, 2n ** 70n, 1.5, "é".repeat(90)], {
    a: new Set([1]),
    b: new FrozenSet(["x"]),
    c: new Uint8Array(3),
    d: new TypeError("m"),
    e: new Token("t", tuple("host", 1), "1"),
  });
  const bytes = pickle(value);

  for (let length = 0; length < bytes.length; length++) {
    const error = assertThrows(() => unpickle(bytes.subarray(0, length)), PickleError);
    assert(error.offset <= length);
  }
  unpickle(bytes);
});

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
