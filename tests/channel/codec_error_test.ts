// Copyright 2026 the Weft authors. MIT license.

import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { decode, encode, encodeThrown, registerError } from "../../channel/codec.ts";
import { BrokenBarrierError, LockAbandonedError } from "../../sync/mod.ts";

function copy<T>(value: T): T {
  return decode(encode(value)) as T;
}

// deno-lint-ignore no-explicit-any
function copyThrown(value: unknown): any {
  return decode(encodeThrown(value));
}

function fn(): void {}

for (
  const error of [
    new Error("a"),
    new TypeError("a"),
    new RangeError("a"),
    new SyntaxError("a"),
    new ReferenceError("a"),
    new EvalError("a"),
    new URIError("a"),
    new AggregateError([new TypeError("b"), 5], "a"),
    new SuppressedError(new Error("b"), "c", "a"),
    new WebAssembly.CompileError("a"),
    new DOMException("a", "AbortError"),
    new Deno.errors.NotFound("a"),
    new Deno.errors.NotCapable("a"),
  ]
) {
  Deno.test(`encode() keeps the class and look of ${error.constructor.name}`, () => {
    const result = copy(error);

    assert(Error.isError(result));
    assertStrictEquals(Object.getPrototypeOf(result), Object.getPrototypeOf(error));
    assertEquals([result.name, result.message, result.stack], [error.name, "a", error.stack]);
    assertEquals(Object.keys(result), Object.keys(error));
    assertEquals(Deno.inspect(result), Deno.inspect(error));
    assertEquals(structuredClone(result).message, "a");
    assertEquals(structuredClone(result).stack, error.stack);
  });
}

Deno.test("encode() keeps errors inside of errors", () => {
  const aggregate = copy(new AggregateError([new TypeError("b"), 5], "a"));
  const suppressed = copy(new SuppressedError(new RangeError("b"), "c", "a"));

  assertInstanceOf(aggregate.errors[0], TypeError);
  assertEquals(aggregate.errors[1], 5);
  assertInstanceOf(suppressed.error, RangeError);
  assertEquals(suppressed.suppressed, "c");
});

Deno.test("encode() keeps code and properties of a DOMException", () => {
  const error = Object.assign(new DOMException("m", "TimeoutError"), { detail: [1] });

  const result = copy(error);

  assertEquals([result.code, result.detail], [DOMException.TIMEOUT_ERR, [1]]);
});

Deno.test("encode() keeps the cause, cyclic or undefined, and own properties", () => {
  const error: Error & { code?: string; self?: unknown } = new Error("a", { cause: undefined });
  const outer = new TypeError("b", { cause: error });
  error.cause = outer;
  error.code = "E";
  error.self = error;

  const result = copy(error);

  assertInstanceOf(result.cause, TypeError);
  assertStrictEquals(result.cause.cause, result);
  assertStrictEquals(result.self, result);
  assertEquals(Object.keys(result), ["code", "self"]);
  assert(Object.hasOwn(copy(new Error("a", { cause: undefined })), "cause"));
  assert(!Object.hasOwn(copy(new Error("a")), "cause"));
});

Deno.test("encode() makes unknown subclasses the nearest known class, of the same name", () => {
  class FieldError extends RangeError {
    override name = "FieldError";
    limit = 5;
  }
  class InheritedError extends FieldError {}
  class PrototypeError extends TypeError {
    static {
      this.prototype.name = "PrototypeError";
    }
  }
  class PlainError extends Deno.errors.BadResource {}

  const field = copy(new InheritedError("a"));
  const prototype = copy(new PrototypeError("a"));
  const plain = copy(new PlainError("a"));

  assertStrictEquals(Object.getPrototypeOf(field), RangeError.prototype);
  assertEquals([field.name, field.limit, String(field)], ["FieldError", 5, "FieldError: a"]);
  assertStrictEquals(Object.getPrototypeOf(prototype), TypeError.prototype);
  assertEquals([prototype.name, Object.keys(prototype)], ["PrototypeError", []]);
  assertStrictEquals(Object.getPrototypeOf(plain), Deno.errors.BadResource.prototype);
});

Deno.test("encode() takes errors of classes from before class", () => {
  function OldError(this: { message: string }, message: string): void {
    this.message = message;
  }
  OldError.prototype = Object.create(Error.prototype, { name: { value: "OldError" } });
  const error = Reflect.construct(OldError, ["a"]);

  const result = copy(error);

  assert(Error.isError(result));
  assertEquals(String(result), "OldError: a");
});

