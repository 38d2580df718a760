// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";

const main = new URL("fixtures/demo_main.ts", import.meta.url).href;

/** Runs the demo with scenarios from `fixtures/` in place of its own. */
async function demo(
  scenarios: readonly string[],
  args: readonly string[] = [],
  env: Record<string, string> = {},
) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", main, ...scenarios, "--", ...args],
    stdin: "null",
    env,
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

Deno.test("demo() exits with 0 and a summary when every scenario holds", async () => {
  const { code, stdout, stderr } = await demo(["holding", "folder"]);

  assertEquals(code, 0, stdout + stderr);
  assertEquals(stderr, "");
  assertStringIncludes(stdout, "✓ one is one");
  assertMatch(stdout, /^holding +S0\.1 +one is one +1 +\S+ m?s +ok$/m);
  assertStringIncludes(stdout, "2 scenarios, 2 ok, 0 failed");
});

Deno.test("demo() aligns what a scenario prints by columns of the terminal", async () => {
  const { stdout } = await demo(["holding"]);

  assertStringIncludes(stdout, "  │ 名字                egon\n  │ name                jia\n");
});

Deno.test("demo() exits with 1 when a claim does not hold, and goes on with the next", async () => {
  const { code, stdout } = await demo(["failing", "holding"]);

  assertEquals(code, 1);
  assertStringIncludes(stdout, "✗ one is two: found { one: 1 }");
  assertMatch(stdout, /^failing .*one is two.* failed$/m);
  assertMatch(stdout, /^holding .* ok$/m);
  assertStringIncludes(stdout, "2 scenarios, 1 ok, 1 failed");
});

Deno.test("demo() fails a scenario that throws an error", async () => {
  const { code, stdout } = await demo(["throwing"]);

  assertEquals(code, 1);
  assertStringIncludes(stdout, "✗ RangeError: out of range");
});

Deno.test("demo() fails a scenario that checks nothing", async () => {
  const { code, stdout } = await demo(["unchecked"]);

  assertEquals(code, 1);
  assertStringIncludes(stdout, "unchecked checked nothing");
});

Deno.test("demo() tells why a scenario is skipped, which is no failure", async () => {
  const { code, stdout } = await demo(["skipping", "holding"]);

  assertEquals(code, 0, stdout);
  assertStringIncludes(stdout, "  – there is no such machine\n  skipped ");
  assertMatch(stdout, /^skipping +S0\.1 +there is no such machine +0 +\S+ m?s +skipped$/m);
  assertStringIncludes(stdout, "2 scenarios, 1 ok, 0 failed, 1 skipped");
});

Deno.test("demo() counts what a scenario checked before it was skipped", async () => {
  const { code, stdout } = await demo(["skipping_rest"]);

  assertEquals(code, 0, stdout);
  assertStringIncludes(stdout, "✓ one is one");
  assertMatch(stdout, /^skipping_rest +S0\.1 +there is no more +1 +\S+ m?s +skipped$/m);
});

Deno.test("demo() fails a scenario that failed before it was skipped", async () => {
  const { code, stdout } = await demo(["skipping_late"]);

  assertEquals(code, 1, stdout);
  assertMatch(stdout, /^skipping_late .*exit code 3.* failed$/m);
});

Deno.test("a scenario that is run by itself tells why it is skipped", async () => {
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", new URL("fixtures/skipping.ts", import.meta.url).href],
  }).output();

  assertEquals(code, 0);
  assertEquals(new TextDecoder().decode(stdout), "– skipped: there is no such machine\n");
});

Deno.test("demo() fails a scenario that ends before it is done", async () => {
  const { code, stdout } = await demo(["exiting"]);

  assertEquals(code, 1);
  assertStringIncludes(stdout, "its program ended before it was done");
});

Deno.test("demo() gives a scenario no permission that it does not name", async () => {
  const { code, stdout } = await demo(["denied"]);

  assertEquals(code, 1);
  assertStringIncludes(stdout, "NotCapable: Requires read access");
});

Deno.test("demo() ends a scenario that hangs, with its children", async () => {
  const { code, stdout } = await demo(["hanging"]);

  assertEquals(code, 1);
  assertStringIncludes(stdout, "✗ it hung: ended after 1.5 s");
  // Its child holds the output open, so had it lived the demo would have waited for it.
  const time = Number(stdout.match(/failed (\d\.\d+) s/)?.[1]);
  assert(time < 5, stdout);
});

Deno.test("demo() fails a scenario that leaves a process behind", async () => {
  const { code, stdout } = await demo(["leaking"]);

  assertEquals(code, 1);
  assertStringIncludes(stdout, "it left a process behind");
});

Deno.test("demo() removes the folder of a scenario", async () => {
  const { stdout } = await demo(["folder"]);

  const folder = stdout.match(/folder=(\S+)/)![1]!;
  assertEquals(await Deno.stat(folder).catch((error) => error.name), "NotFound");
});

Deno.test("demo() lists the scenarios and runs none with --list", async () => {
  const { code, stdout } = await demo(["holding", "failing"], ["--list"]);

  assertEquals(code, 0);
  assertEquals(stdout.split("\n").map((line) => line.split("  ")[0]), [
    "scenario",
    "────────",
    "holding",
    "failing",
    "",
  ]);
});

Deno.test("demo() exits with 2 and the closest match for an unknown name", async () => {
  const { code, stdout, stderr } = await demo(["holding", "failing"], ["holdin"]);

  assertEquals(code, 2);
  assertEquals(stdout, "");
  assertStringIncludes(stderr, 'There is no scenario "holdin": did you mean "holding"?');
});

Deno.test("demo() runs only what is named, in that order", async () => {
  const { code, stdout } = await demo(
    ["failing", "holding", "folder"],
    ["folder", "holding", "--scale", "0.02"],
  );

  assertEquals(code, 0, stdout);
  assert(stdout.indexOf("1/2 folder") < stdout.indexOf("2/2 holding"), stdout);
  assertStringIncludes(stdout, "a second of the tutorials lasts 20 ms");
});

Deno.test("demo() writes plain text into a pipe", async () => {
  const { stdout } = await demo(["holding", "failing"]);

  // deno-lint-ignore no-control-regex -- the very thing that must not be there
  assert(!/[\x1b\r\x1e]/.test(stdout), stdout);
});

/** Runs the demo on a terminal that `script` makes up. */
async function demoOnTerminal(scenario: string, env: Record<string, string>): Promise<string> {
  const command = [Deno.execPath(), "run", "-A", main, scenario, "--"].join(" ");
  const { stdout } = await new Deno.Command("script", {
    args: ["--quiet", "--command", command, "/dev/null"],
    stdin: "null",
    env,
  }).output();
  return new TextDecoder().decode(stdout);
}

const onLinux = { ignore: Deno.build.os !== "linux" };

Deno.test("demo() shows colours and a progress line on a terminal", onLinux, async () => {
  const output = await demoOnTerminal("holding", { NO_COLOR: "" });

  assertStringIncludes(output, "\x1b[32mok\x1b[39m");
  assertStringIncludes(output, "⠋ 1/1 holding · 0.0 s");
});

Deno.test("demo() shows no colours on a terminal with NO_COLOR", onLinux, async () => {
  const output = await demoOnTerminal("holding", { NO_COLOR: "1" });

  // deno-lint-ignore no-control-regex -- the very thing that must not be there
  assert(!/\x1b\[[\d;]*m/.test(output), output);
  assertStringIncludes(output, "⠋ 1/1 holding · 0.0 s");
});
