// Copyright 2026 the Weft authors. MIT license.

/*
 * The READMEs have tables of what Python, Node and Go have, and what to write here instead: those whose last column is
 * headed "Weft". Each code span of that column is a statement or an expression, and is type-checked. A flag or a command
 * of the shell, such as `--allow-ffi`, is none.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import * as weft from "@weft/concurrency";
import { tutorialCalls } from "./fixtures/tutorial_calls.ts";

/** A row of a table: what others have, and what to write here. */
interface Row {
  readonly line: number;
  readonly theirs: string;
  readonly ours: string;
}

const root = new URL("../", import.meta.url);
const namesFile = new URL("fixtures/readme_names.ts", import.meta.url);
const readmes = Array.from(Deno.readDirSync(root), ({ name }) => name).filter((name) =>
  /^README.*\.md$/.test(name)
);

/** The rows of the tables whose last column is headed "Weft". */
function readRows(text: string): Row[] {
  const rows: Row[] = [];
  let inTable = false;
  for (const [index, line] of text.split("\n").entries()) {
    if (!line.startsWith("|")) {
      inTable = false;
      continue;
    }
    const cells = line.split("|").slice(1, -1).map((cell) => cell.trim());
    if (cells.at(-1) === "Weft") inTable = true;
    else if (inTable && !/^-+$/.test(cells[0]!)) {
      assertEquals(cells.length, 2, `line ${index + 1} has a | within a cell`);
      rows.push({ line: index + 1, theirs: cells[0]!, ours: cells[1]! });
    }
  }
  return rows;
}

function spansOf(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);
}

function isCode(span: string): boolean {
  return !/^(-|deno |npm:)/.test(span);
}

/** A module with each code span as the body of a function. */
function moduleOf(rows: readonly Row[]): string {
  const names = [...Deno.readTextFileSync(namesFile).matchAll(/^export declare const (\w+)/gm)];
  const bodies = rows.flatMap(({ line, ours }) =>
    spansOf(ours).filter(isCode).map((span, i) =>
      `export async function* line_${line}_${i}() { ${span} }`
    )
  );
  return [
    `import { ${names.map(([, name]) => name).join(", ")} } from ${
      JSON.stringify(namesFile.href)
    };`,
    `import { ${Object.keys(weft).join(", ")} } from "@weft/concurrency";`,
    ...bodies,
  ].join("\n");
}

/** What the type checker has to say of the spans. */
async function check(rows: readonly Row[]): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/spans.ts`;
    await Deno.writeTextFile(file, moduleOf(rows));
    const config = new URL("deno.json", root).pathname;
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--quiet", `--config=${config}`, file],
      env: { NO_COLOR: "1" },
    }).output();
    const said = new TextDecoder().decode(stderr);
    assertEquals(success, said === "", said);
    return said;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const readme of readmes) {
  const rows = readRows(Deno.readTextFileSync(new URL(readme, root)));
  if (rows.length === 0 && readme !== "README.md") continue;

  Deno.test(`The calls in the tables of ${readme} are right`, async () => {
    const spans = rows.flatMap(({ ours }) => spansOf(ours).filter(isCode));

    assert(spans.length >= 250, `only ${spans.length} calls are found`);
    assertEquals(await check(rows), "");
  });

  Deno.test(`The tables of ${readme} have each call of the tutorials`, () => {
    const theirs = rows.map((row) => row.theirs).join("\n");
    const missing = Object.values(tutorialCalls).flat().filter((call) => !theirs.includes(call));

    assertEquals(missing, []);
  });

  Deno.test(`The tables of ${readme} leave no row without an answer`, () => {
    assertEquals(rows.filter(({ ours }) => ours === "").map(({ line }) => line), []);
  });
}

Deno.test("A call in a table that does not exist is found", async () => {
  const wrong = [
    "p.isalive",
    "new ThreadPool(4, { maxTasksPerChild: 9 })",
    "q.put(x, 3)",
    "spwan(f)",
  ];
  const table = [
    "| Python | Weft |",
    "| --- | --- |",
    ...wrong.map((span) => `| a | \`${span}\` |`),
  ];

  const said = await check(readRows(table.join("\n")));

  for (const name of ["isalive", "maxTasksPerChild", "spwan"]) assertStringIncludes(said, name);
  assertStringIncludes(said, `Found ${wrong.length} errors`);
});
