// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { decode, encode, encodeThrown } from "../../channel/codec.ts";

/** Strings of every kind and length, lone surrogates among them. */
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary", maxLength: 200 }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)) }),
);

const primitive = fc.oneof(
  fc.constantFrom(undefined, null, true, false, -0, NaN, Infinity),
  fc.integer(),
  fc.double(),
  fc.bigInt(),
  text,
);

const key = fc.oneof(fc.constantFrom("a", "b", "c", "__proto__", "0", "length"), text);

/** Values with everything that structured clone takes; slots are joined by `tangle` afterwards. */
const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => {
  const some = fc.array(tie("value"), { maxLength: 6 });
  const entries = fc.array(fc.tuple(key, tie("value")), { maxLength: 6 });
  return {
    value: fc.oneof(
      { depthSize: "medium", withCrossShrink: true },
      primitive,
      fc.date({ noInvalidDate: false }),
      fc.constantFrom(/a/g, /\u{1f600}/u, new RegExp("/")).map((regexp) => new RegExp(regexp)),
      fc.oneof(fc.integer(), fc.boolean(), fc.string(), fc.bigInt()).map(Object),
      fc.uint8Array().map((bytes) => bytes.buffer),
      fc.tuple(fc.uint8Array({ minLength: 32, maxLength: 64 }), fc.nat(12)).map(viewOf),
      some,
      some.map((items) => new Set(items)),
      fc.array(fc.tuple(tie("value"), tie("value")), { maxLength: 6 }).map((all) => new Map(all)),
      entries.map((all) => assign({}, all)),
      entries.map((all) => assign([], all.filter(([name]) => name !== "length"))),
      some.map((items) => items.filter((_, i) => i % 2) && sparse(items)),
      fc.tuple(text, entries).map(([message, all]) =>
        assign(new TypeError(message), all.filter(([name]) => !reserved.includes(name)))
      ),
    ),
  };
});

const reserved = ["message", "stack", "cause", "name", "__proto__"];

