// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertStrictEquals, assertThrows, equal } from "@std/assert";
import { decode, encode, encodeWith, registerHandle, toHandle } from "../../channel/codec.ts";

function copy<T>(value: T): T {
  return decode(encode(value)) as T;
}

for (
  const [name, value] of Object.entries<unknown>({
    "undefined": undefined,
    "null": null,
    "true": true,
    "false": false,
    "-0": -0,
    "NaN": NaN,
    "-Infinity": -Infinity,
    "127": 127,
    "128": 128,
    "-1": -1,
    "the largest 32-bit integer": 2 ** 31 - 1,
    "the smallest 32-bit integer": -(2 ** 31),
    "2 ** 31": 2 ** 31,
    "a fraction": 0.1,
    "0n": 0n,
    "the smallest 64-bit bigint": -(2n ** 63n),
    "2n ** 63n": 2n ** 63n,
    "a negative bigint of 1000 bits": -(2n ** 1000n) + 1n,
    "an empty string": "",
    "a string of 63 characters": "é".repeat(63),
    "a string of 64 characters": "é".repeat(64),
    "a short string beyond Latin-1": "Привет, мир 🙂",
    "a long string beyond Latin-1": "Привет 🙂".repeat(1000),
    "a long string that begins as ASCII": "a".repeat(100_000) + "🙂".repeat(100_000),
    "a short lone surrogate": "a\ud800",
    "a long string with a lone surrogate": "a\udc00b".repeat(1000),
    "a byte order mark": "\ufeff" + "a".repeat(100),
  })
) {
  Deno.test(`encode() keeps ${name}`, () => {
    assert(Object.is(copy(value), value), Deno.inspect(copy(value)));
  });
}

