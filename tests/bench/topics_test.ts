// Copyright 2026 the Weft authors. MIT license.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { topics as peerTopics } from "../../bench/peers/topics.ts";
import { topics } from "../../bench/report/topics.ts";
import { deno } from "../tools/_helpers.ts";

const bench = new URL("../../bench/", import.meta.url);

Deno.test("topics have each file of benches once", async () => {
  const files: string[] = [];
  for await (const { name } of Deno.readDir(bench)) {
    if (name.endsWith("_bench.ts")) files.push(new URL(name, bench).href);
  }

  const listed = Object.values(topics).flatMap(({ benches }) => benches.map(({ href }) => href));

  assertEquals(listed.toSorted(), files.toSorted());
});

Deno.test("topics have all that is measured beside peers", () => {
  assertEquals(Object.keys(topics).toSorted(), Object.keys(peerTopics).toSorted());
});

Deno.test("bench:report refuses topics that there are not, and rounds that are no number", async () => {
  const main = new URL("report/main.ts", bench).href;

  const topic = await deno(["run", "--allow-read", main, "lock"]);
  const rounds = await deno(["run", "--allow-read", main, "--rounds=few"]);

  assertEquals([topic.code, rounds.code], [2, 2]);
  assertStringIncludes(topic.stderr, "No topic of this name: lock; there are pools,");
  assertStringIncludes(rounds.stderr, "Cannot measure so many rounds: few");
});
