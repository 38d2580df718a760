// Copyright 2026 the Weft authors. MIT license.

// A permission that is missing is no outage: nobody waits for it to end.

import { assertEquals } from "@std/assert";

async function linesOf(kind: string, ...flags: string[]): Promise<string[]> {
  const name = kind === "manager" ? "manager_program_denied" : "broker_program_denied";
  const program = new URL(`../fixtures/${name}.ts`, import.meta.url);
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", ...flags, program.href, kind],
  }).output();
  const text = new TextDecoder();
  assertEquals(text.decode(stderr).replaceAll(/^Download.*\n/gm, ""), "");
  return text.decode(stdout).trim().split("\n");
}

function denied(scheme: string, rest: string): string[] {
  return Array(3).fill(`NotCapable: Cannot connect to ${scheme}://127.0.0.1:1: ${rest}`);
}

Deno.test("RedisQueue says at once that --allow-net is missing", async () => {
  const lines = await linesOf("redis", "--allow-env");

  const flag = 'Requires net access to "127.0.0.1:1", run again with the --allow-net flag';
  assertEquals(lines, denied("redis", flag));
});

Deno.test("RedisQueue says at once that --allow-env is missing", async () => {
  const lines = await linesOf("redis", "--allow-net=127.0.0.1:1");

  assertEquals(lines, denied("redis", "Requires env access, run again with the --allow-env flag"));
});

Deno.test("AmqpQueue says at once that --allow-net is missing", async () => {
  const lines = await linesOf("amqp");

  const flag = 'Requires net access to "127.0.0.1:1", run again with the --allow-net flag';
  assertEquals(lines, denied("amqp", flag));
});

Deno.test("connectManager() says that --allow-net is missing", async () => {
  const lines = await linesOf("manager");

  const flag = 'Requires net access to "127.0.0.1:1", run again with the --allow-net flag';
  assertEquals(lines, [`NotCapable: ${flag}`]);
});