for (
  const [name, value] of Object.entries<unknown>({
    "a date": new Date(1e12),
    "an invalid date": new Date(NaN),
    "a regular expression": /a\/b/giu,
    "an empty regular expression": new RegExp(""),
    "boxed primitives": [Object(1), Object(-0), Object("a"), Object(false), Object(1n)],
    "a map": new Map<unknown, unknown>([[1, "a"], [{ a: 1 }, new Map()]]),
    "a set": new Set<unknown>([1, "a", [1]]),
    "an empty object and array": [{}, []],
    "undefined in objects and arrays": [{ a: undefined }, [undefined]],
    "objects of the same and of other keys": [
      { a: 1, b: 2 },
      { a: 3, b: 4 },
      { b: 1, a: 2 },
      { a: 1 },
      { a: 5, b: 6 },
    ],
    "an object of 100 keys twice": [0, 1].map((n) =>
      Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${i}`, n + i]))
    ),
    "keys beyond Latin-1, long and empty": { "ключ": 1, ["k".repeat(200)]: 2, "": 3, "7": 4 },
    "every typed array": [
      new Int8Array([-1]),
      new Uint8Array([1]),
      new Uint8ClampedArray([2]),
      new Int16Array([-3]),
      new Uint16Array([4]),
      new Int32Array([-5]),
      new Uint32Array([6]),
      new Float16Array([7.5]),
      new Float32Array([8.5]),
      new Float64Array([9.5]),
      new BigInt64Array([-10n]),
      new BigUint64Array([11n]),
      new DataView(new ArrayBuffer(12), 1, 5),
    ],
    "a buffer of 1 MiB among others": [1, new Uint8Array(1 << 20).fill(7), 2, new ArrayBuffer(3)],
  })
) {
  Deno.test(`encode() keeps ${name}`, () => {
    assertEquals(copy(value), value);
    assertEquals(copy(value), structuredClone(value));
  });
}

Deno.test("encode() keeps holes and further properties of arrays", () => {
  // deno-lint-ignore no-sparse-arrays
  const array: unknown[] & { extra?: number } = [1, , undefined, ,];
  array.extra = 5;

  const result = copy(array);

  assertEquals(result.length, 4);
  assertEquals(Object.entries(result), [["0", 1], ["2", undefined], ["extra", 5]]);
});

Deno.test("encode() keeps an array of 4,294,967,295 elements with two values", () => {
  const array: number[] = [];
  array[3] = 1;
  array[2 ** 32 - 2] = 2;

  const result = copy(array);

  assertEquals(result.length, 2 ** 32 - 1);
  assertEquals(Object.entries(result), [["3", 1], ["4294967294", 2]]);
});

Deno.test("encode() makes plain objects of class instances and of objects without prototype", () => {
  class Point {
    x = 1;
    #y = 2;
    get y(): number {
      return this.#y;
    }
  }
  const bare = Object.assign(Object.create(null), { a: 1, [Symbol("s")]: 2 });

  const [point, object] = copy([new Point(), bare]);

  assertStrictEquals(Object.getPrototypeOf(point), Object.prototype);
  assertEquals(point, { x: 1 } as Point);
  assertStrictEquals(Object.getPrototypeOf(object), Object.prototype);
  assertEquals(Reflect.ownKeys(object), ["a"]);
});

Deno.test("encode() takes objects by what they are, not by their prototype alone", () => {
  assertEquals(copy(Object.create(Map.prototype)), {});
  assertEquals(copy(Object.create(Date.prototype)), {});
  class Table extends Map<string, number> {
    override forEach(): void {
      throw new Error("not asked");
    }
  }

  const table = copy(new Table([["a", 1]]));

  assertStrictEquals(Object.getPrototypeOf(table), Map.prototype);
  assertEquals([...table], [["a", 1]]);
});

Deno.test("decode() defines a key __proto__ as an own property", () => {
  const value = JSON.parse('{"a":1,"__proto__":{"polluted":true}}');

  const [first, second] = copy([value, structuredClone(value)]);

  for (const result of [first, second]) {
    assertStrictEquals(Object.getPrototypeOf(result), Object.prototype);
    assertEquals(Object.keys(result), ["a", "__proto__"]);
    assertEquals(result.polluted, undefined);
  }
});

Deno.test("encode() keeps cycles and shared references", () => {
  const shared = new Date(5);
  const value = { self: null as unknown, list: [shared, shared], map: new Map<unknown, unknown>() };
  value.self = value;
  value.map.set(value.map, value.list);

  const result = copy(value);

  assertStrictEquals(result.self, result);
  assertStrictEquals(result.list[0], result.list[1]);
  assertStrictEquals([...result.map][0]![0], result.map);
  assertStrictEquals([...result.map][0]![1], result.list);
});

Deno.test("encode() keeps shared references among thousands of objects", () => {
  const objects = Array.from({ length: 5000 }, (_, i) => ({ i }));

  const result = copy([objects, [...objects].reverse()]);

  assert(result[0]!.every((object, i) => object.i === i && object === result[1]![4999 - i]));
});

Deno.test("encode() keeps one buffer under several views, whole", () => {
  const buffer = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]).buffer;

  const [a, b, c] = copy([new Uint8Array(buffer, 2, 3), new Uint16Array(buffer), buffer] as const);

  assertEquals([a.byteOffset, ...a], [2, 3, 4, 5]);
  assertStrictEquals(a.buffer, c);
  assertStrictEquals(b.buffer, c);
  assertEquals(c.byteLength, 8);
});

Deno.test("encode() keeps resizable buffers and views that follow them", () => {
  const buffer = new ArrayBuffer(4, { maxByteLength: 16 });

  const [view, part] = copy([new Uint8Array(buffer), new Uint8Array(buffer, 1, 2)] as const);
  view.buffer.resize(10);

  assertEquals([view.buffer.maxByteLength, view.length, part.length], [16, 10, 2]);
});

Deno.test("decode() reads from shared memory, at an offset, and keeps nothing of it", () => {
  const value = { text: "x".repeat(200), bytes: new Uint8Array([1, 2, 3]), name: "é" };
  const encoded = encode(value);
  const shared = new Uint8Array(new SharedArrayBuffer(encoded.length + 20), 5);
  shared.set(encoded, 3);

  const result = decode(shared, { start: 3, end: 3 + encoded.length });
  shared.fill(0);

  assertEquals(result, value);
});

Deno.test("encode() sends shared memory and modules beside the bytes", () => {
  const memory = new SharedArrayBuffer(8);
  const module = new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));
  const attached: object[] = [];
  const value = { words: new Int32Array(memory, 4), memory, module };

  const bytes = encode(value, { attach: (object) => attached.push(object) - 1 });
  const result = decode(bytes, { attached }) as typeof value;

  assertEquals(attached, [memory, module]);
  assertStrictEquals(result.memory, memory);
  assertStrictEquals(result.module, module);
  assertStrictEquals(result.words.buffer, memory);
  assertEquals(result.words.byteOffset, 4);
});

Deno.test("encode() sends objects with a toHandle method as handles", () => {
  class Door {
    readonly #number: number;
    constructor(number: number) {
      this.#number = number;
    }
    get number(): number {
      return this.#number;
    }
    [toHandle](destination: string | undefined) {
      return { kind: "test.door", state: { number: this.#number, destination } };
    }
  }
  const revived: unknown[] = [];
  registerHandle("test.door", (state) => {
    revived.push(state);
    return new Door((decode(encode(state)) as Door).number);
  });
  const door = new Door(7);

  const result = decode(encode([door, { door }, 5], { destination: "thread" })) as [
    Door,
    { door: Door },
    number,
  ];

  assert(result[0] instanceof Door);
  assertEquals(result[0].number, 7);
  assertStrictEquals(result[1].door, result[0]);
  assertEquals(revived, [{ number: 7, destination: "thread" }]);
  assertThrows(() => registerHandle("test.door", () => ({})), TypeError, "test.door");
});

Deno.test("decode() tells of a handle whose kind nobody registered", () => {
  class Stranger {
    [toHandle]() {
      return { kind: "test.stranger", state: 1 };
    }
  }

  const bytes = encode(new Stranger());

  assertThrows(() => decode(bytes), DOMException, '"test.stranger"');
});

Deno.test("encodeWith() lends the bytes of encode()", () => {
  for (const value of [1, { a: "b" }, new Uint8Array(1 << 20)]) {
    const lent = encodeWith(value, (encoded) => {
      const bytes = new Uint8Array(encoded.byteLength + 3);
      encoded.copyTo(bytes, 3);
      return [encoded.take(), bytes.subarray(3)];
    });

    assertEquals(lent, [encode(value), encode(value)]);
  }
});

Deno.test("encode() puts buffers at multiples of eight, wherever the bytes begin", () => {
  for (const size of [63, 64, 65, 1023, 1024, 1 << 18]) {
    const value = { a: 1, parts: [1, 2, 3].map((n) => new Uint8Array(size + n).fill(n)), b: "b" };
    const bytes = new Uint8Array(10_000 + 3 * size);
    const end = encodeWith(value, (encoded) => {
      encoded.copyTo(bytes, 5);
      return 5 + encoded.byteLength;
    });

    const starts = [1, 2, 3].map((n) => {
      const text = new Uint8Array(size).fill(n);
      return bytes.subarray(5).findIndex((byte, at) => {
        return byte === n && equal(bytes.subarray(5 + at, 5 + at + size), text);
      });
    });

    if (size >= 64) assertEquals(starts.map((at) => at % 8), [0, 0, 0]);
    assertEquals(decode(bytes, { start: 5, end }), value);
    assertEquals(decode(encode(value)), value);
  }
});

Deno.test("encode() works within getters, borrowers and after exceptions in them", () => {
  const value = {
    before: "before",
    get inner() {
      return encode({ deep: [1, 2, 3] });
    },
    after: [1],
  };
  const throwing = {
    a: [1, 2, 3],
    get b(): never {
      encode("x");
      throw new RangeError("mine");
    },
  };

  const text = encodeWith(value, (encoded) => {
    assertThrows(() => encode(throwing), RangeError, "mine");
    encode("y".repeat(10_000));
    return decode(encoded.take());
  });

  assertEquals(text, { before: "before", inner: encode({ deep: [1, 2, 3] }), after: [1] });
  assertEquals(copy({ a: 1 }), { a: 1 });
});

Deno.test("encode() is not confused by getters that change what is being read", () => {
  const map = new Map<unknown, unknown>();
  map.set("grow", {
    get a() {
      for (let i = 0; i < 5; i++) map.set(i, i);
      return 1;
    },
  });
  const object = {
    get a() {
      delete (this as { b?: number }).b;
      return 1;
    },
    b: 2,
    c: 3,
  };
  const array: unknown[] = [{
    get a() {
      array.length = 1;
      return 1;
    },
  }, 2];
  const bytes = new Uint8Array(1 << 20);
  const detaching = [bytes, {
    get a() {
      return bytes.buffer.transfer().byteLength;
    },
  }];

  assertEquals(copy(map), new Map([["grow", { a: 1 }]]) as typeof map);
  assertEquals(Object.entries(copy(object)), [["a", 1], ["c", 3]]);
  assertEquals(Object.entries(copy(array)), [["0", { a: 1 }]]);
  assertThrows(() => encode(detaching), DOMException, "resized");
});

Deno.test("encode() and decode() survive values deeper than the stack", () => {
  let deep: unknown = null;
  for (let i = 0; i < 100_000; i++) deep = i % 2 ? { deep } : [deep];
  const nested = new Uint8Array(200_002).fill(1);
  for (let i = 0; i < 200_000; i += 2) nested.set([13, 1], i); // an array of one element

  assertThrows(() => encode(deep), RangeError);
  assertThrows(() => decode(nested.subarray(0, 200_001)), RangeError);
  assertEquals(copy({ a: [1] }), { a: [1] });
});

Deno.test("encode() returns an array of its own, of exact size", () => {
  const first = encode("first");
  const whole = encode(new Uint8Array(4096 - 7));

  encode("other");

  assertEquals(first.byteLength, first.buffer.byteLength);
  assertEquals(decode(first), "first");
  for (let size = 4000; size < 4200; size++) {
    const bytes = encode(new Uint8Array(size));
    encode("x".repeat(100));
    assertEquals((decode(bytes) as Uint8Array).length, size);
  }
  assertEquals((decode(whole) as Uint8Array).length, 4089);
});
