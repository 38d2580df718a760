// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals } from "@std/assert";

const root = new URL("../", import.meta.url);

/** Folders in which there is no text of this project. */
const foreign = new Set([".git", "node_modules", ".cache", "coverage"]);

/** Finds the Markdown files of a folder and of those in it. */
async function* markdownFiles(folder: URL): AsyncGenerator<URL> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory && !foreign.has(name)) yield* markdownFiles(new URL(`${name}/`, folder));
    else if (name.endsWith(".md")) yield new URL(name, folder);
  }
}

/** Drops blocks and spans of code, in which brackets are no links. */
function withoutCode(text: string): string {
  return text.replaceAll(/^( *)(```+|~~~+)[^]*?^\1\2$/gm, "")
    .replaceAll(/(?<!`)(`+)(?!`)[^]*?(?<!`)\1(?!`)/g, "");
}

/** The places that a text leads to: links, pictures, definitions of links, and those in HTML. */
function targetsOf(text: string): string[] {
  const prose = withoutCode(text);
  return [
    ...prose.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g),
    ...prose.matchAll(/^ {0,3}\[[^\]]+\]:\s*<?([^\s>]+)/gm),
    ...prose.matchAll(/<[a-z][^>]*?\s(?:href|src|srcset)="([^"\s]+)/g),
  ].map((match) => match[1]!);
}

/** The anchors of a text, as GitHub makes them of its headings. */
function anchorsOf(text: string): Set<string> {
  const anchors = new Set<string>();
  const prose = text.replaceAll(/^( *)(```+|~~~+)[^]*?^\1\2$/gm, "");
  for (const [, heading] of prose.matchAll(/^ {0,3}#{1,6}\s+(.+?)\s*#*$/gm)) {
    const shown = heading!.replaceAll(/!?\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll(/[*`]/g, "");
    const anchor = shown.toLowerCase().replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, "")
      .replaceAll(" ", "-");
    let unique = anchor;
    for (let n = 1; anchors.has(unique); n++) unique = `${anchor}-${n}`;
    anchors.add(unique);
  }
  for (const [, id] of prose.matchAll(/<[a-z][^>]*?\s(?:id|name)="([^"]+)"/g)) anchors.add(id!);
  return anchors;
}

/** Finds the links of a text that lead nowhere; those to other sites are not looked at. */
async function brokenLinks(file: URL, text: string): Promise<string[]> {
  const broken: string[] = [];
  for (const target of targetsOf(text)) {
    if (/^[a-z][a-z0-9+.-]*:|^\/\//i.test(target)) continue;
    const url = new URL(target, file);
    const anchor = decodeURIComponent(url.hash.slice(1));
    url.hash = "";
    try {
      const there = url.href === file.href ? text : await read(url);
      if (anchor !== "" && !anchorsOf(there).has(anchor)) broken.push(target);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      broken.push(target);
    }
  }
  return broken;
}

/** Reads a file; of a folder, which can be linked as well, nothing. */
async function read(url: URL): Promise<string> {
  return (await Deno.stat(url)).isDirectory ? "" : await Deno.readTextFile(url);
}

const files = await Array.fromAsync(markdownFiles(root));

for (const file of files) {
  const name = file.href.slice(root.href.length);
  Deno.test(`Links of ${name} lead to what is there`, async () => {
    assertEquals(await brokenLinks(file, await Deno.readTextFile(file)), []);
  });
}

Deno.test("Texts are found, in folders as well", () => {
  const names = files.map((file) => file.href.slice(root.href.length));
  for (const name of ["README.md", "CHANGELOG.md", "docs/README.md"]) {
    assert(names.includes(name), name);
  }
});

Deno.test("Links are found in all their forms, and those that lead nowhere", async () => {
  const text = `# A \`title\`, with [a link](./README.md)
[no file](./none.md), [no anchor](#none), ![no picture](./none.svg "title")
[no anchor there](./README.md#none) <img src="./none.png" alt=""> [by name][one]
[file](./README.md), [folder](./docs/), [anchor](#a-title-with-a-link), [again](#twice-1)
[other site](https://example.com/none), <a href="mailto:a@example.com">mail</a>
\`[code](./none.md)\`
## Twice
## Twice
## 中文 标题
[here](#中文-标题)
\`\`\`md
[code](./none.md)
# Code
\`\`\`
[not a heading](#code)

[one]: ./none-by-name.md
`;

  const broken = await brokenLinks(new URL("text.md", root), text);

  assertEquals(broken.toSorted(), [
    "#code",
    "#none",
    "./README.md#none",
    "./none-by-name.md",
    "./none.md",
    "./none.png",
    "./none.svg",
  ]);
});
