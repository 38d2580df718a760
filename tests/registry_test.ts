// Copyright 2026 the Weft authors. MIT license.

// A program elsewhere that has this library from a registry, as JSR would serve it.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { writePackage } from "../tools/directory_registry.ts";
import { readOwnPackage } from "../tools/own_package.ts";
import { serveRegistry } from "../tools/serve_registry.ts";
import { runProgram, TemporaryFolder, toFileUrl } from "./process/_helpers.ts";

const program = {
  "deno.json": JSON.stringify({
    lock: false,
    imports: {
      "@weft/concurrency": "jsr:@weft/concurrency@^0.1",
      "#greet": "./greet.ts",
    },
  }),
  "greet.ts": `export const greet = (name: string): string => "Hello " + name;`,
  "main.ts": `
    import { Process, task, Thread } from "@weft/concurrency";
    import { Process as FromModule } from "jsr:@weft/concurrency@^0.1/process";
    import { greet } from "#greet";

    export const work = task(import.meta, (name: string) => greet(name));
    export const inChild = task(import.meta, (name: string) => Process.spawn(work, name).join());

    if (import.meta.main) {
      if (Process !== FromModule) throw new Error("Loaded twice");
      const processes = [Process.spawn(work, "process"), Process.spawn(inChild, "grandchild")];
      const threads = [Thread.spawn(work, "thread"), Thread.spawn(inChild, "child of a thread")];
      console.log(await Promise.all([...processes, ...threads].map((one) => one.join())));
    }
  `,
};
const printed =
  `[ "Hello process", "Hello grandchild", "Hello thread", "Hello child of a thread" ]`;

async function writeRegistry(folder: TemporaryFolder): Promise<string> {
  await writePackage(folder.path, await readOwnPackage());
  return folder.path;
}

async function assertRuns(
  project: TemporaryFolder,
  registry: string,
  flags: string[],
): Promise<void> {
  const { stdout, stderr } = await runProgram(project.file("main.ts"), {
    flags,
    cwd: "/",
    env: { JSR_URL: registry, DENO_DIR: project.file(".cache") },
  });

  const errors = stderr.split("\n").filter((line) => line !== "" && !/^Download/.test(line));
  assertEquals([stdout.replace(/\s+/g, " ").trim(), errors], [printed, []]);
}

const flagSets = [["-A"], ["--allow-run", "--allow-net=127.0.0.1", "--allow-read"]];

for (const flags of flagSets) {
  Deno.test(`Process and Thread run when Weft is loaded over http, with ${flags.join(" ")}`, async () => {
    using folder = new TemporaryFolder();
    using project = new TemporaryFolder();
    project.write(program);
    await using server = serveRegistry(await writeRegistry(folder));

    await assertRuns(project, server.url, flags);
  });

  Deno.test(`Process and Thread run when Weft is loaded from a folder, with ${flags.join(" ")}`, async () => {
    using folder = new TemporaryFolder();
    using project = new TemporaryFolder();
    project.write(program);

    await assertRuns(project, `${toFileUrl(await writeRegistry(folder)).href}/`, flags);
  });
}

Deno.test("Process and Thread run with a frozen lockfile, and leave it alone", async () => {
  using folder = new TemporaryFolder();
  using project = new TemporaryFolder();
  const config = { ...JSON.parse(program["deno.json"]), lock: true };
  project.write({ ...program, "deno.json": JSON.stringify(config) });
  await using server = serveRegistry(await writeRegistry(folder));
  await assertRuns(project, server.url, ["-A"]);
  const lock = Deno.readTextFileSync(project.file("deno.lock"));

  await assertRuns(project, server.url, ["-A", "--frozen"]);

  assertStringIncludes(lock, "jsr:@weft/concurrency");
  assertEquals(Deno.readTextFileSync(project.file("deno.lock")), lock);
});

Deno.test("Process and Thread run offline when the program was installed before", async () => {
  using folder = new TemporaryFolder();
  using project = new TemporaryFolder();
  project.write(program);
  await using server = serveRegistry(await writeRegistry(folder));
  const env = { JSR_URL: server.url, DENO_DIR: project.file(".cache") };
  await runProgram(project.file("main.ts"), { subcommand: ["cache"], flags: [], cwd: "/", env });
  const count = server.requests.length;

  await assertRuns(project, server.url, ["-A", "--cached-only"]);

  assertEquals(server.requests.slice(count), []);
});
