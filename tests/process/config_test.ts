// Copyright 2026 the Weft authors. MIT license.

// Programs of all kinds whose child processes must resolve modules as they do themselves.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { Process } from "../../process/mod.ts";
import { task } from "../../task/mod.ts";
import { linuxOnly, type ProgramOptions, runProgram, TemporaryFolder } from "./_helpers.ts";

/** Where the configuration of a program says that this library is. */
const weft = Object.fromEntries(
  ["process", "task", "thread"].map((name) => [
    `@weft/concurrency/${name}`,
    import.meta.resolve(`../../${name}/mod.ts`),
  ]),
);
const imports = { ...weft, "#greet": "./greet.ts" };

/** A program that needs its import map, for this library and for a module of its own. */
const mainModule = `
  import { Process } from "@weft/concurrency/process";
  import { task } from "@weft/concurrency/task";
  import { Thread } from "@weft/concurrency/thread";
  import { greet } from "#greet";

  export const work = task(import.meta, (name) => greet(name));
  export const inChild = task(import.meta, (name) => Process.spawn(work, name).join());
  const tasks = { work, inChild };

  if (import.meta.main) {
    const [how, which] = Deno.args;
    console.log(await (how === "thread" ? Thread : Process).spawn(tasks[which], "Ada").join());
  }
`;
const greetModule = `export const greet = (name) => "Hello " + name;`;

/** The program in a folder, without configuration. */
function writeProgram(folder: TemporaryFolder, under = ""): void {
  folder.write({ [`${under}main.js`]: mainModule, [`${under}greet.ts`]: greetModule });
}

/** The code of a module with what its import map says. */
function withoutImportMap(code: string): string {
  for (const [name, url] of Object.entries(imports)) {
    code = code.replace(JSON.stringify(name), JSON.stringify(url));
  }
  return code;
}

async function assertRuns(script: string, options: ProgramOptions): Promise<void> {
  const { stdout, stderr } = await runProgram(script, { args: ["process", "work"], ...options });

  assertEquals([stdout, stderr], ["Hello Ada\n", ""]);
}

// Deno lets a program read its own command line only with all permissions.
const flagSets = [["-A"], ["--allow-run", "--allow-net=127.0.0.1", "--allow-read"]];

for (const flags of flagSets) {
  const suffix = flags[0] === "-A" ? "" : " with the least flags";

  for (const name of ["deno.json", "deno.jsonc"]) {
    Deno.test(`Process finds ${name} beside the main module from another directory${suffix}`, async () => {
      using folder = new TemporaryFolder();
      writeProgram(folder);
      folder.write({
        [name]: `${name === "deno.jsonc" ? "// JSONC\n" : ""}${JSON.stringify({ imports })}`,
      });

      await assertRuns(folder.file("main.js"), { flags, cwd: "/" });
    });
  }

  Deno.test(`Process finds deno.json above the main module${suffix}`, async () => {
    using folder = new TemporaryFolder();
    writeProgram(folder, "a/b c/");
    folder.write({
      "deno.json": JSON.stringify({ imports: { ...weft, "#greet": "./a/b c/greet.ts" } }),
    });

    await assertRuns(folder.file("a/b c/main.js"), { flags, cwd: "/" });
  });

  Deno.test(`Process finds the configuration in a folder with odd characters${suffix}`, async () => {
    using folder = new TemporaryFolder();
    const odd = `a #%41é,?'"b/`;
    writeProgram(folder, odd);
    folder.write({ [`${odd}deno.json`]: JSON.stringify({ imports }) });

    await assertRuns(folder.file(`${odd}main.js`), { flags, cwd: "/" });
  });

  Deno.test(`Process finds the configuration of a workspace member${suffix}`, async () => {
    using folder = new TemporaryFolder();
    writeProgram(folder, "member/");
    folder.write({
      "deno.json": JSON.stringify({ workspace: ["./member"], imports: weft }),
      "member/deno.json": JSON.stringify({ imports: { "#greet": "./greet.ts" } }),
    });

    await assertRuns(folder.file("member/main.js"), { flags, cwd: "/" });
  });

  for (const [what, config] of [["alone", undefined], ["and deno.json", "deno.json"]]) {
    Deno.test(`Process finds an npm package of a project with package.json ${what}${suffix}`, async () => {
      using folder = new TemporaryFolder();
      folder.write({
        "package.json": JSON.stringify({ type: "module", dependencies: { greet: "1.0.0" } }),
        "node_modules/greet/package.json": JSON.stringify({
          name: "greet",
          version: "1.0.0",
          type: "module",
          exports: "./greet.js",
        }),
        "node_modules/greet/greet.js": greetModule,
        "src/main.js": withoutImportMap(mainModule.replace("#greet", "greet")),
      });
      if (config !== undefined) folder.write({ [config]: JSON.stringify({ imports: weft }) });

      await assertRuns(folder.file("src/main.js"), { flags, cwd: "/" });
    });
  }

  for (
    const [what, args] of [
      ["a thread", ["thread", "inChild"]],
      ["a child process", ["process", "inChild"]],
    ] as const
  ) {
    Deno.test(`Process that ${what} starts finds the same configuration${suffix}`, async () => {
      using folder = new TemporaryFolder();
      writeProgram(folder);
      folder.write({ "deno.json": JSON.stringify({ imports }) });

      await assertRuns(folder.file("main.js"), { flags, args, cwd: "/" });
    });
  }

  Deno.test(`Process leaves the lockfile alone, also a frozen one${suffix}`, async () => {
    using folder = new TemporaryFolder();
    writeProgram(folder);
    const lock = `{\n  "version": "5"\n}\n`;
    folder.write({
      "deno.json": JSON.stringify({ imports, lock: { frozen: true } }),
      "deno.lock": lock,
    });

    const { stdout } = await runProgram(folder.file("main.js"), {
      args: ["process", "work"],
      flags,
      cwd: "/",
    });

    assertEquals(stdout, "Hello Ada\n");
    assertEquals(Deno.readTextFileSync(folder.file("deno.lock")), lock);
  });

  Deno.test(`Process writes no lockfile${suffix}`, async () => {
    using folder = new TemporaryFolder();
    writeProgram(folder);
    folder.write({ "deno.json": JSON.stringify({ imports }) });

    await assertRuns(folder.file("main.js"), { flags, cwd: folder.path });

    assertEquals(folder.names().includes("deno.lock"), false);
  });
}