Deno.test("registerError() makes a class arrive as itself", () => {
  class CodecTestError extends Error {
    override readonly name = "CodecTestError";
    value: number;
    constructor(value: number) {
      super(`value ${value}`);
      this.value = value;
    }
  }
  registerError(CodecTestError);
  registerError(CodecTestError);

  const result = copy(new CodecTestError(5));

  assertInstanceOf(result, CodecTestError);
  assertEquals([result.value, result.message, result.name], [5, "value 5", "CodecTestError"]);
  assert(Error.isError(result));
  const other = Object.defineProperty(class extends Error {}, "name", { value: "RangeError" });
  assertThrows(() => registerError(other), TypeError, '"RangeError"');
});

Deno.test("decode() makes an Error of a class that only the other side registered", () => {
  class CodecFarError extends Error {}
  registerError(CodecFarError);
  const bytes = encode(new CodecFarError("a"));
  const text = new TextDecoder("latin1").decode(bytes).replace("CodecFarError", "CodecFooError");

  const result = decode(Uint8Array.from(text, (c) => c.charCodeAt(0))) as Error;

  assertStrictEquals(Object.getPrototypeOf(result), Error.prototype);
  assertEquals([result.name, result.message], ["CodecFooError", "a"]);
});

Deno.test("encode() takes frozen errors and errors without message or stack", () => {
  const bare = new Error();
  delete bare.stack;

  assertEquals(copy(Object.freeze(new Error("a"))).message, "a");
  assertEquals(copy(bare).message, "");
  assert(!Object.hasOwn(copy(bare), "message"));
});

Deno.test("encodeThrown() keeps anything that encode() takes", () => {
  for (const value of ["text", null, undefined, 5, { a: 1 }]) {
    assertEquals(copyThrown(value), value);
  }
  assertInstanceOf(copyThrown(new TypeError("a")), TypeError);
});

Deno.test("encodeThrown() replaces what cannot be cloned in an error by its text", () => {
  class HandlerError extends TypeError {
    handler = fn;
    ok = [1];
    get [Symbol.toStringTag](): string {
      throw new Error("hostile");
    }
  }
  const error = new HandlerError("a", { cause: new Error("b", { cause: Symbol("c") }) });
  Object.defineProperty(error, "moody", {
    enumerable: true,
    get() {
      throw new Error("moody");
    },
  });

  const result = copyThrown(error);

  assert(result instanceof TypeError as boolean);
  assertEquals([result.message, result.stack], ["a", error.stack]);
  assertEquals([result.handler, result.ok], ["[Function: fn]", [1]]);
  assertStringIncludes(result.moody, "moody");
  assertEquals((result.cause as Error).cause, "Symbol(c)");
});

Deno.test("encodeThrown() keeps errors beside a bad part, and cycles through them", () => {
  const error: Error & { f?: unknown } = new AggregateError([new RangeError("a"), fn], "b");
  error.f = fn;
  error.cause = error;

  const result = copyThrown(error);

  assertInstanceOf(result.errors[0], RangeError);
  assertEquals(result.errors[1], "[Function: fn]");
  assertStrictEquals(result.cause, result);
});

Deno.test("encodeThrown() tells what was thrown if it cannot be cloned", () => {
  for (const [value, text] of [[fn, "[Function: fn]"], [Symbol("s"), "Symbol(s)"]] as const) {
    const result = copyThrown(value);

    assertInstanceOf(result, DOMException);
    assertEquals(result.name, "DataCloneError");
    assertStringIncludes(result.message, text);
  }
  assertStringIncludes(copyThrown(Promise.resolve(1)).message, "a Promise: Promise { 1 }");
});

Deno.test("encodeThrown() never throws", () => {
  const hostile = new Proxy(new Error("a"), {
    get() {
      throw new Error("get");
    },
    getPrototypeOf() {
      throw new Error("getPrototypeOf");
    },
    ownKeys() {
      throw new Error("ownKeys");
    },
  });
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  let deep: Error = Object.assign(new Error("a"), { fn });
  for (let i = 0; i < 20_000; i++) {
    deep = new Error("a", { cause: deep });
    assert(deep.stack !== undefined); // formatting it, when the stack is nearly full, makes Deno warn
  }
  const nameless = Object.defineProperty(new Error("a"), "name", {
    get() {
      throw new Error("name");
    },
  });
  const inspecting = Object.assign(() => {}, {
    [Symbol.for("Deno.customInspect")]() {
      throw new Error("inspect");
    },
  });

  for (const value of [hostile, proxy, deep, nameless, inspecting, { hostile }, { fn: [proxy] }]) {
    assert(Error.isError(copyThrown(value)));
  }
});

for (const errorClass of [BrokenBarrierError, LockAbandonedError]) {
  Deno.test(`decode() gives a ${errorClass.name} as what it is`, () => {
    const error = decode(encode(new errorClass("of another thread")));

    assertInstanceOf(error, errorClass);
    assertEquals([error.name, error.message], [errorClass.name, "of another thread"]);
  });
}
