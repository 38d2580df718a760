// Copyright 2026 the Weft authors. MIT license.

// A compiled program and one that was installed or vendored hold the modules of the static graph alone,
// so those that this library loads only when it needs them must be part of it.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { handleModule } from "../channel/codec.ts";
import config from "../deno.json" with { type: "json" };
import { linuxOnly, TemporaryFolder } from "./process/_helpers.ts";
import { deno } from "./tools/_helpers.ts";

const root = new URL("../", import.meta.url);

/** The kinds of handles, by the entries that have what makes them. */
const kinds: Record<string, string[]> = {
  "./sync": [
    "barrier",
    "bounded-semaphore",
    "condition",
    "event",
    "lock",
    "rlock",
    "rwlock",
    "semaphore",
    "shared-array",
    "shared-memory",
    "shared-value",
  ],
  "./channel": ["channel", "connection", "lifo-queue", "priority-queue", "queue"],
  "./cluster": ["frozen-set", "manager-proxy", "tuple"],
};
kinds["."] = Object.values(kinds).flat();

/** The modules of the graph of an entry of this package. */
async function graphOf(entry: string): Promise<Set<string>> {
  const { stdout } = await deno(["info", "--json", new URL(entry, root).href]);
  const { modules } = JSON.parse(stdout) as { modules: { specifier: string }[] };
  return new Set(modules.map(({ specifier }) => specifier));
}

/** The modules whose addresses a module makes, for the runtime to load them. */
async function namedBy(module: string): Promise<string[]> {
  const source = await Deno.readTextFile(new URL(module));
  const named = /^[^*\n]*(?:new URL|import\.meta\.resolve)\("(\.{1,2}\/[^"]+)"/gm;
  return [...source.matchAll(named)].map(([, path]) => new URL(path!, module).href);
}

for (const [entry, file] of Object.entries(config.exports)) {
  Deno.test(`The module graph of ${entry} holds what its modules load later`, async () => {
    const graph = await graphOf(file);

    const own = [...graph].filter((module) => module.startsWith(root.href));
    const named = (await Promise.all(own.map(namedBy))).flat();
    const handles = (kinds[entry] ?? []).map((kind) => handleModule(kind));

    assertEquals([...named, ...handles].filter((module) => !graph.has(module!)), []);
  });
}

Deno.test("The modules of threads and processes are named where the tests of graphs look", async () => {
  const launchers = ["thread/_main_launcher.ts", "process/_spawn.ts"];

  const named = await Promise.all(launchers.map((file) => namedBy(new URL(file, root).href)));

  assertEquals(named.map((urls) => [...new Set(urls)]), [
    [new URL("thread/worker.ts", root).href],
    [new URL("process/child.ts", root).href],
  ]);
});

Deno.test("The tests of graphs know all kinds of handles", async () => {
  const source = await Deno.readTextFile(new URL("channel/codec.ts", root));
  const table = /handleModules[^{]*\{([^}]*)\}/.exec(source)![1]!;

  const listed = [...table.matchAll(/^ +"?([a-z-]+)"?: /gm)].map(([, kind]) => kind);

  assertEquals(listed.sort(), kinds["."]!.toSorted());
});

Deno.test(
  "deno compile puts the modules of threads and processes into the binary",
  linuxOnly,
  async () => {
    using folder = new TemporaryFolder();
    folder.write({
      "main.ts": `
      import { freezeSupport, ProcessPool } from ${JSON.stringify(new URL("mod.ts", root).href)};
      if (import.meta.main && !freezeSupport()) new ProcessPool().close();
    `,
    });

    // It appends the program to any executable: this one, as the one that would run it is not here.
    const { stderr } = await deno([
      "compile",
      "--no-check",
      "--allow-run",
      "--allow-net=127.0.0.1",
      "--allow-env=WEFT_CHILD",
      `--output=${folder.file("program")}`,
      folder.file("main.ts"),
    ], { env: { DENORT_BIN: "/bin/sh" } });

    assertStringIncludes(stderr, "Embedded Files");
    const program = new TextDecoder().decode(await Deno.readFile(folder.file("program")));
    for (const name of ["worker.ts", "child.ts", "_pool_worker.ts", "freeze_support.ts"]) {
      assert(program.includes(`"n":"${name}"`), name);
    }
  },
);