for (
  const [what, flags] of [
    ["--config FILE", ["--config", "conf/elsewhere.json"]],
    ["--config=FILE", ["--config=conf/elsewhere.json"]],
    ["-c FILE", ["-c", "conf/elsewhere.json"]],
    ["-c=FILE", ["-c=conf/elsewhere.json"]],
    ["--import-map FILE", ["--import-map", "conf/elsewhere.json"]],
    ["--log-level before --config", ["--log-level", "info", "--config", "conf/elsewhere.json"]],
  ] as const
) {
  Deno.test(
    `Process has the configuration that the program is run with by ${what}`,
    linuxOnly,
    async () => {
      using folder = new TemporaryFolder();
      writeProgram(folder, "src/");
      folder.write({
        "conf/elsewhere.json": JSON.stringify({
          imports: { ...weft, "#greet": "../src/greet.ts" },
        }),
      });

      await assertRuns(folder.file("src/main.js"), { flags: ["-A", ...flags], cwd: folder.path });
    },
  );
}

Deno.test(
  "Process has the import map of the command line beside the nearest deno.json",
  linuxOnly,
  async () => {
    using folder = new TemporaryFolder();
    writeProgram(folder);
    folder.write({
      "deno.json": JSON.stringify({ imports: { "#greet": "./wrong.ts" } }),
      "map.json": JSON.stringify({ imports }),
    });

    await assertRuns(folder.file("main.js"), {
      flags: ["-A", `--import-map=${folder.file("map.json")}`],
      cwd: "/",
    });
  },
);

Deno.test(
  "Process has no configuration when the program is run with --no-config",
  linuxOnly,
  async () => {
    using folder = new TemporaryFolder();
    folder.write({
      "deno.json": JSON.stringify({ imports: { "data:text/javascript,": "./missing.ts" }, bad: 1 }),
      "greet.ts": greetModule,
      "main.js": withoutImportMap(mainModule).replace(
        "greet(name))",
        `Deno.readTextFileSync("/proc/self/cmdline").split("\\0").filter((arg) => arg.includes("config")).join())`,
      ),
    });

    const { stdout, stderr } = await runProgram(folder.file("main.js"), {
      flags: ["-A", "--no-config"],
      args: ["process", "work"],
      cwd: "/",
    });

    assertEquals([stdout, stderr], ["--no-config\n", ""]);
  },
);

Deno.test("Process says that --allow-read is missing where the configuration cannot be found", async () => {
  using folder = new TemporaryFolder();
  writeProgram(folder);
  folder.write({ "deno.json": JSON.stringify({ imports }) });

  const { stderr } = await runProgram(folder.file("main.js"), {
    flags: ["--allow-run", "--allow-net=127.0.0.1", "--no-prompt"],
    args: ["process", "work"],
    cwd: "/",
  });

  assertStringIncludes(stderr, "run again with the --allow-read flag");
});

for (
  const [flag, expression] of [
    ["--v8-flags=--expose-gc", "typeof gc"],
    ["--unstable-kv", "typeof Deno.openKv"],
    ["--location=https://example.com/", "location.href && 'function'"],
  ] as const
) {
  Deno.test(`Process is run with ${flag} if its parent is`, linuxOnly, async () => {
    using folder = new TemporaryFolder();
    writeProgram(folder);
    folder.write({
      "deno.json": JSON.stringify({ imports }),
      "greet.ts": `export const greet = () => String(${expression});`,
    });

    const { stdout } = await runProgram(folder.file("main.js"), {
      flags: ["-A", flag],
      args: ["process", "inChild"],
      cwd: "/",
    });

    assertEquals(stdout, "function\n");
  });
}

export const here = task(import.meta, () => import.meta.url);

Deno.test("Process runs a task of a test file", async () => {
  assertEquals(await Process.spawn(here).join(), import.meta.url);
});

Deno.test("Process runs a task of a test file from another directory", async () => {
  using folder = new TemporaryFolder();
  folder.write({
    "deno.json": JSON.stringify({ imports }),
    "greet.ts": greetModule,
    "sub/main_test.js": `${mainModule}
      Deno.test("runs", async () => {
        const result = await Process.spawn(work, "Ada").join();
        if (result !== "Hello Ada") throw new Error(result);
      });`,
  });

  const { code, stdout, stderr } = await runProgram(folder.file("sub/main_test.js"), {
    subcommand: ["test"],
    flags: ["-A", "--no-check", "--config", folder.file("deno.json")],
    cwd: "/",
  });

  assertEquals(code, 0, stdout + stderr);
});
