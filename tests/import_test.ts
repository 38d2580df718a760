// Copyright 2026 the Weft authors. MIT license.

// What importing the package costs: every program waits for it, and so does each thread and each child process whose
// task is in a module that imports it.

import { assert, assertEquals } from "@std/assert";

/** The most modules that the root loads at once; it has 260. Most of the time goes by their number, not their size. */
const most = 273;

/** Files that talk over a network, or read and write what goes there. */
const network =
  /^_(?:amqp|cluster_(?:broker|events|redis|service|worker)|frames|handshake|manager|npm|pickle|redis|served)/;

const root = new URL("../", import.meta.url);
const graph = await readGraph();

/** What each module that the root can load imports when it runs. */
async function readGraph(): Promise<Map<string, { to: string; isLate: boolean }[]>> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", new URL("mod.ts", root).href],
  }).output();
  const { modules }: {
    modules: {
      specifier: string;
      dependencies?: { code?: { specifier?: string }; isDynamic?: boolean }[];
    }[];
  } = JSON.parse(new TextDecoder().decode(stdout));
  return new Map(modules.map(({ specifier, dependencies = [] }) => [
    specifier,
    dependencies.flatMap(({ code, isDynamic = false }) =>
      code?.specifier === undefined ? [] : [{ to: code.specifier, isLate: isDynamic }]
    ),
  ]));
}

/** The modules that the root leads to, from the root of the project; those that a call loads are late. */
function reached({ late }: { late: boolean }): string[] {
  const found = new Set([new URL("mod.ts", root).href]);
  for (const specifier of found) {
    for (const { to, isLate } of graph.get(specifier) ?? []) {
      if (late || !isLate) found.add(to);
    }
  }
  return [...found].map((specifier) => specifier.replace(root.href, ""));
}

Deno.test(`The root loads at most ${most} modules at once, as every program, thread and child waits for them`, () => {
  const { length } = reached({ late: false });

  assert(length <= most, `it loads ${length}`);
  assert(length > most / 2, `it seems to load only ${length}`);
});

Deno.test("The root loads nothing of node at once, as that takes milliseconds", () => {
  assertEquals(reached({ late: false }).filter((module) => module.startsWith("node:")), []);
});

Deno.test("What cluster needs a network for is loaded by the first use, and known before", () => {
  const files = [...Deno.readDirSync(new URL("cluster/", root))].map(({ name }) => name)
    .filter((name) => network.test(name)).map((name) => `cluster/${name}`);
  const atOnce = new Set(reached({ late: false }));
  const all = new Set(reached({ late: true }));

  assert(files.length > 30, `found only ${files.length} files`);
  assertEquals(files.filter((file) => atOnce.has(file)), []);
  // Else `deno compile` would leave them out, and a program without permission to read could not load them.
  assertEquals(files.filter((file) => !all.has(file)), []);
});
