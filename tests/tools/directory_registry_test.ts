// Copyright 2026 the Weft authors. MIT license.

import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { pathToFileURL } from "node:url";
import { writePackage } from "../../tools/directory_registry.ts";
import { readOwnPackage } from "../../tools/own_package.ts";
import { serveRegistry } from "../../tools/serve_registry.ts";
import { deno, TemporaryFolder } from "./_helpers.ts";

const LIBRARY = {
  "deno.json": JSON.stringify({
    name: "@weft/sample",
    version: "0.2.0",
    license: "MIT",
    exports: { ".": "./mod.ts", "./greeting": "./greeting/mod.ts" },
    publish: { include: ["deno.json", "mod.ts", "LICENSE", "greeting/**/*.ts"] },
  }),
  "LICENSE": "MIT",
  "mod.ts": `export * from "./greeting/mod.ts";\n`,
  "greeting/mod.ts": `export * from "./_internal/greet.ts";\n`,
  "greeting/_internal/greet.ts":
    `export function greet(name: string): string {\n  return "Hello, " + name;\n}\n`,
  "tests/greet_test.ts": `Deno.test("greet", () => {});\n`,
};

const CONSUMER = {
  "deno.json": `{ "lock": false }`,
  "main.ts": `
    import { greet } from "jsr:@weft/sample@^0.2/greeting";
    console.log(greet("Ada"), import.meta.resolve("jsr:@weft/sample@0.2.0"));
  `,
};

Deno.test("writePackage() makes a registry that Deno imports from, by file and by http", async () => {
  await using library = new TemporaryFolder();
  await using registry = new TemporaryFolder();
  await using consumer = new TemporaryFolder();
  await library.write(LIBRARY);
  await consumer.write(CONSUMER);
  await writePackage(registry.path, await readOwnPackage(library.path));
  await using server = serveRegistry(registry.path);

  for (const url of [pathToFileURL(`${registry.path}/`).href, server.url]) {
    const { stdout, stderr } = await deno(["run", "--check", "main.ts"], {
      cwd: consumer.path,
      env: { JSR_URL: url, DENO_DIR: `${consumer.path}/cache` },
    });

    assertEquals(stdout, "Hello, Ada jsr:@weft/sample@0.2.0\n", stderr);
  }
});

Deno.test("writePackage() gives checksums that Deno verifies", async () => {
  await using library = new TemporaryFolder();
  await using registry = new TemporaryFolder();
  await using consumer = new TemporaryFolder();
  await library.write(LIBRARY);
  await consumer.write(CONSUMER);
  await writePackage(registry.path, await readOwnPackage(library.path));
  await registry.write({ "@weft/sample/0.2.0/greeting/mod.ts": "export const changed = 1;\n" });
  await using server = serveRegistry(registry.path);

  const { stdout, stderr } = await deno(["run", "main.ts"], {
    cwd: consumer.path,
    env: { JSR_URL: server.url, DENO_DIR: `${consumer.path}/cache` },
  });

  assertEquals(stdout, "");
  assertStringIncludes(stderr, "Integrity check failed");
});

Deno.test("writePackage() refuses an export without a file", async () => {
  await using registry = new TemporaryFolder();
  const pkg = {
    name: "@weft/empty",
    version: "1.0.0",
    exports: { ".": "./mod.ts" },
    files: new Map(),
  };

  await assertRejects(() => writePackage(registry.path, pkg), RangeError, "no file");
});

Deno.test("readOwnPackage() reads what `deno publish` would send", async () => {
  await using library = new TemporaryFolder();
  await library.write(LIBRARY);

  const { files, name, version } = await readOwnPackage(library.path);

  const { stdout, stderr } = await deno(["publish", "--dry-run", "--allow-dirty", "--no-check"], {
    cwd: library.path,
  });
  const sent = [...(stdout + stderr).matchAll(/^ +file:\S+?\/([^/\s]+) \(/gm)].map(([, last]) =>
    last
  );
  assertEquals([name, version], ["@weft/sample", "0.2.0"]);
  assertEquals([...files.keys()].map((path) => path.split("/").pop()).sort(), sent.sort());
  assertEquals(files.size, 5);
});

Deno.test("serveRegistry() answers only for files within its folder", async () => {
  await using folder = new TemporaryFolder();
  await folder.write({ "secret.txt": "secret", "registry/mod.ts": "export {};" });
  await using server = serveRegistry(`${folder.path}/registry`);

  const inside = await fetch(`${server.url}mod.ts`);
  const outside = await fetch(`${server.url}%2e%2e/secret.txt`);
  const encoded = await fetch(`${server.url}..%2fsecret.txt`);

  assertEquals(inside.headers.get("content-type"), "text/typescript; charset=utf-8");
  assertEquals(await inside.text(), "export {};");
  assertEquals([outside.status, await outside.text()], [404, "Not found"]);
  assertEquals([encoded.status, await encoded.text()], [404, "Not found"]);
});
