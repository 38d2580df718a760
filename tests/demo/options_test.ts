// Copyright 2026 the Weft authors. MIT license.

import { assertEquals, assertThrows } from "@std/assert";
import { parseOptions, UsageError } from "../../demo/_frame/options.ts";

const known = ["process-join", "command"];

Deno.test("parseOptions() takes everything at a tenth of the time by default", () => {
  const options = { list: false, help: false, scale: 0.1, report: undefined, names: [] };
  assertEquals(parseOptions([], known), options);
});

Deno.test("parseOptions() keeps the order of names and drops what is named twice", () => {
  const { names, scale } = parseOptions(
    ["command", "--scale", "1", "process-join", "command"],
    known,
  );

  assertEquals(names, ["command", "process-join"]);
  assertEquals(scale, 1);
});

Deno.test("parseOptions() takes the file of the report, and refuses an empty name", () => {
  assertEquals(parseOptions(["--report", "out.html"], known).report, "out.html");
  assertThrows(() => parseOptions(["--report="], known), UsageError, "names no file");
});

Deno.test("parseOptions() refuses a scale that is not a number in range", () => {
  for (const scale of ["0", "-1", "x", "", "1000", "NaN", "0.001"]) {
    assertThrows(() => parseOptions([`--scale=${scale}`], known), UsageError, "0.01 to 100");
  }
});

Deno.test("parseOptions() refuses an unknown name and says which is closest", () => {
  assertThrows(
    () => parseOptions(["proces-join"], known),
    UsageError,
    'There is no scenario "proces-join": did you mean "process-join"?',
  );
});

Deno.test("parseOptions() refuses an unknown option and a missing value", () => {
  assertThrows(() => parseOptions(["--lsit"], known), UsageError, "--lsit");
  assertThrows(() => parseOptions(["--scale"], known), UsageError, "--scale");
});
