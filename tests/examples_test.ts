// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals } from "@std/assert";

/*
 * `deno test --doc` evaluates each example as a module that is not on the disk, so no thread or process
 * can import it again, and what an example guards by `import.meta.main` does not run. Here these
 * examples run as the programs that they are.
 */

const root = new URL("../", import.meta.url);
const config = new URL("deno.json", root).pathname;
const settings = JSON.parse(await Deno.readTextFile(config));

/** The folders of the modules. */
const folders = Object.values(settings.exports as Record<string, string>)
  .map((entry) => new URL("./", new URL(entry, root)))
  .filter((folder) => folder.href !== root.href);

/** The files of a folder itself whose names end as given, in the order of their names. */
async function filesIn(folder: URL, extension: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  return entries.filter(({ isFile, name }) => isFile && name.endsWith(extension))
    .map(({ name }) => new URL(name, folder).href.slice(root.href.length))
    .sort();
}

const sources = [
  ...await filesIn(root, ".md"),
  ...await filesIn(new URL("docs/", root), ".md"),
  "mod.ts",
  ...(await Promise.all(folders.map((folder) => filesIn(folder, ".ts")))).flat(),
];

/** The examples of a file that are programs. */
function programs(text: string): string[] {
  const blocks = text.replaceAll(/^ *\* ?/gm, "").matchAll(/^```ts\n([^]*?)^```/gm);
  return [...blocks].map((block) => block[1]!).filter((code) => code.includes("import.meta.main"));
}

let count = 0;
for (const source of sources) {
  const text = await Deno.readTextFile(new URL(source, root));
  for (const [index, code] of programs(text).entries()) {
    count++;
    Deno.test(`Example ${index + 1} of ${source} runs as a program`, async () => {
      const file = await Deno.makeTempFile({ suffix: ".ts" });
      try {
        await Deno.writeTextFile(file, code);
        const { code: exitCode, stderr } = await new Deno.Command(Deno.execPath(), {
          args: ["run", "--allow-all", `--config=${config}`, file],
        }).output();

        assertEquals([new TextDecoder().decode(stderr), exitCode], ["", 0]);
      } finally {
        await Deno.remove(file);
      }
    });
  }
}

Deno.test("The examples that are programs are found", () => {
  assert(count >= 20, `only ${count}`);
  for (const source of ["README.md", "docs/README.md", "mod.ts", "channel/connection.ts"]) {
    assert(sources.includes(source), source);
  }
});
