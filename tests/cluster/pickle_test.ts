// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import { PythonGlobal } from "../../cluster/_pickle_globals.ts";
import { unpickle } from "../../cluster/_pickle_reader.ts";
import { pickle } from "../../cluster/_pickle_writer.ts";
import { ProxyReference, Token } from "../../cluster/_token.ts";
import { FrozenSet, isTuple, pyFloat, PythonError, tuple } from "../../cluster/python_values.ts";
import {
  bytesOf,
  type Part,
  plainOf,
  read,
  roundTrip,
  stackGlobal,
  text,
  uint32,
} from "./_pickle_bytes.ts";

const hex = (digits: string) => Uint8Array.fromHex(digits);
const names = ["empty", "full", "get", "get_nowait", "join", "put", "put_nowait", "qsize"];
const token = new Token("sub", tuple("127.0.0.1", 20352), "7fe84f73e750");

/** Messages of CPython 3.11 and 3.13, recorded on a connection between them. */
const recorded: [bytes: string, value: unknown][] = [
  ["8004951000000000000000284e8c0564756d6d7994297d9474942e", tuple(null, "dummy", tuple(), {})],
  ["8004950e000000000000008c072352455455524e944e86942e", tuple("#RETURN", null)],
  [
    "8004952300000000000000284e8c06637265617465948c0e6765745f7461736b5f71756575659485947d9474942e",
    tuple(null, "create", tuple("get_task_queue"), {}),
  ],
  [
    "80049571000000000000008c072352455455524e948c0c37666134666465333964643094288c05656d707479948c0466756c6c948c03676574948c0a6765745f6e6f77616974948c046a6f696e948c03707574948c0a7075745f6e6f77616974948c057173697a65948c097461736b5f646f6e65947494869486942e",
    tuple("#RETURN", tuple("7fa4fde39dd0", tuple(...names, "task_done"))),
  ],
  [
    "80049533000000000000008c06234552524f52948c086275696c74696e73948c0a56616c75654572726f729493948c04626f6f6d944b078694529486942e",
    tuple("#ERROR", new PythonError("ValueError", tuple("boom", 7))),
  ],
  [
    "8004951f00000000000000288c0c376661346664653339646430948c03707574944b0185947d9474942e",
    tuple("7fa4fde39dd0", "put", tuple(1), {}),
  ],
  [
    "8004952900000000000000288c0c376661346664653339646430948c0367657494297d948c0774696d656f7574944b017374942e",
    tuple("7fa4fde39dd0", "get", tuple(), { timeout: 1 }),
  ],
  [
    "8004953000000000000000288c0c376661346664653339646430948c0367657494297d948c0774696d656f757494473fa999999999999a7374942e",
    tuple("7fa4fde39dd0", "get", tuple(), { timeout: 0.05 }),
  ],
  [
    "80049585000000000000008c062350524f585994288c03616464948c04626f6f6d948c046563686f948c046d616b65948c05756e7365729474948c186d756c746970726f63657373696e672e6d616e6167657273948c05546f6b656e9493942981948c03737562948c093132372e302e302e31944d804f86948c0c37666538346637336537353094879462869486942e",
    tuple("#PROXY", tuple(tuple("add", "boom", "echo", "make", "unser"), token)),
  ],
  [
    "800495d200000000000000288c0c376665383466613339646430948c03707574948c186d756c746970726f63657373696e672e6d616e6167657273948c0c52656275696c6450726f78799493942868028c094175746f50726f787994939468028c05546f6b656e9493942981948c03737562948c093132372e302e302e31944df06686948c0c376665383466373365373530948794628c067069636b6c65947d948c076578706f73656494288c03616464948c04626f6f6d948c046563686f948c046d616b65948c05756e736572947494737494529485947d9474942e",
    tuple(
      "7fe84fa39dd0",
      "put",
      tuple(
        new ProxyReference(
          new Token("sub", tuple("127.0.0.1", 26352), "7fe84f73e750"),
          ["add", "boom", "echo", "make", "unser"],
          "AutoProxy",
        ),
      ),
      {},
    ),
  ],
];

for (const [digits, value] of recorded) {
  Deno.test(`unpickle() reads ${digits.slice(22, 60)}… as CPython wrote it`, () => {
    assertEquals(plainOf(unpickle(hex(digits))), plainOf(value));
    assertEquals(plainOf(roundTrip(value)), plainOf(value));
  });
}

