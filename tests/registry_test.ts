// Copyright 2026 the Weft authors. MIT license.

// A program elsewhere that has this library from a registry, as JSR would serve it.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import config from "../deno.json" with { type: "json" };
import { writePackage } from "../tools/directory_registry.ts";
import { readOwnPackage } from "../tools/own_package.ts";
import { type RegistryServer, serveRegistry } from "../tools/serve_registry.ts";
import { type ProgramResult, runProgram, TemporaryFolder, toFileUrl } from "./process/_helpers.ts";

const program = {
  "deno.json": JSON.stringify({
    lock: false,
    imports: {
      "@weft/concurrency": `jsr:@weft/concurrency@^${config.version}`,
      "#greet": "./greet.ts",
    },
  }),
  "greet.ts": `export const greet = (name: string): string => "Hello " + name;`,
  "main.ts": `
    import { Process, task, Thread } from "@weft/concurrency";
    import { Process as FromModule } from "jsr:@weft/concurrency@^${config.version}/process";
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
const leastFlags = ["--allow-run", "--allow-net=127.0.0.1", "--allow-read"];
const printed =
  `[ "Hello process", "Hello grandchild", "Hello thread", "Hello child of a thread" ]`;

async function writeRegistry(folder: TemporaryFolder): Promise<string> {
  await writePackage(folder.path, await readOwnPackage());
  return folder.path;
}

/** What a program printed to stderr, but for what was downloaded. */
function complaints(stderr: string): string[] {
  return stderr.split("\n").filter((line) => line !== "" && !/^Download/.test(line));
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

  assertEquals([stdout.replace(/\s+/g, " ").trim(), complaints(stderr)], [printed, []]);
}

Deno.test("Process and Thread run when Weft is loaded over http, with -A", async () => {
  using folder = new TemporaryFolder();
  using project = new TemporaryFolder();
  project.write(program);
  await using server = serveRegistry(await writeRegistry(folder));

  await assertRuns(project, server.url, ["-A"]);
});

Deno.test("Process and Thread run when Weft is loaded from a folder, with the least permissions", async () => {
  using folder = new TemporaryFolder();
  using project = new TemporaryFolder();
  project.write(program);

  await assertRuns(project, `${toFileUrl(await writeRegistry(folder)).href}/`, leastFlags);
});

Deno.test("Process and Thread run with a frozen lockfile, and leave it alone", async () => {
  using folder = new TemporaryFolder();
  using project = new TemporaryFolder();
  const locked = { ...JSON.parse(program["deno.json"]), lock: true };
  project.write({ ...program, "deno.json": JSON.stringify(locked) });
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

const fixtures = new URL("fixtures/", import.meta.url);
const consumerConfig = {
  lock: false,
  imports: {
    "@weft/concurrency": `jsr:@weft/concurrency@^${config.version}`,
    "weft/": `jsr:/@weft/concurrency@^${config.version}/`,
    "lib/": "./lib/",
    "#greet": "./lib/greet.ts",
  },
};

/** Reads the modules of a folder of fixtures and of those below it. */
function readModules(folder: URL, prefix = ""): Record<string, string> {
  const files: Record<string, string> = {};
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) {
      Object.assign(files, readModules(new URL(`${name}/`, folder), `${prefix}${name}/`));
    } else {
      files[prefix + name] = Deno.readTextFileSync(new URL(name, folder));
    }
  }
  return files;
}

/** Runs a subcommand of Deno in the folder of a project that has Weft from a registry. */
function runIn(
  project: TemporaryFolder,
  server: RegistryServer,
  [subcommand, ...words]: string[],
): Promise<ProgramResult> {
  return runProgram(words.pop()!, {
    subcommand: [subcommand!],
    flags: words,
    cwd: project.path,
    env: { JSR_URL: server.url, DENO_DIR: project.file(".cache") },
  });
}

Deno.test("A project elsewhere with its own import map uses each module, with and without ffi", async () => {
  using folder = new TemporaryFolder();
  using project = new TemporaryFolder();
  project.write(readModules(new URL("consumer/", fixtures)));
  project.write({ "deno.json": JSON.stringify(consumerConfig) });
  await using server = serveRegistry(await writeRegistry(folder));
  const expected = {
    loadedTwice: [],
    greetings: [
      "Hello thread",
      "Hello process",
      "Hello process of a thread",
      "Hello thread of a process",
      "Hello class",
    ],
    doubled: [[2, 4], [2, 4], [2, 4]],
    ofThreads: [1, "Hello parent"],
    ofProcesses: [
      "NotCapable",
      "Cannot share memory with other processes as it requires ffi access: " +
      "run again with the --allow-ffi flag",
    ],
    greeting: "Hello manager",
  };

  const without = await runIn(project, server, ["run", ...leastFlags, "main.ts"]);
  const withFfi = await runIn(project, server, ["run", ...leastFlags, "--allow-ffi", "main.ts"]);

  assertEquals([without.code, complaints(without.stderr)], [0, []]);
  assertEquals(JSON.parse(without.stdout), expected);
  assertEquals([withFfi.code, complaints(withFfi.stderr)], [0, []]);
  assertEquals(JSON.parse(withFfi.stdout), { ...expected, ofProcesses: [2, "Hello parent"] });
});

Deno.test("The types as published accept what is right and refuse each line that is wrong", async () => {
  using folder = new TemporaryFolder();
  using project = new TemporaryFolder();
  const modules = {
    ...readModules(new URL("consumer/", fixtures)),
    ...readModules(new URL("types/", fixtures), "types/"),
  };
  project.write({ ...modules, "deno.json": JSON.stringify(consumerConfig) });
  await using server = serveRegistry(await writeRegistry(folder));
  const wrong = Object.entries(modules).flatMap(([name, text]) =>
    text.split("\n").flatMap((line, i) => line.includes("// BAD ") ? [`${name}:${i + 1}`] : [])
  );

  const { code, stderr } = await runIn(project, server, ["check", ...Object.keys(modules)]);

  const here = toFileUrl(`${project.path}/`).href;
  const reported = [...stderr.matchAll(/^ {4}at (\S+):(\d+):\d+/gm)]
    .filter(([, file]) => file!.startsWith(here))
    .map(([, file, line]) => `${file!.slice(here.length)}:${line}`);
  assertEquals(code, 1);
  assert(wrong.length > 50);
  assertEquals([...new Set(reported)].sort(), wrong.sort(), stderr);
});

/** What the README tells a newcomer: how to install, the first program, and how to run it. */
function readFirstSteps(): { install: string[]; example: string; run: string[] } {
  const text = Deno.readTextFileSync(fileURLToPath(new URL("../README.md", import.meta.url)));
  const blocks = [...text.matchAll(/^```(sh|ts)\n([^]*?)^```/gm)]
    .map(([, language, code]) => ({ language, code: code! }));
  const commands = (code: string) => code.split("\n").map((line) => line.split(/\s+/));
  const first = blocks.findIndex(({ language, code }) =>
    language === "ts" && code.includes("import.meta.main")
  );
  const after = blocks.slice(first + 1).find(({ language }) => language === "sh");
  const install = blocks.filter(({ language }) => language === "sh")
    .flatMap(({ code }) => commands(code))
    .find(([name, subcommand]) => name === "deno" && subcommand === "add");
  const run = commands(after!.code).find(([name]) => name === "deno");
  return { install: install!.slice(1), example: blocks[first]!.code, run: run!.slice(1) };
}

Deno.test("The first example of the README runs in an empty folder by its two commands", async () => {
  using folder = new TemporaryFolder();
  using project = new TemporaryFolder();
  const { install, example, run } = readFirstSteps();
  await using server = serveRegistry(await writeRegistry(folder));

  const added = await runIn(project, server, [...install]);
  project.write({ [run.at(-1)!]: example });
  const { code, stdout, stderr } = await runIn(project, server, [...run]);

  assertEquals(added.code, 0, added.stderr);
  assertEquals(JSON.parse(Deno.readTextFileSync(project.file("deno.json"))), {
    imports: { "@weft/concurrency": `jsr:@weft/concurrency@^${config.version}` },
  });
  assertEquals([code, complaints(stderr), stdout], [0, [], "832040 1346269\n"]);
});
