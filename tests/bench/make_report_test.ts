// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { pathToFileURL } from "node:url";
import type { Side } from "../../bench/peers/measure.ts";
import { readReport, replaceFiles } from "../../bench/report/files.ts";
import { makeReport } from "../../bench/report/make_report.ts";
import type { ReportTopic } from "../../bench/report/report.ts";
import { TemporaryFolder } from "../tools/_helpers.ts";
import { topicResult } from "./fixtures/results.ts";

const { environment } = topicResult();

/** A topic whose sides take so many milliseconds. */
function topic(title: string, ours: number, peer: number, benches: URL[] = []): ReportTopic {
  const side = (name: string, milliseconds: number): Side => ({
    name,
    run: (times) => milliseconds * times,
  });
  const rows = [[side("ours", ours), side("peer", peer), 2]] as const;
  return {
    title,
    about: `About ${title}.`,
    peers: () =>
      Promise.resolve({ measures: [{ name: "m", times: 1, rows }], stop: () => Promise.resolve() }),
    benches,
  };
}

/** Makes a report in a folder; gives what has failed, and what was logged. */
async function make(
  folder: URL,
  topics: Record<string, ReportTopic>,
  wanted: string[] = Object.keys(topics),
): Promise<{ failed: string[]; lines: string[] }> {
  const lines: string[] = [];
  const log = (line: string) => lines.push(line);
  const failed = await makeReport({ topics, wanted, folder, rounds: 3, environment, log });
  return { failed, lines };
}

/** All files of a folder, by their paths. */
async function filesOf(folder: URL, prefix = ""): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for await (const { name, isDirectory } of Deno.readDir(new URL(prefix, folder))) {
    const path = `${prefix}${name}`;
    if (isDirectory) Object.assign(files, await filesOf(folder, `${path}/`));
    else files[path] = await Deno.readTextFile(new URL(path, folder));
  }
  return files;
}

/** A folder for a report. */
function folderOf({ path }: TemporaryFolder): URL {
  return pathToFileURL(`${path}/`);
}

Deno.test("makeReport() measures peers and benches and writes report, results and chart", async () => {
  await using benches = new TemporaryFolder();
  await using temporary = new TemporaryFolder();
  await benches.write({
    "tiny_bench.ts": `
      const group = "counting";
      Deno.bench("plain", { group, baseline: true, n: 2, warmup: 1 }, () => {});
      Deno.bench("ours ", { group, n: 2, warmup: 1 }, async () => { await null; });
    `,
  });
  const folder = folderOf(temporary);

  const { failed, lines } = await make(folder, {
    a: topic("Alpha", 2, 6, [pathToFileURL(`${benches.path}/tiny_bench.ts`)]),
  });

  assertEquals(failed, []);
  assertEquals(lines, ["a: m", "a: tiny_bench.ts"]);
  const files = await filesOf(folder);
  assertEquals(Object.keys(files).toSorted(), ["RESULTS.md", "charts/a.svg", "results.json"]);
  const text = files["RESULTS.md"]!.replace(/ +/g, " ");
  assertStringIncludes(
    text,
    "| m | ours: 2.00 ms | peer: 6.00 ms | 3.00× | 3.00× to 3.00× | 2× | yes |",
  );
  assertStringIncludes(text, "**counting** (tiny_bench.ts)");
  assert(/^\| ours \| .* \| [\d.e-]+× \|$/m.test(text), text);
  assertStringIncludes(files["charts/a.svg"]!, ">3.00×</text>");
});

Deno.test("makeReport() keeps the results of topics that are not wanted", async () => {
  await using temporary = new TemporaryFolder();
  const folder = folderOf(temporary);
  await make(folder, { a: topic("Alpha", 2, 6), b: topic("Beta", 1, 5) });
  const before = await readReport(folder);

  await make(folder, { a: topic("Alpha", 1, 4), b: topic("Beta", 1, 7) }, ["a"]);

  const after = await readReport(folder);
  assertEquals(after["b"], before["b"]);
  assertEquals(after["a"]!.peers[0]!.ours.value, 1);
  const text = await Deno.readTextFile(new URL("RESULTS.md", folder));
  assertStringIncludes(text.replace(/ +/g, " "), "| peer: 4.00 ms | 4.00× |");
  assertStringIncludes(text.replace(/ +/g, " "), "| peer: 5.00 ms | 5.00× |");
});

Deno.test("makeReport() leaves the report as it was when a bench fails, and goes on with others", async () => {
  await using benches = new TemporaryFolder();
  await using temporary = new TemporaryFolder();
  await benches.write({
    "bad_bench.ts": `
      Deno.bench("good", { n: 1, warmup: 1 }, () => {});
      Deno.bench("bad", { n: 1, warmup: 1 }, () => { throw new Error("no"); });
    `,
    "broken_bench.ts": `throw new Error("does not even start");`,
  });
  const [bad, broken] = ["bad", "broken"].map((name) =>
    pathToFileURL(`${benches.path}/${name}_bench.ts`)
  );
  const folder = folderOf(temporary);
  await make(folder, { a: topic("Alpha", 2, 6), b: topic("Beta", 1, 5) });
  const before = await filesOf(folder);

  const failing = await make(folder, { a: topic("Alpha", 1, 9, [bad!]) });

  assertEquals(failing.failed, ["a"]);
  assertStringIncludes(failing.lines.join("\n"), "bad_bench.ts have failed: bad");
  assertEquals(await filesOf(folder), before);

  const again = await make(folder, {
    a: topic("Alpha", 1, 9, [broken!]),
    b: topic("Beta", 1, 8),
  });

  assertEquals(again.failed, ["a"]);
  assertStringIncludes(again.lines.join("\n"), "broken_bench.ts: deno bench has ended with code 1");
  const after = await readReport(folder);
  assertEquals(after["a"]!.peers[0]!.peer.value, 6);
  assertEquals(after["b"]!.peers[0]!.peer.value, 8);
});

Deno.test("makeReport() stops what a topic has started when it fails", async () => {
  await using temporary = new TemporaryFolder();
  let stopped = 0;
  const failing: ReportTopic = {
    title: "Failing",
    about: "",
    benches: [],
    peers: () =>
      Promise.resolve({
        measures: [{
          name: "m",
          rows: [[{ name: "o", run: () => Promise.reject(new Error("lost")) }, {
            name: "p",
            run: () => 1,
          }]],
        }],
        stop: () => Promise.resolve(void stopped++),
      }),
  };

  const { failed, lines } = await make(folderOf(temporary), { failing });

  assertEquals([failed, stopped], [["failing"], 1]);
  assertStringIncludes(lines.join("\n"), "lost");
});

Deno.test("replaceFiles() leaves all files as they were when one cannot be written", async () => {
  await using temporary = new TemporaryFolder();
  await temporary.write({ "x/a.md": "old\n", "x/b.json": "[1]\n" });
  const folder = pathToFileURL(`${temporary.path}/x/`);

  const writing = replaceFiles(folder, new Map([["a.md", "new\n"], ["b.json", "no JSON ["]]));

  await assertRejects(() => writing, Error, "Cannot format b.json");
  const files = await filesOf(folder);
  assertEquals([files["a.md"], files["b.json"]], ["old\n", "[1]\n"]);
});
