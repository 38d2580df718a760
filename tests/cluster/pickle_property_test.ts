// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { unpickle } from "../../cluster/_pickle_reader.ts";
import { pickle } from "../../cluster/_pickle_writer.ts";
import { Token } from "../../cluster/_token.ts";
import { PickleError } from "../../cluster/pickle_error.ts";
import { FrozenSet, isTuple, PythonError, tuple } from "../../cluster/python_values.ts";
import { bytesOf, stackGlobal, text } from "./_pickle_bytes.ts";

/** Strings of every kind and length, lone surrogates among them. */
const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) }),
);

/** Integers that are read as what they are: as numbers when those are exact. */
const anyInteger = fc.oneof(
  fc.maxSafeInteger(),
  fc.bigInt().filter((value) => !Number.isSafeInteger(Number(value))),
);

const scalar = fc.oneof(fc.constantFrom(null, true, false, -0), anyInteger, fc.double(), anyText);

const key = fc.oneof(fc.constantFrom("a", "b", "__proto__", "0", "length"), anyText);

/** What Python can hash. */
const { hashed } = fc.letrec<{ hashed: unknown }>((tie) => ({
  hashed: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    scalar,
    fc.uint8Array(),
    fc.array(tie("hashed"), { maxLength: 5 }).map((items) => tuple(...items)),
    fc.array(tie("hashed"), { maxLength: 5 }).map((items) => new FrozenSet(items)),
  ),
}));

const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => {
  const some = fc.array(tie("value"), { maxLength: 6 });
  return {
    value: fc.oneof(
      { depthSize: "medium", withCrossShrink: true },
      scalar,
      fc.uint8Array(),
      some,
      some.map((items) => tuple(...items)),
      fc.array(hashed, { maxLength: 6 }).map((items) => new Set(items)),
      fc.array(fc.tuple(key, tie("value")), { maxLength: 6 }).map(Object.fromEntries),
      fc.array(fc.tuple(hashed, tie("value")), { minLength: 1, maxLength: 6 })
        .filter((entries) => entries.some(([key]) => typeof key !== "string"))
        .map((entries) => new Map(entries)),
    ),
  };
});

const settings = { numRuns: 500 };

Deno.test("pickle() and unpickle() carry any value", () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      assertEquals(unpickle(pickle(value)), value);
    }),
    settings,
  );
});

Deno.test("pickle() and unpickle() keep which objects are the same", () => {
  fc.assert(
    fc.property(anyValue, fc.array(fc.nat(), { maxLength: 8 }), (value, picks) => {
      const objects = objectsOf(value);
      const list: unknown[] = [value, ...picks.map((pick) => objects[pick % objects.length])];
      list.push(list);

      const result = unpickle(pickle(list)) as unknown[];

      const found = objectsOf(result[0]);
      for (const [i, pick] of picks.entries()) {
        if (objects.length > 0) assert(result[i + 1] === found[pick % objects.length]);
      }
      assert(result.at(-1) === result);
    }),
    settings,
  );
});

/** The objects in a value that have an identity in Python, too. */
function objectsOf(value: unknown, seen = new Set<object>()): object[] {
  if (typeof value !== "object" || value === null || seen.has(value)) return [...seen];
  // Python has one empty tuple.
  if (!(isTuple(value) && value.length === 0)) seen.add(value);
  if (value instanceof Uint8Array) return [...seen];
  const parts = value instanceof Map
    ? [...value].flat()
    : value instanceof Set
    ? [...value]
    : Object.values(value);
  for (const part of parts) objectsOf(part, seen);
  return [...seen];
}

