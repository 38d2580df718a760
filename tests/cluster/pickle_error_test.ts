// Copyright 2026 the Weft authors. MIT license.

// Errors on their way to Python and back.

import { assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import { PickleError } from "../../cluster/pickle_error.ts";
import { pyFloat, PythonError, tuple } from "../../cluster/python_values.ts";
import { QueueClosedError, QueueEmptyError, QueueFullError } from "../../channel/mod.ts";
import { decode, encode } from "../../channel/codec.ts";
import { BrokenBarrierError } from "../../sync/mod.ts";
import { type Part, plainOf, read, roundTrip, stackGlobal, text } from "./_pickle_bytes.ts";

Deno.test("unpickle() reads the exceptions of a queue as its errors", () => {
  for (const module of ["queue", "_queue", "Queue"]) {
    assertInstanceOf(read(stackGlobal(module, "Empty"), ")R."), QueueEmptyError);
    assertInstanceOf(read(stackGlobal(module, "Full"), ")R."), QueueFullError);
    assertInstanceOf(read(stackGlobal(module, "ShutDown"), ")R."), QueueClosedError);
  }
  const broken = read(stackGlobal("threading", "BrokenBarrierError"), ")R.");
  assertInstanceOf(broken, BrokenBarrierError);
});

Deno.test("unpickle() gives an exception its text, arguments and attributes", () => {
  const of = (name: string, args: Part) => read(stackGlobal("builtins", name), args, "R.") as Error;

  assertEquals(of("ValueError", ")").message, "");
  assertEquals(of("ValueError", [text("bad"), "\x85"]).message, "bad");
  assertEquals(of("ValueError", [text("bad"), "N\x88\x87"]).message, "('bad', None, True)");
  assertEquals(of("KeyError", [text("it's"), "\x85"]).message, `"it's"`);
  assertEquals(of("ValueError", "]K\x01a\x85\x85").message, "([1],)");
  assertEquals(
    of("FileNotFoundError", ["K\x02", text("No such file"), text("a.txt"), "\x87"]).message,
    "[Errno 2] No such file: 'a.txt'",
  );

  const notes = [text("__notes__"), "]", text("look"), "as"];
  const error = read(stackGlobal("builtins", "OSError"), ")R}", notes, "b.");
  assertInstanceOf(error, PythonError);
  assertEquals([error.name, error.module], ["OSError", "builtins"]);
  assertEquals(error.attributes, { __notes__: ["look"] });
});

const errors: [error: Error, name: string, message: string][] = [
  [new Error("m"), "Error", "m"],
  [new TypeError("m"), "TypeError", "m"],
  [new RangeError("m"), "RangeError", "m"],
  [new SyntaxError("m"), "SyntaxError", "m"],
  [new URIError(""), "URIError", ""],
  [new DOMException("m", "AbortError"), "AbortError", "m"],
  [new DOMException("m", "TimeoutError"), "TimeoutError", "m"],
  [new QueueClosedError("m"), "QueueClosedError", "m"],
  [new BrokenBarrierError("m"), "BrokenBarrierError", "The barrier is broken"],
  [new QueueEmptyError("m"), "QueueEmptyError", "The queue is empty"],
  [new QueueFullError("m", 1), "QueueFullError", "The queue is full"],
];

for (const [error, name, message] of errors) {
  Deno.test(`pickle() and unpickle() keep the class of ${error}`, () => {
    const result = roundTrip(error) as Error;

    assertStrictEquals(Object.getPrototypeOf(result), Object.getPrototypeOf(error));
    assertEquals([result.name, result.message], [name, message]);
  });
}

Deno.test("unpickle() puts an error of Weft where others hold it already", () => {
  const error = new TypeError("m");

  const [first, second] = roundTrip([error, error]) as [unknown, unknown];

  assertInstanceOf(first, TypeError);
  assertStrictEquals(first, second);
});

Deno.test("pickle() makes a RuntimeError of an error that Python has no name for", () => {
  class OwnError extends RangeError {
    override name = "OwnError";
  }
  const own = roundTrip(new OwnError("m")) as PythonError;
  const foreign = roundTrip(new PythonError("system", ["ls"], { module: "os" })) as PythonError;

  assertEquals([own.name, own.message, own.module], ["RuntimeError", "OwnError: m", "builtins"]);
  assertEquals([foreign.name, foreign.message], ["RuntimeError", "system: ls"]);
});

Deno.test("PythonError has the text that Python gives for floats", () => {
  assertEquals(new PythonError("ValueError", [pyFloat(1)]).message, "1.0");
  assertEquals(new PythonError("ValueError", [pyFloat(1e21), 2]).message, "(1e+21, 2)");
  const floats = [-0, 0.5, 1e-5, -1.5e-7, 1e16, 123456789012345680].map(pyFloat);
  assertEquals(
    new PythonError("ValueError", floats).message,
    "(-0.0, 0.5, 1e-05, -1.5e-07, 1e+16, 1.2345678901234568e+17)",
  );
});

Deno.test("pickle() and unpickle() keep a PythonError", () => {
  const error = new PythonError("KeyError", [1, [2]], { attributes: { code: 7 } });

  const result = roundTrip(error) as PythonError;

  assertEquals(plainOf(result), { ...plainOf(error) as object, args: tuple(1, [2]) });
});

Deno.test("PythonError and PickleError arrive as themselves through the channels of Weft", () => {
  const error = new PythonError("KeyError", ["k"], { attributes: { code: 7 } });

  const copy = decode(encode(error));
  const refused = decode(encode(new PickleError("m", 3)));

  assertInstanceOf(copy, PythonError);
  assertEquals(plainOf(copy), plainOf(error));
  assertInstanceOf(refused, PickleError);
  assertEquals([refused.message, refused.offset], ["m", 3]);
});
