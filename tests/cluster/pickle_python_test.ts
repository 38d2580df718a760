// Copyright 2026 the Weft authors. MIT license.

// Pickles of the machine's Python, and ours read by it.

import { assert, assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import { unpickle } from "../../cluster/_pickle_reader.ts";
import { pickle } from "../../cluster/_pickle_writer.ts";
import { FrozenSet, pyFloat, PythonError, tuple } from "../../cluster/python_values.ts";
import { QueueClosedError, QueueEmptyError, QueueFullError } from "../../channel/mod.ts";
import { noPython, runPython } from "./_python.ts";

const reason = noPython === undefined ? "" : ` (ignored as ${noPython})`;

function pythonTest(name: string, body: () => Promise<void>): void {
  Deno.test({ name: name + reason, ignore: noPython !== undefined, fn: body });
}

const bytes = (text: string) => new TextEncoder().encode(text);

/** Expressions of Python and what they are here; `repr` of what comes back is that of the expression. */
const table: [expression: string, value: unknown][] = [
  ["None", null],
  ["[True, False]", [true, false]],
  ["[0, 1, 255, 256, 65535, 65536, 2**31 - 1, -1, -2**31]", [
    0,
    1,
    255,
    256,
    65535,
    65536,
    2 ** 31 - 1,
    -1,
    -(2 ** 31),
  ]],
  ["[2**31, -2**31 - 1, 2**40, -2**40]", [2 ** 31, -(2 ** 31) - 1, 2 ** 40, -(2 ** 40)]],
  ["[2**53 - 1, 1 - 2**53]", [2 ** 53 - 1, 1 - 2 ** 53]],
  ["[2**53, -2**53, 2**63, -2**63]", [2n ** 53n, -(2n ** 53n), 2n ** 63n, -(2n ** 63n)]],
  ["[2**64 - 1, -2**64, 2**2039, -2**2039, 2**2040, -2**2040]", [
    2n ** 64n - 1n,
    -(2n ** 64n),
    2n ** 2039n,
    -(2n ** 2039n),
    2n ** 2040n,
    -(2n ** 2040n),
  ]],
  ["[0.5, -0.0, 1e300, 5e-324]", [0.5, -0, 1e300, 5e-324]],
  ["[float('inf'), float('-inf'), float('nan')]", [Infinity, -Infinity, NaN]],
  ["['', 'a', 'x' * 255, 'x' * 256]", ["", "a", "x".repeat(255), "x".repeat(256)]],
  ["['é' * 200, '€', '\\U0001f600', '\\ufeffa', '\\ufffd', 'a\\n\\x00\\\\u0041']", [
    "é".repeat(200),
    "€",
    "😀",
    "\ufeffa",
    "\ufffd",
    "a\n\0\\u0041",
  ]],
  ["['\\ud800', 'a\\udfffé', 'x' * 300 + '\\udc80']", [
    "\ud800",
    "a\udfffé",
    "x".repeat(300) + "\udc80",
  ]],
  ["[b'', b'\\x00\\xff', b'x' * 300]", [
    new Uint8Array(0),
    new Uint8Array([0, 255]),
    bytes("x".repeat(300)),
  ]],
  ["[(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)]", [
    tuple(),
    tuple(1),
    tuple(1, 2),
    tuple(1, 2, 3),
    tuple(1, 2, 3, 4),
  ]],
  ["[[], [[]], [1, [2, [3]]]]", [[], [[]], [1, [2, [3]]]]],
  ["list(range(2500))", Array.from({ length: 2500 }, (_, i) => i)],
  ["{}", {}],
  [
    "{'a': {'b': [1]}, '__proto__': 1, 'é': None}",
    JSON.parse(
      '{"a": {"b": [1]}, "__proto__": 1, "é": null}',
    ),
  ],
  [
    "{'k%d' % i: i for i in range(2500)}",
    Object.fromEntries(
      Array.from({ length: 2500 }, (_, i) => [`k${i}`, i]),
    ),
  ],
  ["{1: 'a', 'b': 2, None: [3]}", new Map<unknown, unknown>([[1, "a"], ["b", 2], [null, [3]]])],
  ["{'a': 1, (1, 'b'): 2}", new Map<unknown, unknown>([["a", 1], [tuple(1, "b"), 2]])],
  ["[set(), {7}]", [new Set(), new Set([7])]],
  ["[frozenset(), frozenset([7])]", [new FrozenSet(), new FrozenSet([7])]],
  ["{frozenset(['a'])}", new Set([new FrozenSet(["a"])])],
  [
    "('id', 'put', ({'id': 1, 'tags': ['a', 'b']},), {'timeout': 0.5})",
    tuple(
      "id",
      "put",
      tuple({ id: 1, tags: ["a", "b"] }),
      { timeout: 0.5 },
    ),
  ],
];

const dumpTable = `
import json, pickle, struct, sys
for source, protocol in json.loads(sys.stdin.read()):
  data = pickle.dumps(eval(source), protocol)
  sys.stdout.buffer.write(struct.pack("<I", len(data)) + data)
`;

/** The pickles that Python makes of expressions. */
async function dump(sources: [source: string, protocol: number][]): Promise<Uint8Array[]> {
  const output = await runPython(dumpTable, bytes(JSON.stringify(sources)));
  const view = new DataView(output.buffer);
  const pickles: Uint8Array[] = [];
  for (let at = 0; at < output.length;) {
    const length = view.getUint32(at, true);
    pickles.push(output.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return pickles;
}

/** What an expression of Python gives for each of our pickles, as the variable `v`. */
async function evaluate(cases: [value: unknown, expression: string][]): Promise<unknown[]> {
  const input = cases.map(([value, expression]) => [pickle(value).toHex(), expression]);
  const code = `
import json, pickle, sys
print(json.dumps([eval(e, {"v": pickle.loads(bytes.fromhex(h)), "pickle": pickle}) for h, e in json.load(sys.stdin)]))
`;
  return JSON.parse(new TextDecoder().decode(await runPython(code, bytes(JSON.stringify(input)))));
}

for (const protocol of [0, 1, 2, 3, 4, 5]) {
  pythonTest(`unpickle() reads what Python writes with protocol ${protocol}`, async () => {
    const pickles = await dump(table.map(([source]) => [source, protocol]));

    assertEquals(pickles.length, table.length);
    for (const [i, [source, value]] of table.entries()) {
      assertEquals(unpickle(pickles[i]!), value, source);
    }
  });
}

pythonTest("pickle() writes what Python reads as the same values", async () => {
  const results = await evaluate(
    table.map(([source, value]) => [value, `repr(v) == repr(${source})`]),
  );

  assertEquals(results.map((same, i) => same || table[i]![0]), table.map(() => true));
});

pythonTest("Python tells integers from floats, and tuples from lists", async () => {
  const value = [1, pyFloat(1), -0, 2 ** 53, tuple(1), [1], new Uint8Array(1), new Set([1])];

  const [types] = await evaluate([[value, "[type(x).__name__ for x in v]"]]);

  assertEquals(types, ["int", "float", "float", "float", "tuple", "list", "bytes", "set"]);
});

pythonTest("unpickle() keeps what Python shares, and its cycles", async () => {
  const sources = [
    "(lambda a: [a, a, (a, a)])([1])",
    "(lambda l: l.append(l) or l)([])",
    "(lambda d: d.update(d=d) or d)({})",
    "(lambda d: d.update({1: d}) or d)({})",
    "(lambda d: d.update({1: (d, [d])}) or d)({'a': 1})",
    "(lambda l: l.append((l, 2)) or l[0])([])",
    "(lambda l: l.append((l, 2, 3, 4)) or l[0])([])",
  ];
  for (const protocol of [0, 1, 2, 4, 5]) {
    const pickles = await dump(sources.map((source) => [source, protocol]));
    // deno-lint-ignore no-explicit-any -- each is of another form
    const values: any[] = pickles.map((data) => unpickle(data));
    const [shared, list, dict, map, mixed, pair, four] = values;

    assertStrictEquals(shared[0], shared[1]);
    assertStrictEquals(shared[0], shared[2][1]);
    assertStrictEquals(list[0], list);
    assertStrictEquals(dict.d, dict);
    assertStrictEquals(map.get(1), map);
    assertEquals(mixed.get("a"), 1);
    assertStrictEquals(mixed.get(1)[0], mixed);
    assertStrictEquals(mixed.get(1)[1][0], mixed);
    assertStrictEquals(pair[0][0], pair);
    assertStrictEquals(four[0][0], four);
  }
});

pythonTest("Python keeps what pickle() shares, and its cycles", async () => {
  const list: unknown[] = [];
  const dict: Record<string, unknown> = { list };
  const map = new Map<unknown, unknown>([[1, list]]);
  const pair = tuple(list, 2);
  const four = tuple(list, 2, 3, 4);
  const frozen = new FrozenSet([tuple(1)]);
  list.push(list, dict, map, pair, four, frozen, frozen);
  const many = Array.from({ length: 400 }, () => [1]);

  const results = await evaluate([
    [list, "v[0] is v and v[1]['list'] is v and v[2][1] is v and v[3][0] is v and v[4][0] is v"],
    [list, "v[5] is v[6]"],
    [pair, "v[0][3] is v and v[0][4][0][3] is v"],
    [[many, many.slice()], "all(a is b for a, b in zip(*v)) and v[0][0] is not v[0][1]"],
  ]);

  assertEquals(results, [true, true, true, true]);
});

pythonTest("unpickle() reads the exceptions of Python", async () => {
  const sources = [
    "ValueError('boom', 7)",
    "KeyError('k')",
    "FileNotFoundError(2, 'No such file', 'a.txt')",
    "__import__('queue').Empty()",
    "__import__('queue').Full()",
    "(lambda e: setattr(e, 'code', 7) or e)(RuntimeError('m'))",
    "__import__('multiprocessing').AuthenticationError('digest')",
    "__import__('multiprocessing.managers').managers.RemoteError('trace')",
  ];
  for (const protocol of [0, 2, 3, 4, 5]) {
    const [boom, key, file, empty, full, code, authentication, remote] =
      (await dump(sources.map((source) => [source, protocol]))).map((data) => unpickle(data));

    assertInstanceOf(boom, PythonError);
    assertEquals([boom.name, boom.message, boom.args], [
      "ValueError",
      "('boom', 7)",
      tuple("boom", 7),
    ]);
    assertEquals((key as Error).message, "'k'");
    assertEquals((file as Error).message, "[Errno 2] No such file: 'a.txt'");
    assertInstanceOf(empty, QueueEmptyError);
    assertInstanceOf(full, QueueFullError);
    assertEquals((code as PythonError).attributes, { code: 7 });
    assertEquals((authentication as Error).name, "AuthenticationError");
    assertEquals((remote as Error).name, "RemoteError");
  }
});

pythonTest("Python reads errors as its exceptions, and gives them back", async () => {
  const errors = [
    new TypeError("t"),
    new RangeError("r"),
    new SyntaxError("s"),
    new DOMException("late", "TimeoutError"),
    new QueueClosedError("c"),
    new Error("plain"),
    new PythonError("FileNotFoundError", [2, "No such file", "a.txt"]),
    new PythonError("ValueError", ["v"], { attributes: { code: 7 } }),
    new QueueEmptyError("e"),
    new QueueFullError("f"),
  ];

  const shown = await evaluate(errors.map((error) => [error, "repr(v)"]));
  const back = await evaluate(errors.map((error) => [error, "pickle.dumps([v, v]).hex()"]));

  assertEquals(shown, [
    "TypeError('t')",
    "ValueError('r')",
    "RuntimeError('SyntaxError: s')",
    "TimeoutError('late')",
    "RuntimeError('QueueClosedError: c')",
    "RuntimeError('plain')",
    "FileNotFoundError(2, 'No such file')",
    "ValueError('v')",
    "Empty()",
    "Full()",
  ]);
  for (const [i, digits] of back.entries()) {
    const [first, second] = unpickle(Uint8Array.fromHex(digits as string)) as [Error, Error];
    const error = errors[i]!;
    assertStrictEquals(first, second);
    assertStrictEquals(Object.getPrototypeOf(first), Object.getPrototypeOf(error));
    assertEquals(first.name, error.name);
    if (!error.name.match(/Empty|Full/)) assertEquals(first.message, error.message);
  }
});

pythonTest("unpickle() and pickle() carry what the managers of Python send", async () => {
  const managers = "__import__('multiprocessing.managers').managers";
  const sources: [string, number][] = [2, 3, 4, 5].flatMap((protocol): [string, number][] => [
    [`${managers}.Token('get_queue', ('127.0.0.1', 5000), '7f00')`, protocol],
    [`${managers}.Namespace(a=1, b=[2])`, protocol],
    ["__import__('collections').OrderedDict(b=1, a=2)", protocol],
    ["bytearray(b'ab')", protocol],
  ]);

  const values = (await dump(sources)).map((data) => unpickle(data));

  for (let i = 0; i < values.length; i += 4) {
    const [token, namespace, ordered, array] = values.slice(i, i + 4);
    assertEquals(Object.entries(token as object), [
      ["typeid", "get_queue"],
      ["address", tuple("127.0.0.1", 5000)],
      ["id", "7f00"],
    ]);
    assertEquals(namespace, { a: 1, b: [2] });
    assertEquals(Object.entries(ordered as object), [["b", 1], ["a", 2]]);
    assertEquals(array, bytes("ab"));
  }
  const [text] = await evaluate([[values[0], "repr(v)"]]);
  assertEquals(
    text,
    "Token(typeid='get_queue', address=('127.0.0.1', 5000), id='7f00')",
  );
});

pythonTest("unpickle() refuses what Python makes of functions, classes and instances", async () => {
  const sources = [
    "print",
    "__import__('os').system",
    "complex(1, 2)",
    "__import__('datetime').datetime(2020, 1, 1)",
    "__import__('decimal').Decimal(1)",
    "__import__('fractions').Fraction(1, 2)",
    "range(3)",
    "object()",
    "__import__('collections').deque([1])",
  ];
  for (const protocol of [0, 2, 4, 5]) {
    for (const data of await dump(sources.map((source) => [source, protocol]))) {
      let message = "";
      try {
        unpickle(data);
      } catch (error) {
        message = (error as Error).message;
      }
      assert(message.includes("which is not among the few names that are read"), message);
    }
  }
});