/** Pickles of every form, to be damaged. */
const samples: Uint8Array[] = [
  pickle(tuple("id", "put", tuple({ id: 1, name: "n", tags: ["a"] }), {})),
  pickle([1.5, 300, 70000, 2n ** 80n, "é".repeat(90), new Uint8Array(300), new Map([[1, "a"]])]),
  pickle([
    new Set([1, tuple(2)]),
    new FrozenSet([3]),
    new TypeError("m"),
    new Token("t", "a", "1"),
  ]),
  pickle(new PythonError("KeyError", [1], { attributes: { a: [1] } })),
  bytesOf("(lp0\nI1\naL2L\naF1.5\naVa\\u20ac\nag0\na(dp1\nVk\nI01\nsa."),
  bytesOf("}\x94]\x94h\x00a0(", text("a"), "K\x01K\x02h\x00h\x01\x86u."),
  bytesOf(stackGlobal("builtins", "ValueError"), text("m"), "\x85R\x94}", text("a"), "h\x03sb."),
  bytesOf("ccollections\nOrderedDict\n)R(Va\nK\x01Vb\n(I1\nI2\ntu."),
  bytesOf("c__builtin__\nset\n](K\x01K\x02e\x85R."),
  bytesOf("c_codecs\nencode\n", text("ab"), text("latin1"), "\x86R."),
];

/** Opcodes and arguments, so that programs get further than noise does. */
const fragment = fc.oneof(
  fc.constantFrom(
    ..."()]}tladesuN0122R.b\x81\x85\x86\x87\x88\x8f\x90\x91\x93\x94".split(""),
    "h\x00",
    "h\x01",
    "h\x02",
    "q\x00",
    "q\x01",
    "K\x01",
    "\x8c\x01a",
    "\x8c\x09weft_name",
    "\x8c\x09TypeError",
    "\x8c\x09__proto__",
    "Va\n",
    "I01\n",
    "C\x01a",
    "}\x94",
    "]\x94",
    "cbuiltins\nset\n",
    "cbuiltins\nlist\n",
    "cbuiltins\nValueError\n",
    "c_codecs\nencode\n",
    "cqueue\nEmpty\n",
    "ccollections\nOrderedDict\n",
    "cmultiprocessing.managers\nToken\n",
    "cmultiprocessing.managers\nNamespace\n",
    "cmultiprocessing.managers\nRebuildProxy\n",
    "cmultiprocessing.managers\nAutoProxy\n",
  ),
  fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
);

const damage = fc.record({
  sample: fc.constantFrom(...samples),
  cuts: fc.array(
    fc.record({ at: fc.nat(), drop: fc.nat(4), insert: fc.array(fragment, { maxLength: 2 }) }),
    { minLength: 1, maxLength: 4 },
  ),
}).map(({ sample, cuts }) => {
  let bytes = [...sample];
  for (const { at, drop, insert } of cuts) {
    bytes.splice(at % bytes.length, drop, ...bytesOf(...insert));
    if (bytes.length === 0) bytes = [0x2e];
  }
  return new Uint8Array(bytes);
});

const program = fc.array(fragment, { maxLength: 40 }).map((parts) => bytesOf(...parts, "."));

const hostile: [name: string, bytes: fc.Arbitrary<Uint8Array>][] = [
  ["noise", fc.uint8Array({ maxLength: 200 })],
  ["damaged pickles", damage],
  ["random programs", program],
];

for (const [name, bytes] of hostile) {
  Deno.test(`unpickle() reads or refuses ${name}, and does nothing else`, () => {
    const before = fingerprint();
    let read = 0;

    fc.assert(
      fc.property(bytes, (bytes) => {
        try {
          unpickle(bytes);
          read++;
        } catch (error) {
          if (!(error instanceof PickleError)) throw error;
          assert(error.offset <= bytes.length && error.message.length < 400);
        }
      }),
      { numRuns: 20_000 },
    );

    assert(name === "noise" || read > 100, `${read} were read`);
    assertEquals(fingerprint(), before);
  });
}

/** What a pickle could have changed for everybody. */
function fingerprint(): unknown {
  const shared = [
    Object,
    Array,
    Map,
    Set,
    Error,
    TypeError,
    Function,
    FrozenSet,
    PythonError,
    Token,
    String,
  ];
  return [globalThis, ...shared, ...shared.map((one) => one.prototype)].map((object) =>
    Reflect.ownKeys(object).map((key) => {
      const { value, get } = Object.getOwnPropertyDescriptor(object, key)!;
      return [String(key), typeof value === "object" ? typeof value : String(value ?? get)];
    })
  );
}
