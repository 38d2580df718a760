// Copyright 2026 the Weft authors. MIT license.

import { assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { deno, type DenoResult, TemporaryFolder } from "./_helpers.ts";

const script = fileURLToPath(new URL("../../tools/jsr_score.ts", import.meta.url));

/** What a package must have, and nothing else. */
const GOOD = {
  "deno.json": JSON.stringify({
    name: "@weft/sample",
    version: "0.2.0",
    license: "MIT",
    description: "A sample.",
    exports: { ".": "./mod.ts", "./echo": "./echo.ts" },
    publish: { include: ["*.ts", "deno.json", "LICENSE", "README.md"] },
  }),
  "LICENSE": "MIT",
  "README.md": "# Sample\n\n```ts\necho();\n```\n",
  "mod.ts": `/**
 * All of it.
 *
 * @example Use it
 * \`\`\`ts
 * \`\`\`
 *
 * @module
 */

export * from "./echo.ts";
`,
  "echo.ts": `/**
 * Echoes.
 *
 * @example Use it
 * \`\`\`ts
 * \`\`\`
 *
 * @module
 */

/** Options of {@linkcode echo}. */
export interface EchoOptions {
  /** Milliseconds. */
  readonly timeout?: number;
}

/**
 * Waits; fails when the timeout is over.
 *
 * @param options The timeout.
 *
 * @example Wait
 * \`\`\`ts
 * \`\`\`
 */
export function echo(options?: EchoOptions): void;
export function echo(options: EchoOptions = {}): void {
  new Worker(new URL("./worker.ts", import.meta.url), { type: "module" }).postMessage(options);
}
`,
  "worker.ts": "onmessage = () => {};\n",
};

const refused = "deno publish has nothing else against it";

/** Changes of the good one, each with the rules that it breaks. */
const PLANTED: [rules: string[], files: Record<string, string>][] = [
  [["Every symbol is documented", "No slow types", "Every link names a public symbol"], {
    "mod.ts": GOOD["mod.ts"] + `
export const one = fetch("");
/** As {@linkcode two}. */
export const three: number = 3;
`,
  }],
  [[
    "Every member is documented",
    "Every class and function has an example",
    "Every wait tells of its timeout and signal",
    "Every parameter that is described exists",
  ], {
    "echo.ts": edited("echo.ts", "  /** Milliseconds. */\n", "")
      .replace("; fails when the timeout is over", "")
      .replace("@param options The timeout.", "@param option What else.")
      .replace(" * @example Wait\n * ```ts\n * ```\n", ""),
  }],
  [["A module doc in every entry", "Every module doc has an example"], {
    "mod.ts": `export * from "./echo.ts";\n`,
  }],
  [[
    "A README or a module doc",
    "An example in one of them",
    "A module doc in every entry",
    "The README and the license are published",
    "Every module doc has an example",
  ], {
    "deno.json": edited("deno.json", `,"README.md"`, ""),
    "mod.ts": `export * from "./echo.ts";\n`,
  }],
  [["An example in one of them", "Every module doc has an example"], {
    "README.md": "# Sample\n",
    "mod.ts": `/**\n * All.\n * @module\n */\nexport * from "./echo.ts";\n`,
  }],
  [[
    "A description",
    "The name is one that JSR takes",
    "The version is one",
    "There is a license",
    "The README and the license are published",
    refused,
  ], {
    "deno.json": edited("deno.json", "A sample.", "").replace("weft/s", "weft/-s")
      .replace("0.2.0", "0.2").replace(`"license":"MIT",`, "").replace(`"LICENSE",`, ""),
  }],
  [[
    "Other packages are imported by name and version",
    "Nothing else is published",
    "Paths and sizes fit",
    refused,
  ], { "worker.ts": `import "npm:fast-check";\n`, "aux.ts": "" }],
  [[
    "Every entry is published",
    "Every import is published",
    "Nothing else is published",
    refused,
  ], {
    "deno.json": edited("deno.json", "*.ts", "[mw]*.ts"),
  }],
  [["Every import is published", refused], {
    "deno.json": edited("deno.json", "*.ts", "[em]*.ts"),
  }],
];

function edited(file: keyof typeof GOOD, old: string, text: string): string {
  if (!GOOD[file].includes(old)) throw new Error(`Nothing to change in ${file}: ${old}`);
  return GOOD[file].replace(old, text);
}

async function score(files: Readonly<Record<string, string>>): Promise<DenoResult> {
  await using folder = new TemporaryFolder();
  await folder.write(files);
  return await deno(["run", "-A", script, folder.path]);
}

Deno.test("jsr_score passes a package that keeps every rule", async () => {
  const { code, stdout, stderr } = await score(GOOD);

  assertEquals(stdout.match(/^FAILED.*\n.*/gm), null);
  assertStringIncludes(stdout, "15 of the 15 points that can be told offline, of 18\n");
  assertEquals([code, stderr], [0, ""]);
});

for (const [rules, files] of PLANTED) {
  Deno.test(`jsr_score names what a package breaks, and nothing else: ${rules.join(", ")}`, async () => {
    const { code, stdout, stderr } = await score({ ...GOOD, ...files });

    const failed = [...stdout.matchAll(/^FAILED +(?:\d\/\d)? *(.*?) \d+:$/gm)];
    assertEquals(failed.map(([, rule]) => rule), rules, stdout + stderr);
    assertEquals([code, stderr], [1, ""]);
  });
}