Deno.test("pickle() writes what CPython does, without memo and frame", () => {
  const request = tuple("7fa4fde39dd0", "put", tuple(1), {});

  const bytes = pickle(request);

  const ident = text("7fa4fde39dd0");
  const expected = ["\x80\x04(", ident, text("put"), "K\x01\x85\x94}\x94t\x94."];
  assertEquals(bytes, bytesOf(...expected));
});

const values: [name: string, value: unknown, expected?: unknown][] = [
  ["null", null],
  ["undefined", undefined, null],
  ["booleans", [true, false]],
  ["small integers", [0, 1, 255, 256, 65535, 65536, 2 ** 31 - 1, -1, -128, -129, -(2 ** 31)]],
  ["integers beyond 32 bits", [2 ** 31, 2 ** 32, -(2 ** 31) - 1, 2 ** 47, -(2 ** 47), 2 ** 48]],
  ["safe integers", [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]],
  ["big integers", [2n ** 53n, -(2n ** 53n), 2n ** 63n, -(2n ** 63n), 2n ** 64n - 1n]],
  ["huge integers", [2n ** 2039n, -(2n ** 2039n), 2n ** 2040n, -(3n ** 5000n)]],
  ["a small bigint", 5n, 5],
  ["floats", [0.5, -0, NaN, Infinity, -Infinity, 5e-324, 1.7976931348623157e308, 2 ** 60]],
  ["a float that is integral", pyFloat(1), 1],
  ["strings", ["", "a", "x".repeat(24), "x".repeat(63), "x".repeat(300), "é".repeat(70)]],
  ["long strings", ["x".repeat(70_000), "€".repeat(70_000)]],
  ["characters beyond the basic plane", ["😀", "\ufeffa", "\ufffd", "a\u0000b"]],
  ["lone surrogates", ["\ud800", "a\udfffb€😀\ud83d", "\ude00\ud83d", "x".repeat(99) + "\udc00"]],
  ["bytes", [new Uint8Array(0), new Uint8Array([0, 255]), new Uint8Array(300).fill(7)]],
  ["an ArrayBuffer", new Uint8Array([1, 2]).buffer, new Uint8Array([1, 2])],
  ["a part of a buffer", new Uint8Array([1, 2, 3]).subarray(1, 2), new Uint8Array([2])],
  ["lists", [[], [1], [1, [2, [3]]], new Array(2500).fill(1)]],
  ["a list with holes", [1, , 3], [1, null, 3]],
  ["tuples", [tuple(), tuple(1), tuple(1, 2), tuple(1, 2, 3), tuple(1, 2, 3, 4), [tuple([])]]],
  ["dicts with text keys", [{}, { a: 1 }, { a: { b: [] } }]],
  ["large dicts", Object.fromEntries(Array.from({ length: 2500 }, (_, i) => [`k${i}`, i]))],
  ["an object without a prototype", Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
  ["a Map with text keys", new Map([["a", 1]]), { a: 1 }],
  ["an empty Map", new Map(), {}],
  ["dicts with other keys", new Map<unknown, unknown>([[1, "a"], ["b", 2], [null, 3]])],
  ["a dict with text keys first", new Map<unknown, unknown>([["a", 1], ["b", 2], [3, 3]])],
  ["sets", [new Set(), new Set([1, "a", null]), new Set(Array.from({ length: 2500 }).keys())]],
  ["frozen sets", [new FrozenSet(), new FrozenSet([1, 2])]],
  ["a token", token],
  ["the address of a socket", new Token("sub", "/tmp/socket", "1")],
  ["a proxy", new ProxyReference(token, ["get"], "AutoProxy")],
  ["a proxy of a known type", new ProxyReference(token, undefined, "ListProxy")],
];

for (const [name, value, expected = value] of values) {
  Deno.test(`pickle() and unpickle() carry ${name}`, () => {
    const result = roundTrip(value);

    assertEquals(result, expected);
  });
}

Deno.test("pickle() writes what no array holds as absent: undefined properties are None", () => {
  assertEquals(roundTrip({ a: undefined }), { a: null });
});

Deno.test("unpickle() makes tuples that are frozen arrays", () => {
  const result = roundTrip(tuple(1, [2]));

  assert(isTuple(result) && Array.isArray(result) && Object.isFrozen(result));
  const [first, second] = result;
  assertEquals([first, second], [1, [2]]);
  assert(!isTuple(result.map((item) => item)));
});

Deno.test("unpickle() makes properties of keys that have a meaning elsewhere", () => {
  const keys = ["__proto__", "constructor", "toString", "then", "hasOwnProperty"];
  const value = Object.fromEntries(keys.map((key) => [key, { polluted: true }]));

  const result = roundTrip(value) as Record<string, unknown>;

  assertEquals(Object.keys(result), keys);
  assertEquals(Object.getPrototypeOf(result), Object.prototype);
  assertEquals((result as { polluted?: unknown }).polluted, undefined);
  assertEquals(Object.hasOwn(Object.prototype, "polluted"), false);
});

Deno.test("unpickle() does not run a setter of Object.prototype", () => {
  // As --unstable-unsafe-proto has it.
  const assigned: unknown[] = [];
  const known = Object.getOwnPropertyDescriptor(Object.prototype, "__proto__");
  const bytes = bytesOf("}", text("__proto__"), "Ns.");
  let result: unknown;

  Object.defineProperty(Object.prototype, "__proto__", {
    set: (value) => assigned.push(value),
    configurable: true,
  });
  try {
    result = unpickle(bytes);
  } finally {
    if (known === undefined) delete (Object.prototype as { __proto__?: unknown }).__proto__;
    else Object.defineProperty(Object.prototype, "__proto__", known);
  }

  assertEquals(assigned, []);
  assertEquals(Object.getOwnPropertyDescriptor(result, "__proto__")?.value, null);
});

Deno.test("pickle() keeps tuples that are inside of themselves", () => {
  for (const length of [1, 2, 3, 4, 5]) {
    const list: unknown[] = [];
    const items = tuple(list, ...new Array(length - 1).fill(1));
    list.push(items);

    const result = roundTrip(items) as unknown[][];

    assertEquals(result.length, length);
    assertStrictEquals(result[0]![0], result);
  }
});

Deno.test("pickle() keeps what is shared", () => {
  const list = [1];
  const pair = tuple(list, list);

  const result = roundTrip([pair, pair, { list }]) as [unknown[], unknown[], { list: unknown }];

  assertStrictEquals(result[0], result[1]);
  assertStrictEquals(result[0][0], result[0][1]);
  assertStrictEquals(result[0][0], result[2].list);
});

Deno.test("pickle() keeps many objects that are shared", () => {
  const objects = Array.from({ length: 1000 }, (_, id) => ({ id }));

  const [a, b] = roundTrip([objects, objects.slice()]) as [unknown[], unknown[]];

  for (const i of objects.keys()) assertStrictEquals(a[i], b[i]);
  assertEquals(a, objects);
});

Deno.test("pickle() keeps cycles through every container", () => {
  const list: unknown[] = [];
  const dict: Record<string, unknown> = {};
  const map = new Map<unknown, unknown>();
  const set = new Set<unknown>();
  const pair = tuple(list, map);
  const many = tuple(list, 2, 3, 4);
  const frozen = new FrozenSet([tuple(token)]);
  list.push(list, dict, map, set, pair, many, frozen);
  dict.list = list;
  map.set(1, map).set(2, pair);
  set.add(tuple(1));

  const result = roundTrip(list) as unknown[];

  const [itself, object, mapping, , two, four] = result as [
    unknown,
    Record<string, unknown>,
    Map<unknown, unknown>,
    unknown,
    unknown[],
    unknown[],
  ];
  assertStrictEquals(itself, result);
  assertStrictEquals(object.list, result);
  assertStrictEquals(mapping.get(1), mapping);
  assertStrictEquals(mapping.get(2), two);
  assert(isTuple(two) && isTuple(four) && four.length === 4);
  assertStrictEquals(two[0], result);
  assertStrictEquals(two[1], mapping);
  assertStrictEquals(four[0], result);
});

Deno.test("unpickle() makes a Map of a dict that others hold before its keys are known", () => {
  // d = {}; l = [d]; d["a"] = 1; d[2] = (d, l)
  const result = read("\x80\x04}\x94]\x94h\x00a0(", text("a"), "K\x01K\x02h\x00h\x01\x86u.");

  assertInstanceOf(result, Map);
  const [dict, list] = result.get(2) as [unknown, unknown[]];
  assertEquals([...result.keys()], ["a", 2]);
  assertStrictEquals(dict, result);
  assertStrictEquals(list[0], result);
});

/** Values in the forms of the older protocols, or in such that CPython rarely writes. */
const forms: [name: string, parts: Part[], value: unknown][] = [
  ["INT", ["I-12\n."], -12],
  ["a bool of protocol 0", ["(I01\nI00\nl."], [true, false]],
  ["LONG", ["(L12L\nL-123456789012345678901234567890L\nl."], [
    12,
    -123456789012345678901234567890n,
  ]],
  ["FLOAT", ["(F1.5\nF-1e+22\nFinf\nF-inf\nFnan\nl."], [1.5, -1e22, Infinity, -Infinity, NaN]],
  ["UNICODE", ["Va\\u20ac\\U0001f600\xe9\\n\n."], "a€😀é\\n"],
  ["LIST and APPEND", ["(lp0\nK\x01aK\x02a."], [1, 2]],
  ["DICT and SETITEM", ["(dp0\nVa\nK\x01s."], { a: 1 }],
  ["DICT with items", ["(Va\nK\x01K\x02K\x03d."], new Map<unknown, unknown>([["a", 1], [2, 3]])],
  ["PUT and GET", ["(lp7\n0g7\n."], []],
  ["LONG_BINPUT and LONG_BINGET", ["]r", uint32(300), "0j", uint32(300), "."], []],
  ["POP_MARK", ["K\x01(K\x02K\x031."], 1],
  ["POP of a mark", ["K\x01(0."], 1],
  ["DUP", ["K\x012\x86."], tuple(1, 1)],
  ["LONG1 without bytes", ["\x8a\x00."], 0],
  ["LONG1 of 7 bytes", ["\x8a\x07\xff\xff\xff\xff\xff\xff\x1f."], 2 ** 53 - 1],
  ["LONG4", ["\x8b", uint32(2), "\x00\xff."], -256],
  ["BINUNICODE8", ["\x8d", uint32(1), uint32(0), "a."], "a"],
  ["BINBYTES8", ["\x8e", uint32(1), uint32(0), "a."], new Uint8Array([97])],
  ["BYTEARRAY8", ["\x96", uint32(1), uint32(0), "a."], new Uint8Array([97])],
  ["bytes of protocol 2", [
    "c_codecs\nencode\nX",
    uint32(3),
    "a\xc3\xa9X",
    uint32(6),
    "latin1\x86R.",
  ], new Uint8Array([97, 0xe9])],
  ["empty bytes of protocol 2", ["c__builtin__\nbytes\n)R."], new Uint8Array(0)],
  [
    "a bytearray of protocol 4",
    [stackGlobal("builtins", "bytearray"), "C\x02ab\x85R."],
    new Uint8Array([97, 98]),
  ],
  ["a set of protocol 2", ["c__builtin__\nset\n](K\x01K\x02e\x85R."], new Set([1, 2])],
  ["a frozenset of protocol 2", ["c__builtin__\nfrozenset\n]K\x01a\x85R."], new FrozenSet([1])],
  ["a list that is called", ["cbuiltins\nlist\n]K\x01a\x85R."], [1]],
  ["a tuple that is called", ["cbuiltins\ntuple\n]K\x01a\x85R."], tuple(1)],
  ["an OrderedDict", ["ccollections\nOrderedDict\n)R(Va\nK\x01u."], { a: 1 }],
  ["a Namespace", ["cmultiprocessing.managers\nNamespace\n)\x81}Va\nK\x01sb."], { a: 1 }],
  ["an empty Namespace", ["cmultiprocessing.managers\nNamespace\n)}\x92."], {}],
];

for (const [name, parts, value] of forms) {
  Deno.test(`unpickle() reads ${name}`, () => {
    assertEquals(read(...parts), value);
  });
}

Deno.test("unpickle() leaves a name that is data inert", () => {
  const result = read(stackGlobal("builtins", "ValueError"), ".");

  assertInstanceOf(result, PythonGlobal);
  assertEquals([result.module, result.name], ["builtins", "ValueError"]);
  assert(Object.isFrozen(result));
});

Deno.test("pickle() gives each result bytes of its own, also in a getter", () => {
  const inner: Uint8Array[] = [];
  const value = {
    get a() {
      inner.push(pickle("inner"));
      return "a";
    },
    b: "b",
  };

  const first = pickle(value);
  const second = pickle("second");

  assertEquals(unpickle(first), { a: "a", b: "b" });
  assertEquals(unpickle(second), "second");
  assertEquals(inner.map((bytes) => unpickle(bytes)), ["inner"]);
});

Deno.test("unpickle() reads a part of a buffer, and leaves it as it is", () => {
  const bytes = bytesOf("xx\x80\x04(C\x02ab\x8a\x08\x01\x02\x03\x04\x05\x06\x07\x08t.yy");
  const before = bytes.slice();

  const part = new (class extends Uint8Array {
    override slice(from?: number, to?: number) {
      return this.subarray(from, to);
    }
  })(bytes.buffer, 2, bytes.length - 4);
  const result = unpickle(part) as [Uint8Array, bigint];

  assertEquals(result[1], 0x0807060504030201n);
  result[0].fill(0);
  assertEquals(bytes, before);
});
