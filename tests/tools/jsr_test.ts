// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { serveRegistry } from "../../tools/serve_registry.ts";
import { ensureStdRegistry } from "../../tools/std_registry.ts";
import { deno, type DenoResult, TemporaryFolder } from "./_helpers.ts";

const TOOL = new URL("../../tools/jsr.ts", import.meta.url).href;

const CONSUMER = {
  "deno.json": JSON.stringify({
    imports: { "@std/assert": "jsr:@std/assert@^1", "@std/testing": "jsr:@std/testing@^1" },
    lock: false,
  }),
  "main.ts": `
    import { assert, assertThrows } from "@std/assert";
    import { assertEquals } from "@std/assert/equals";
    import { FakeTime } from "@std/testing/time";

    const found: number | undefined = [1, 2].find((n) => n > 1);
    assert(found !== undefined);
    assertEquals(found + 1, 3);
    const error: RangeError = assertThrows(() => { throw new RangeError("no"); }, RangeError);
    using time = new FakeTime(0);
    time.tick(5);
    console.log(error.message, Date.now());
  `,
  "wrong.ts": `
    import { assertEquals } from "@std/assert";
    assertEquals(1, "1");
  `,
};

function runTool(jsrUrl: string, env: Record<string, string> = {}): Promise<DenoResult> {
  return deno(["run", "-A", TOOL], { env: { JSR_URL: jsrUrl, ...env } });
}

function closedPort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function assertConsumerWorks(jsrUrl: string): Promise<void> {
  await using project = new TemporaryFolder();
  await project.write(CONSUMER);
  const options = {
    cwd: project.path,
    env: { JSR_URL: jsrUrl, DENO_DIR: `${project.path}/cache` },
  };

  const right = await deno(["run", "--check", "main.ts"], options);
  const wrong = await deno(["check", "wrong.ts"], options);

  assertEquals(right.stdout, "no 5\n", right.stderr);
  assertEquals(wrong.code, 1);
  assertStringIncludes(wrong.stderr, "not assignable to parameter of type 'number'");
}

Deno.test("jsr.ts prints the address of JSR when it answers", async () => {
  await using server = serveRegistry(await ensureStdRegistry());

  const { code, stdout, stderr } = await runTool(server.url);

  assertEquals([code, stdout], [0, `${server.url}\n`]);
  assertEquals(stderr, `@std comes from JSR, ${server.url}\n`);
  assertEquals(server.requests, ["/@std/assert/meta.json"]);
});

Deno.test("jsr.ts prints a directory registry when nothing answers", async () => {
  const { code, stdout, stderr } = await runTool(`http://127.0.0.1:${closedPort()}`);

  assertEquals(code, 0, stderr);
  assertMatch(stdout, /^file:\/\/\/.+\/\n$/);
  assertMatch(stderr, /^@std comes from npm:deno-std@\S+ as http:\S+ does not answer\n$/);
});

Deno.test("jsr.ts takes no page for JSR that answers every address alike", async () => {
  const page = () => new Response("<h1>Log in</h1>", { headers: { "content-type": "text/html" } });
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, page);

  const { stdout } = await runTool(`http://127.0.0.1:${server.addr.port}`);

  assertMatch(stdout, /^file:/);
});

Deno.test("jsr.ts waits no longer than its patience for an answer", async () => {
  // Connections are accepted by the system, and never read.
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });

  const { stdout } = await runTool(`http://127.0.0.1:${listener.addr.port}`);

  assertMatch(stdout, /^file:/);
});

Deno.test("jsr.ts keeps a file URL of JSR_URL", async () => {
  const { stdout } = await runTool("file:///some/registry/");

  assertEquals(stdout, "file:///some/registry/\n");
});

Deno.test("jsr.ts builds one registry when two runs start with an empty cache", async () => {
  await using cache = new TemporaryFolder();
  const jsrUrl = `http://127.0.0.1:${closedPort()}`;
  const env = { XDG_CACHE_HOME: cache.path };

  const [first, second] = await Promise.all([runTool(jsrUrl, env), runTool(jsrUrl, env)]);

  assertEquals([first.code, second.code], [0, 0], first.stderr + second.stderr);
  assertEquals(first.stdout, second.stdout);
  const left = await Array.fromAsync(Deno.readDir(`${cache.path}/weft`), (entry) => entry.name);
  assertEquals(left.length, 1, left.join());
  assert(first.stdout.includes(left[0]!));
});

Deno.test("jsr.ts says why it cannot build when npm does not answer either", async () => {
  await using cache = new TemporaryFolder();
  const nowhere = `http://127.0.0.1:${closedPort()}`;
  const env = {
    XDG_CACHE_HOME: cache.path,
    DENO_DIR: `${cache.path}/deno`,
    NPM_CONFIG_REGISTRY: nowhere,
  };

  const { code, stdout, stderr } = await runTool(nowhere, env);

  assertEquals([code, stdout], [1, ""]);
  assertStringIncludes(stderr, `Cannot install npm package "deno-std@`);
  assertEquals(await Array.fromAsync(Deno.readDir(`${cache.path}/weft`)), []);
});

Deno.test("The directory registry serves a project that imports @std from its file URL", async () => {
  const { stdout } = await runTool(`http://127.0.0.1:${closedPort()}`);

  await assertConsumerWorks(stdout.trim());
});

Deno.test("The directory registry serves a project that imports @std over http", async () => {
  await using server = serveRegistry(await ensureStdRegistry());

  await assertConsumerWorks(server.url);
});
