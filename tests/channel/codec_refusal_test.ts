// Copyright 2026 the Weft authors. MIT license.

import { assertEquals, assertThrows } from "@std/assert";
import {
  decode,
  encode,
  type HandleForm,
  refuseInstances,
  registerHandle,
  toHandle,
} from "../../channel/codec.ts";
import { Queue } from "../../channel/mod.ts";
import { Lock } from "../../sync/mod.ts";

function refusal(value: unknown, destination?: "thread"): string {
  const error = assertThrows(() => encode(value, { destination }), DOMException);
  assertEquals(error.name, "DataCloneError");
  return error.message;
}

function fn(): void {}

for (
  const [expected, value] of Object.entries<unknown>({
    "Cannot clone $ as it is a function": fn,
    "Cannot clone $ as it is a symbol": Symbol("s"),
    "Cannot clone $.user.callback as it is a function": { user: { name: "a", callback: fn } },
    'Cannot clone $["odd key"][3] as it is a symbol': { "odd key": [1, 2, 3, Symbol.iterator] },
    'Cannot clone $.a["0"] as it is a function': { a: { 0: fn } },
    'Cannot clone $.get("bob").f as it is a function': new Map([["bob", { f: fn }]]),
    "Cannot clone $.get(5) as it is a function": new Map([[5, fn]]),
    "Cannot clone $.values()[1] as it is a function": new Map([[{}, 1 as unknown], [[], fn]]),
    "Cannot clone $.keys()[0].f as it is a function": new Map([[{ f: fn }, 1]]),
    "Cannot clone $.values()[2] as it is a function": new Set<unknown>([1, 2, fn]),
    "Cannot clone $.cause.f as it is a function": new Error("a", { cause: { f: fn } }),
    "Cannot clone $.errors[1].f as it is a function": new AggregateError([
      new Error("a"),
      Object.assign(new Error("b"), { f: fn }),
    ]),
    "Cannot clone $ as it is a Promise": Promise.resolve(),
    "Cannot clone $ as it is a WeakMap": new WeakMap(),
    "Cannot clone $ as it is a WeakSet": new WeakSet(),
    "Cannot clone $ as it is a WeakRef": new WeakRef({}),
    "Cannot clone $ as it is a FinalizationRegistry": new FinalizationRegistry(fn),
    "Cannot clone $ as it is a Generator": (function* () {})(),
    "Cannot clone $ as it is an AsyncGenerator": (async function* () {})(),
    "Cannot clone $ as it is an Array Iterator": [1].values(),
    "Cannot clone $ as it is a Map Iterator": new Map().keys(),
    "Cannot clone $ as it is an Iterator Helper": [1].values().map((n) => n),
    "Cannot clone $ as it is a URL": new URL("https://example.com"),
    "Cannot clone $ as it is a URLSearchParams": new URLSearchParams(),
    "Cannot clone $ as it is a Headers": new Headers(),
    "Cannot clone $ as it is a Request": new Request("https://example.com"),
    "Cannot clone $ as it is a ReadableStream": new ReadableStream(),
    "Cannot clone $ as it is an AbortSignal": new AbortController().signal,
    "Cannot clone $ as it is an EventTarget": new EventTarget(),
    "Cannot clone $ as it is a Blob": new Blob([]),
    "Cannot clone $ as it is an Intl.NumberFormat": new Intl.NumberFormat(),
    "Cannot clone $ as it is a WebAssembly.Memory": new WebAssembly.Memory({ initial: 1 }),
    "Cannot clone $.signal as it is a Symbol": { signal: Object(Symbol("s")) },
    "Cannot clone $ as it is a SharedArrayBuffer, which only threads of one process can share":
      new SharedArrayBuffer(4),
    "Cannot clone $[0].buffer as it is a SharedArrayBuffer, which only threads of one process can share":
      [new Int32Array(new SharedArrayBuffer(4))],
  })
) {
  Deno.test(`encode() says: ${expected}`, () => {
    assertEquals(refusal(value), expected);
  });
}

