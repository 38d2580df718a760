// Copyright 2026 the Weft authors. MIT license.

/*
 * README.zh.md says in Chinese what README.md says. Words cannot be compared, but what stands in them can: headings, code,
 * tables, code spans, figures and links. What differs has been changed in one of the two only.
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";

/** What a paragraph, an item of a list or a cell of a table has whatever its language, in a fixed order. */
interface Content {
  readonly code: readonly string[];
  readonly figures: readonly string[];
  readonly links: readonly string[];
}

/** A paragraph or an item of a list, which has one part, or a row of a table, which has one for each cell. */
interface Item {
  readonly line: number;
  readonly parts: readonly Content[];
}

interface CodeBlock {
  readonly line: number;
  readonly language: string;
  readonly lines: string[];
}

/** A heading and what follows it, up to the next heading. */
interface Section {
  readonly line: number;
  readonly level: number;
  readonly heading: string;
  readonly texts: Item[];
  readonly tables: Item[][];
  readonly codeBlocks: CodeBlock[];
}

const files = ["README.md", "README.zh.md"] as const;
const [english, chinese] = await Promise.all(
  files.map((name) => Deno.readTextFile(new URL(`../${name}`, import.meta.url))),
) as [string, string];

/** Splits a text into its sections. */
function read(text: string): Section[] {
  const lines = text.split("\n");
  const anchors = lines.filter((line) => /^#+ /.test(line)).map(anchorOf);
  const sections: Section[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    const [, hashes, heading] = /^(#+) (.*)$/.exec(line) ?? [];
    if (hashes !== undefined) {
      const found = { texts: [], tables: [], codeBlocks: [] };
      sections.push({ line: i + 1, level: hashes.length, heading: heading!, ...found });
      continue;
    }
    const section = sections.at(-1);
    assert(section !== undefined, "there is text before the first heading");
    if (line.startsWith("```")) {
      const block: CodeBlock = { line: i + 1, language: line.slice(3), lines: [] };
      while (++i < lines.length && lines[i] !== "```") block.lines.push(lines[i]!);
      section.codeBlocks.push(block);
    } else if (line.startsWith("|")) {
      const table: Item[] = [];
      for (; lines[i]?.startsWith("|"); i++) table.push(rowOf(lines[i]!, i + 1, anchors));
      i--;
      section.tables.push(table);
    } else if (line !== "") {
      const start = i;
      while (lines[i + 1] !== "" && !/^([-#|]|```)/.test(lines[i + 1] ?? "")) i++;
      const part = contentOf(lines.slice(start, i + 1).join(" "), anchors);
      section.texts.push({ line: start + 1, parts: [part] });
    }
  }
  return sections;
}

function rowOf(line: string, number: number, anchors: readonly string[]): Item {
  return {
    line: number,
    parts: line.split("|").slice(1, -1).map((cell) => contentOf(cell, anchors)),
  };
}

/** The content of a text, sorted, as the order of words differs; a figure has its unit. */
function contentOf(text: string, anchors: readonly string[]): Content {
  const withoutCode = text.replaceAll(/`[^`]+`/g, "");
  const words = withoutCode.replaceAll(/\]\([^)]*\)/g, "]");
  return {
    code: matches(text, /`([^`]+)`/g),
    figures: matches(words, /(\d(?:[\d.,]*\d)?(?: (?:[nµm]s|[KM]iB))?)/g),
    links: matches(text, /\]\(([^)]*)\)/g).map((to) => {
      if (to.startsWith("#")) return `heading ${anchors.indexOf(to) + 1}`;
      return files.some((name) => to === `./${name}`) ? "the other language" : to;
    }).sort(),
  };
}

function matches(text: string, pattern: RegExp): string[] {
  return Array.from(text.matchAll(pattern), ([, found]) => found!).sort();
}

/** The link to a heading, as GitHub makes it. */
function anchorOf(heading: string): string {
  const text = heading.replace(/^#+ /, "").toLowerCase();
  return "#" + text.replaceAll(/[^\p{L}\p{N}\p{Pc} -]/gu, "").replaceAll(" ", "-");
}

/** Says in which place which of two texts has what. */
function differences(first: string, second: string): string[] {
  const [ours, theirs] = [read(first), read(second)];
  const at = ours.findIndex(({ level }, i) => level !== theirs[i]?.level);
  if (at !== -1 || ours.length !== theirs.length) {
    const i = at === -1 ? ours.length : at;
    const place = (section?: Section) =>
      section === undefined ? "the end" : `${"#".repeat(section.level)} ${section.heading}`;
    return [`Headings differ: ${show(ours[i], theirs[i], place(ours[i]), place(theirs[i]))}`];
  }
  return ours.flatMap((section, i) => {
    const other = theirs[i]!;
    return [
      ...compareAll(
        "paragraphs and items",
        section,
        other,
        section.texts,
        other.texts,
        compareItem,
      ),
      ...compareAll(
        "tables",
        section,
        other,
        section.tables,
        other.tables,
        (a, b) => compareAll("rows", a[0]!, b[0]!, a, b, compareItem),
      ),
      ...compareAll("examples", section, other, section.codeBlocks, other.codeBlocks, compareCode),
    ].map((difference) => `${section.heading}: ${difference}`);
  });
}

interface Place {
  readonly line: number;
}

/** Compares one by one, or if one side has more, names what the other side lacks. */
function compareAll<T>(
  kind: string,
  here: Place,
  there: Place,
  ours: readonly T[],
  theirs: readonly T[],
  compare: (a: T, b: T) => string[],
): string[] {
  if (ours.length === theirs.length) return ours.flatMap((item, i) => compare(item, theirs[i]!));
  const lacking = (items: readonly T[], others: readonly T[], file: string) =>
    items.filter((item) => others.every((other) => compare(item, other).length > 0))
      .map((item) =>
        `${file}:${[item].flat().map((place) => (place as Place).line)[0]} has no counterpart`
      );
  return [
    `number of ${kind}: ${show(here, there, ours.length, theirs.length)}`,
    ...lacking(ours, theirs, files[0]),
    ...lacking(theirs, ours, files[1]),
  ];
}

function compareItem(ours: Item, theirs: Item): string[] {
  if (ours.parts.length !== theirs.parts.length) {
    return [`number of cells: ${show(ours, theirs, ours.parts.length, theirs.parts.length)}`];
  }
  return ours.parts.flatMap((part, i) =>
    (["code", "figures", "links"] as const).flatMap((kind) => {
      const [a, b] = [part[kind], theirs.parts[i]![kind]];
      if (a.join("\n") === b.join("\n")) return [];
      const cell = ours.parts.length > 1 ? ` in cell ${i + 1}` : "";
      return [`${kind}${cell}: ${show(ours, theirs, without(a, b), without(b, a))}`];
    })
  );
}

/** The items of a list that another one does not have as often. */
function without(items: readonly string[], others: readonly string[]): string {
  const rest = [...others];
  const own = items.filter((item) => {
    const at = rest.indexOf(item);
    if (at !== -1) rest.splice(at, 1);
    return at === -1;
  });
  return own.length === 0 ? "nothing more" : own.join(" and ");
}

/** Compares code; a comment in Chinese stands for one in English, any other is the same. */
function compareCode(ours: CodeBlock, theirs: CodeBlock): string[] {
  const [a, b] = [[ours.language, ...ours.lines], [theirs.language, ...theirs.lines]];
  const at = a.findIndex((line, i) => !isSameCode(line, b[i] ?? ""));
  if (at === -1 && a.length === b.length) return [];
  const i = at === -1 ? a.length : at;
  const [here, there] = [{ line: ours.line + i }, { line: theirs.line + i }];
  return [`example: ${show(here, there, a[i] ?? "nothing", b[i] ?? "nothing")}`];
}

function isSameCode(ours: string, theirs: string): boolean {
  const [[code, comment], [theirCode, theirComment]] = [splitComment(ours), splitComment(theirs)];
  if (code !== theirCode) return false;
  if (!/\p{Script=Han}/u.test(theirComment)) return comment === theirComment;
  const kept = /@[\w-]+|\d+/g;
  return comment !== "" && String(comment.match(kept)) === String(theirComment.match(kept));
}

/** Splits a line into its code and its comment. */
function splitComment(line: string): [string, string] {
  const at = line.search(/(^|\s)(\/\/|#) /);
  return at === -1 ? [line, ""] : [line.slice(0, at), line.slice(at)];
}

function show(here: Place | undefined, there: Place | undefined, ours: unknown, theirs: unknown) {
  const [one, other] = [`${files[0]}:${here?.line ?? ""}`, `${files[1]}:${there?.line ?? ""}`];
  return `${one} has ${ours}, ${other} has ${theirs}`;
}

Deno.test("README.zh.md has what README.md has", () => {
  assertEquals(differences(english, chinese), []);
});

Deno.test("README.md and README.zh.md link to each other at the top", () => {
  assert(english.split("\n").slice(0, 4).join().includes("](./README.zh.md)"));
  assert(chinese.split("\n").slice(0, 4).join().includes("](./README.md)"));
});

const sample = `# A

It takes 5 ms, see [B](#b) and \`f(x)\`.

- one, at [docs](./docs/)
- two

## B

| a       | Weft   | times |
| ------- | ------ | ----- |
| \`g()\` | 1.5 µs | 2     |
| \`h()\` | 2.5 µs | 3     |

\`\`\`ts
// Three of 3.
f(x); // 42
\`\`\`
`;
const translated = sample.replace("## B", "## 乙").replace("#b", "#乙").replace(
  /It takes 5 ms, see (.*) and/,
  "见 $1，需要 5 ms，",
).replace("// Three of 3.", "// 3 个中的三个。").replace("one", "一").replace("two", "二");

Deno.test("A translation does not differ", () => {
  assertEquals(differences(sample, translated), []);
});

const edits: readonly (readonly [string, string, string, string])[] = [
  [
    "a figure in a text",
    "5 ms",
    "6 ms",
    "A: figures: README.md:3 has 6 ms, README.zh.md:3 has 5 ms",
  ],
  ["a unit", "5 ms", "5 µs", "README.md:3 has 5 µs, README.zh.md:3 has 5 ms"],
  ["a figure in a table", "1.5 µs", "1.6 µs", "figures in cell 2: README.md:12 has 1.6 µs"],
  [
    "a code span in a text",
    "`f(x)`",
    "`f(y)`",
    "code: README.md:3 has f(y), README.zh.md:3 has f(x)",
  ],
  ["a code span in a table", "`g()`", "`i()`", "code in cell 1: README.md:12 has i()"],
  ["a link", "./docs/", "./demo/", "links: README.md:5 has ./demo/, README.zh.md:5 has ./docs/"],
  [
    "a link to a heading",
    "(#b)",
    "(#a)",
    "README.md:3 has heading 1, README.zh.md:3 has heading 2",
  ],
  ["a heading's level", "## B", "### B", "Headings differ: README.md:8 has ### B"],
  ["one more heading", "## B", "## B\n\n## C", "README.md:10 has ## C, README.zh.md: has the end"],
  ["one more item", "- two", "- two\n- 3", "number of paragraphs and items: README.md:1 has 4"],
  ["an item less", "- two\n", "", "number of paragraphs and items: README.md:1 has 2"],
  ["one more row", "| `h()`", "| `k()` | 9 ns | 9 |\n| `h()`", "README.md:13 has no counterpart"],
  ["a row less", "| `h()` | 2.5 µs | 3     |\n", "", "README.zh.md:13 has no counterpart"],
  ["rows in another order", "`g()`", "`h()`", "README.md:12 has h(), README.zh.md:12 has g()"],
  ["one more column", "| times |", "| times | x |", "number of cells: README.md:10 has 4"],
  ["code", "f(x); //", "f(y); //", "example: README.md:17 has f(y); // 42"],
  ["a comment that shows output", "// 42", "// 43", "README.md:17 has f(x); // 43"],
  ["a figure in a comment", "of 3.", "of 4.", "README.md:16 has // Three of 4."],
  ["one more line of code", "// 42", "// 42\ng();", "README.md:18 has g();"],
  ["the language of code", "```ts", "```js", "README.md:15 has js, README.zh.md:15 has ts"],
];

for (const [what, from, to, expected] of edits) {
  Deno.test(`A difference is named: ${what}`, () => {
    const changed = sample.replace(from, to);

    assert(changed !== sample);
    assertStringIncludes(differences(changed, translated).join("\n"), expected);
  });
}
