// Copyright 2026 the Weft authors. MIT license.

// The engine that picks the flags for child processes from a command line.

import { assertEquals } from "@std/assert";
import { flagsOf } from "../../process/_config.ts";

const cwd = Deno.cwd();

for (
  const [what, line, expected] of [
    ["takes no flags from a plain run", "run -A main.ts", ""],
    ["takes no flags from an empty line", "", ""],
    [
      "takes a configuration with a space",
      "run -A --config /a/d.json main.ts",
      "--config=/a/d.json",
    ],
    ["takes a configuration with =", "run --config=/a/d.json main.ts", "--config=/a/d.json"],
    ["takes -c", "run -c /a/d.json main.ts", "--config=/a/d.json"],
    ["takes -c with =", "run -c=/a/d.json main.ts", "--config=/a/d.json"],
    ["takes -c with its value", "run -c/a/d.json main.ts", "--config=/a/d.json"],
    ["takes -c joined with others", "run -Aqc /a/d.json main.ts", "--config=/a/d.json"],
    ["makes a relative file absolute", "run -c d.json main.ts", `--config=${cwd}/d.json`],
    ["keeps a URL", "run --import-map=https://a.b/m.json m.ts", "--import-map=https://a.b/m.json"],
    ["takes flags without value", "run --no-config --no-lock m.ts", "--no-config --no-lock"],
    ["takes --frozen", "run --frozen m.ts", "--frozen"],
    ["takes --frozen=false", "run --frozen=false m.ts", "--frozen=false"],
    ["takes --lock without a file", "run --lock --quiet m.ts", "--lock"],
    ["takes --lock with a file", "run --lock /a/l.json -A m.ts", "--lock=/a/l.json"],
    ["takes --lock with =", "run --lock=/a/l.json m.ts", "--lock=/a/l.json"],
    ["takes --v8-flags", "run --v8-flags=--a,--b m.ts", "--v8-flags=--a,--b"],
    [
      "takes --unstable-kv and the like",
      "run --unstable-kv --unstable m.ts",
      "--unstable-kv --unstable",
    ],
    ["takes --node-modules-dir", "run --node-modules-dir=manual m.ts", "--node-modules-dir=manual"],
    ["leaves permissions", "run --allow-read=/a --allow-net -R -A --no-prompt m.ts", ""],
    ["leaves --watch, --check and --inspect", "run --watch --check --inspect-brk=1 m.ts", ""],
    ["ends at the script", "run m.ts --config /a/d.json --no-lock", ""],
    ["ends at --", "run -- m.ts --no-lock", ""],
    ["works without a subcommand", "--no-lock m.ts", "--no-lock"],
    ["takes the word run for a script the second time", "run run --no-lock", ""],
    ["passes a log level", "run --log-level debug -c /a/d.json m.ts", "--config=/a/d.json"],
    ["passes a short log level", "run -L debug --no-lock m.ts", "--no-lock"],
    ["passes flags before the subcommand", "-q run --no-lock m.ts", "--no-lock"],
    ["passes the flags of test", "test -A --filter run --no-lock tests/", "--no-lock"],
    ["passes the flags of serve", "serve --port 80 --no-lock m.ts", "--no-lock"],
    ["keeps the order", "run --seed 1 --cert /c --seed=2 m.ts", "--seed=1 --cert=/c --seed=2"],
    ["takes a flag whose value is missing", "run --config", "--config"],
  ] as const
) {
  Deno.test(`flagsOf() ${what}`, () => {
    const words = (text: string) => text.split(" ").filter((word) => word !== "");

    assertEquals(flagsOf(words(line)), words(expected));
  });
}

Deno.test("flagsOf() keeps spaces within a value", () => {
  assertEquals(flagsOf(["run", "--config", "/a b/d.json", "m.ts"]), ["--config=/a b/d.json"]);
});
