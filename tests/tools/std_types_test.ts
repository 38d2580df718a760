// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals } from "@std/assert";
import { pathToFileURL } from "node:url";
import { ensureStdRegistry, PACKAGES, type StdPackage } from "../../tools/std_registry.ts";
import { deno, TemporaryFolder } from "./_helpers.ts";

const PRINT_NAMES = `
  const names = {};
  for (const module of Deno.args) names[module] = Object.keys(await import(module));
  console.log(JSON.stringify(names));
`;

const TYPED = PACKAGES.filter((pkg) => pkg.typed);

async function modulesOf(root: string, pkg: StdPackage): Promise<string[]> {
  const path = `${root}/${pkg.name}/${pkg.version}_meta.json`;
  const { exports } = JSON.parse(await Deno.readTextFile(path));
  return Object.keys(exports).map((key) => `jsr:${pkg.name}@^1${key.slice(1)}`);
}

/** Names that each module exports when it runs. */
async function namesOf(root: string, modules: string[]): Promise<Record<string, string[]>> {
  await using folder = new TemporaryFolder();
  await folder.write({ "deno.json": `{ "lock": false }`, "names.js": PRINT_NAMES });
  const { stdout, stderr } = await deno(["run", "-A", "names.js", ...modules], {
    cwd: folder.path,
    env: { JSR_URL: pathToFileURL(`${root}/`).href },
  });
  assert(stdout !== "", stderr);
  return JSON.parse(stdout);
}

/** Statements that compile only if the module has these values, and none of the others. */
function statements(module: string, index: number, names: string[], all: Set<string>): string {
  const others = all.difference(new Set(names));
  return [
    `import * as m${index} from "${module}";`,
    ...names.map((name) => `void m${index}.${name};`),
    ...[...others].map((name) => `// @ts-expect-error Not here.\nvoid m${index}.${name};`),
  ].join("\n");
}

for (const pkg of TYPED) {
  Deno.test(`The types of ${pkg.name} declare exactly what its modules export`, async () => {
    const root = await ensureStdRegistry();
    const names = await namesOf(root, await modulesOf(root, pkg));
    await using folder = new TemporaryFolder();
    const all = new Set(Object.values(names).flat());
    await folder.write({
      "deno.json": `{ "lock": false }`,
      "same.ts": Object.entries(names).map(([module, list], index) =>
        statements(module, index, list, all)
      ).join("\n"),
    });

    const { code, stderr } = await deno(["check", "same.ts"], {
      cwd: folder.path,
      env: { JSR_URL: pathToFileURL(`${root}/`).href },
    });

    assertEquals(code, 0, stderr);
  });

  Deno.test(`The types of ${pkg.name} declare nothing that no module exports`, async () => {
    const root = await ensureStdRegistry();
    const names = await namesOf(root, await modulesOf(root, pkg));
    const types = new URL(`../../tools/std_types/${pkg.folder}.d.ts`, import.meta.url);
    const declared = (await Deno.readTextFile(types)).matchAll(
      /^export (?:class|const|function) (\w+)/gm,
    );

    assertEquals(
      new Set([...declared].map(([, name]) => name)),
      new Set(Object.values(names).flat()),
    );
  });
}