function assign(object: object, entries: [string, unknown][]): object {
  for (const [name, value] of entries) {
    Object.defineProperty(object, name, {
      value,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return object;
}

function sparse(items: unknown[]): unknown[] {
  const array: unknown[] = [];
  items.forEach((item, i) => array[i * i] = item);
  array.length += items.length;
  return array;
}

function viewOf([bytes, type]: [Uint8Array<ArrayBuffer>, number]): ArrayBufferView {
  const buffer = bytes.slice(0, bytes.length & ~7).buffer;
  return [
    new DataView(buffer, 3),
    new Int8Array(buffer, 1, 5),
    new Uint8Array(buffer),
    new Uint8ClampedArray(buffer),
    new Int16Array(buffer, 2),
    new Uint16Array(buffer),
    new Int32Array(buffer, 4),
    new Uint32Array(buffer),
    new Float16Array(buffer),
    new Float32Array(buffer),
    new Float64Array(buffer, 8),
    new BigInt64Array(buffer),
    new BigUint64Array(buffer, 8, 1),
  ][type]!;
}

/** Puts references between parts of a value: shared ones and cycles. */
function tangle(value: unknown, picks: number[]): unknown {
  const root: unknown[] = [value];
  const containers: unknown[][] = [root];
  const parts: unknown[] = [root];
  const visit = (part: unknown) => {
    if (typeof part !== "object" || part === null || parts.includes(part)) return;
    parts.push(part);
    if (Array.isArray(part)) containers.push(part);
    if (part instanceof Map) { for (const pair of part) pair.forEach(visit); }
    if (part instanceof Set) part.forEach(visit);
    Object.values(part).forEach(visit);
  };
  visit(value);
  for (const pick of picks) {
    const container = containers[pick % containers.length]!;
    // Not container.push: an array may have a key of that name.
    Array.prototype.push.call(container, parts[(pick >> 8) % parts.length]);
  }
  return root;
}

// No method of a value is called, since a key of the value may have the name of the method.
/** Tells the contents of a value, besides its enumerable own keys. */
function contents(x: unknown): unknown[] {
  if (x instanceof Map) return [...x].flat();
  if (x instanceof Set) return [...x];
  if (x instanceof Date) return [x.getTime()];
  if (x instanceof RegExp) return [x.source, x.flags, x.lastIndex];
  if (x instanceof ArrayBuffer) return [...new Uint8Array(x)];
  if (x instanceof Error) return [x.name, x.message, x.stack];
  if (ArrayBuffer.isView(x)) return [x.byteOffset, x.byteLength, x.buffer];
  if (x instanceof Number) return [Number.prototype.valueOf.call(x)];
  if (x instanceof String) return [String.prototype.valueOf.call(x)];
  if (x instanceof Boolean) return [Boolean.prototype.valueOf.call(x)];
  if (x instanceof BigInt) return [BigInt.prototype.valueOf.call(x)];
  return [Array.isArray(x) ? x.length : 0];
}

/**
 * Says where two values differ: types, prototypes, own keys in order, contents, identity. Each object
 * must always stand for the same one on the other side.
 */
function difference(a: unknown, b: unknown, path = "$", seen = new Map<object, object>()): string {
  if (typeof a !== "object" || a === null || typeof b !== "object" || b === null) {
    return Object.is(a, b) ? "" : `${path}: ${Deno.inspect(a)} is not ${Deno.inspect(b)}`;
  }
  if (seen.has(a)) return seen.get(a) === b ? "" : `${path}: identity`;
  seen.set(a, b);
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return `${path}: prototype`;
  const inner = (x: unknown, y: unknown, name: string) => difference(x, y, path + name, seen);
  if (ArrayBuffer.isView(a)) return inner(contents(a)[2], contents(b)[2], ".buffer");
  const [left, right] = [contents(a), contents(b)];
  if (left.length !== right.length) return `${path}: ${left.length} items, ${right.length}`;
  for (let i = 0; i < left.length; i++) {
    const problem = inner(left[i], right[i], `<${i}>`);
    if (problem !== "") return problem;
  }
  const keys = Object.keys(a);
  if (keys.join("\0") !== Object.keys(b).join("\0")) {
    return `${path}: keys ${keys} are not ${Object.keys(b)}`;
  }
  for (const name of keys) {
    const problem = inner(Reflect.get(a, name), Reflect.get(b, name), `.${name}`);
    if (problem !== "") return problem;
  }
  return "";
}

/** structuredClone drops the own properties of errors, so those are compared with the original alone. */
function hasError(value: unknown, seen = new Set<unknown>()): boolean {
  if (typeof value !== "object" || value === null || seen.has(value)) return false;
  seen.add(value);
  if (value instanceof Error) return true;
  const parts = value instanceof Map || value instanceof Set ? [...value.entries()].flat() : [];
  return [...parts, ...Object.values(value)].some((part) => hasError(part, seen));
}

Deno.test("decode() of encode() gives what structuredClone() gives", () => {
  fc.assert(
    fc.property(anyValue, fc.array(fc.nat(0xffff), { maxLength: 8 }), (value, picks) => {
      const tangled = tangle(value, picks);
      const result = decode(encode(tangled));

      assertEquals(difference(tangled, result), "");
      if (!hasError(tangled)) assertEquals(difference(structuredClone(tangled), result), "");
    }),
    {
      numRuns: 3000,
      examples: [
        [{ valueOf: 0 }, []],
        [{ length: 0, toString: 0, constructor: 0, then: 0, toJSON: 0 }, []],
        [assign([], [["push", 0], ["forEach", 0], ["constructor", 0]]), [1, 1]],
        [assign(new TypeError("x"), [["toString", 0], ["valueOf", 0]]), []],
      ],
    },
  );
});

Deno.test("encode() of a decoded value gives the same bytes", () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      const bytes = encode(value);
      assertEquals(encode(decode(bytes)), bytes);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("decode() of encodeThrown() keeps class, message and stack of any error", () => {
  const classes = [Error, TypeError, Deno.errors.NotFound];
  fc.assert(
    fc.property(text, fc.nat(2), anyValue, fc.boolean(), (message, pick, extra, bad) => {
      const error = new classes[pick]!(message, { cause: extra });
      Object.assign(error, { extra, bad: bad ? Symbol("bad") : 1 });

      const result = decode(encodeThrown(error)) as Error & { bad: unknown };

      assertEquals(Object.getPrototypeOf(result), classes[pick]!.prototype);
      assertEquals([result.message, result.stack], [error.message, error.stack]);
      assertEquals(result.bad, bad ? "Symbol(bad)" : 1);
    }),
  );
});

/** Milliseconds that no decoding of some bytes takes, however busy the machine is. */
const decodeLimit = 30_000;

/** Decodes bytes that may be wrong: a value or a clear error, and in bounded time. */
function tryDecode(bytes: Uint8Array): void {
  const start = performance.now();
  try {
    decode(bytes);
  } catch (error) {
    assert(
      error instanceof DOMException && error.name === "DataCloneError",
      `${Deno.inspect(error)} for ${bytes}`,
    );
  }
  assert(performance.now() - start < decodeLimit, `too slow for ${bytes}`);
}

Deno.test("decode() refuses every beginning of encoded bytes", () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      const bytes = encode(value);
      for (let end = 0; end < bytes.length; end += 1 + (end >> 5)) {
        const start = bytes.subarray(0, end);
        try {
          decode(start);
        } catch (error) {
          assert(error instanceof DOMException && error.name === "DataCloneError");
          continue;
        }
        throw new Error(`accepted ${start}`);
      }
    }),
    { numRuns: 300 },
  );
});

Deno.test("decode() gives a clear error or a value for corrupt bytes", () => {
  const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(anyValue, edits, (value, all) => {
      const bytes = encode(value);
      for (const [at, byte] of all) bytes[at % bytes.length] = byte;
      tryDecode(bytes);
    }),
    { numRuns: 5000 },
  );
});

Deno.test("decode() gives a clear error or a value for random bytes", () => {
  const byte = fc.oneof(fc.nat(30), fc.nat(255), fc.constant(255));
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 60 }), (bytes) => tryDecode(Uint8Array.from(bytes))),
    { numRuns: 20_000 },
  );
});

Deno.test("decode() does not allocate for a length that the bytes do not hold", () => {
  const huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
  for (let tag = 0; tag < 64; tag++) tryDecode(Uint8Array.from([tag, ...huge, ...huge, 0]));
  const before = Deno.memoryUsage().rss;

  for (let tag = 0; tag < 64; tag++) {
    tryDecode(Uint8Array.from([tag, 0xff, 0xff, 0xff, 0x7f, 0, 0]));
  }

  assert(Deno.memoryUsage().rss - before < 64 << 20);
});