Deno.test("encode() names the handle that only threads can share, and what to do", () => {
  const remedy = 'create it with { scope: "process" }';
  const why = "which travels in arguments and results of threads alone";

  assertEquals(
    refusal({ locks: [new Lock()] }, "thread"),
    `Cannot clone $.locks[0] as it is a lock of scope "thread", ${why}: ${remedy}`,
  );
  assertEquals(
    refusal(new Map([["jobs", new Queue()]]), "thread"),
    `Cannot clone $.get("jobs") as it is a queue of scope "thread", ${why}: ${remedy}`,
  );
});

Deno.test("encode() refuses what the platform made and subclasses of it", () => {
  class Later<T> extends Promise<T> {}
  class Link extends URL {}

  assertEquals(refusal(Later.resolve(1)), "Cannot clone $ as it is a Promise");
  assertEquals(refusal([new Link("https://example.com")]), "Cannot clone $[0] as it is a URL");
});

Deno.test("encode() takes instances of a program's own classes, whatever they are called", () => {
  class Request {
    id = 1;
  }
  class Bus extends EventTarget {
    id = 2;
  }

  assertEquals(decode(encode([new Request(), new Bus()])), [{ id: 1 }, { id: 2 }]);
});

Deno.test("encode() refuses a detached buffer", () => {
  const buffer = new ArrayBuffer(4);
  const view = new Uint8Array(buffer);
  buffer.transfer();

  assertEquals(refusal({ buffer }), "Cannot clone $.buffer as it is a detached ArrayBuffer");
  assertEquals(refusal({ view }), "Cannot clone $.view as it is a view of a detached buffer");
});

Deno.test("encode() finds the bad part behind cycles and throwing getters", () => {
  const value: Record<string, unknown> = {};
  value.self = value;
  let calls = 0;
  Object.defineProperty(value, "moody", {
    enumerable: true,
    get() {
      if (calls++ > 0) throw new Error("not twice");
      return 1;
    },
  });
  value.bad = fn;

  assertEquals(refusal(value), "Cannot clone $.bad as it is a function");
});

Deno.test("encode() reports a bad part that cannot be found again", () => {
  const value = {
    get fresh() {
      return () => {};
    },
  };

  assertEquals(refusal(value), "Cannot clone $ as it holds a function");
});

Deno.test("encode() shortens the path to a bad part that is deep", () => {
  let value: unknown = fn;
  for (let i = 0; i < 1000; i++) value = { a: value };

  assertEquals(
    refusal(value),
    `Cannot clone $${".a".repeat(19)}…${".a".repeat(20)} as it is a function`,
  );
});

Deno.test("encode() passes on what getters and handles throw", () => {
  const mine = new Error("mine");
  class Far {
    [toHandle](destination: string | undefined): never {
      throw new DOMException(`Cannot reach a ${destination}`, "DataCloneError");
    }
  }
  const value = {
    get a(): never {
      throw mine;
    },
  };

  assertEquals(assertThrows(() => encode([value])), mine);
  assertThrows(
    () => encode([new Far()], { destination: "process" }),
    DOMException,
    "Cannot reach a process",
  );
});

Deno.test("encode() refuses instances of a refused class and of its subclasses by name", () => {
  class Machine {}
  class Engine extends Machine {}
  refuseInstances(Machine);

  const error = assertThrows(() => encode({ parts: [new Engine()] }), DOMException);

  assertEquals(error.message, "Cannot clone $.parts[0] as it is an Engine");
});

Deno.test("encode() and decode() refuse handles where none are allowed", () => {
  class Near {
    [toHandle](): HandleForm {
      return { kind: "codec_refusal_test.Near", state: 1 };
    }
  }
  let revived = 0;
  registerHandle("codec_refusal_test.Near", () => {
    revived++;
    return new Near();
  });
  const bytes = encode({ a: [new Near()] });

  assertThrows(
    () => encode({ a: [new Near()] }, { handles: false }),
    DOMException,
    "Cannot clone $.a[0] as it is a Near",
  );
  assertThrows(() => decode(bytes, { handles: false }), DOMException, "a handle");
  assertEquals(revived, 0);
  decode(bytes);
  assertEquals(revived, 1);
  decode(encode([1]), { handles: false });
  assertThrows(() => decode(bytes, { handles: false }), DOMException, "a handle");
});
