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
import { Token } from "../../cluster/_token.ts";
import { PickleError } from "../../cluster/pickle_error.ts";
import { FrozenSet, PythonError, tuple } from "../../cluster/python_values.ts";
import {
  bytesOf,
  exception,
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
