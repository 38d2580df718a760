// Copyright 2026 the Weft authors. MIT license.

/**
 * Checks a package by the rules of JSR's score and by what JSR requires of a package, and prints
 * what became of each. It exits with 1 if one is broken.
 *
 * ```sh
 * deno task check:score                     # this package
 * deno run -A tools/jsr_score.ts FOLDER     # another one
 * ```
 *
 * Two rules are stricter here than on JSR: all of the symbols are to be documented, not four of
 * five, and their members as well. What is set on the site alone cannot be told offline.
 *
 * @module
 */

import type { RegistryPackage } from "./directory_registry.ts";
import {
  brokenLinks,
  type Docs,
  readPackageDocs,
  undocumented,
  unknownParams,
  untoldWaits,
  withoutExample,
} from "./doc_rules.ts";
import { readOwnPackage } from "./own_package.ts";
import { fileFaults, moduleFaults, nameFaults } from "./package_rules.ts";

/** What became of a rule. */
interface Outcome {
  readonly rule: string;
  /** Points that JSR gives for it; 0 for what is a condition, or a rule of this project. */
  readonly points: number;
  /** What breaks it; undefined if that cannot be told here. */
  readonly faults: readonly string[] | undefined;
  /** What there is to say if it is kept. */
  readonly note?: string;
}

const root = Deno.args[0] ?? `${import.meta.dirname}/..`;

/** The rules of https://jsr.io/docs/scoring, with the points of a package's page. */
function scoreRules(
  pkg: RegistryPackage,
  docs: Docs,
  config: Config,
  { slowTypes }: PublishFaults,
): Outcome[] {
  const readme = [...pkg.files].find(([path]) => /^readme\.(md|txt|markdown)$/i.test(path));
  const main = docs.entries.find(({ path }) => path === pkg.exports["."]);
  const mainText = [readme && new TextDecoder().decode(readme[1]), main?.text].join("\n");
  const symbols = docs.symbols.filter(({ owner }) => owner === undefined);
  const described = (config.description ?? "").length;
  return [
    rule("A README or a module doc", 2, readme || main?.text ? [] : ["neither is there"]),
    rule("An example in one of them", 1, /^(```|~~~)/m.test(mainText) ? [] : ["no code block"]),
    rule(
      "A module doc in every entry",
      1,
      docs.entries.filter(({ text }) => text === "").map(({ path }) => path),
    ),
    {
      ...rule("Every symbol is documented", 5, undocumented(symbols)),
      note: `${symbols.length} symbols`,
    },
    rule("No slow types", 5, slowTypes),
    rule(
      "A description",
      1,
      described > 0 && described <= 250 ? [] : [`it has ${described} of 1 to 250 letters`],
    ),
    unknown("At least one runtime is marked as compatible", 1, "set on the package's page"),
    unknown("At least two runtimes are marked as compatible", 1, "set on the package's page"),
    unknown("Provenance", 1, "comes with a publish by a CI that JSR knows"),
  ];
}

/** What JSR refuses a package for, and what should be in it. */
async function packageRules(
  pkg: RegistryPackage,
  config: Config,
  { others }: PublishFaults,
): Promise<Outcome[]> {
  const { missing, foreign, superfluous } = await moduleFaults(root, pkg);
  const paths = [...pkg.files.keys()];
  const version = /^\d+\.\d+\.\d+(-[\w.-]+)?(\+[\w.-]+)?$/.test(pkg.version ?? "");
  const license = config.license !== undefined || paths.some((path) => /^licen[cs]e/i.test(path));
  return [
    rule("The name is one that JSR takes", 0, nameFaults(pkg.name ?? "")),
    rule("The version is one", 0, version ? [] : [`"${pkg.version}" is not MAJOR.MINOR.PATCH`]),
    rule("There is a license", 0, license ? [] : ["neither in deno.json nor as a file"]),
    rule(
      "Every entry is published",
      0,
      Object.values(pkg.exports).filter((path) => !pkg.files.has(path.replace(/^\.\//, ""))),
    ),
    rule("Every import is published", 0, missing),
    rule("Other packages are imported by name and version", 0, foreign),
    rule("Nothing else is published", 0, superfluous),
    rule(
      "The README and the license are published",
      0,
      [/^readme\.md$/i, /^licen[cs]e/i]
        .filter((name) => !paths.some((path) => name.test(path))).map(String),
    ),
    { ...rule("Paths and sizes fit", 0, fileFaults(pkg)), note: `${paths.length} files` },
    rule("deno publish has nothing else against it", 0, others),
  ];
}

/** Rules of this project, beyond JSR's. */
function ownRules(docs: Docs): Outcome[] {
  const members = docs.symbols.filter(({ owner }) => owner !== undefined);
  return [
    {
      ...rule("Every member is documented", 0, undocumented(members)),
      note: `${members.length} members`,
    },
    rule("Every class and function has an example", 0, withoutExample(docs.symbols)),
    rule(
      "Every module doc has an example",
      0,
      docs.entries.filter(({ examples }) => examples === 0).map(({ path }) => path),
    ),
    rule("Every wait tells of its timeout and signal", 0, untoldWaits(docs.symbols)),
    rule("Every parameter that is described exists", 0, unknownParams(docs.symbols)),
    rule("Every link names a public symbol", 0, brokenLinks(docs.symbols)),
  ];
}

function rule(name: string, points: number, faults: readonly string[]): Outcome {
  return { rule: name, points, faults };
}

function unknown(name: string, points: number, note: string): Outcome {
  return { rule: name, points, faults: undefined, note };
}

/** What `deno publish` says against a package; the check of the types is another task's. */
interface PublishFaults {
  readonly slowTypes: readonly string[];
  readonly others: readonly string[];
}

async function publishFaults(): Promise<PublishFaults> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["publish", "--dry-run", "--allow-dirty", "--no-check"],
    cwd: root,
    env: { NO_COLOR: "1" },
  }).output();
  if (code === 0) return { slowTypes: [], others: [] };
  const text = new TextDecoder().decode(stderr);
  const diagnostics = text.split(/^(?=error\[)/m).filter((part) => part.startsWith("error["));
  const [slow = [], others = []] = [true, false].map((wanted) =>
    diagnostics.filter((part) => part.includes("jsr.io/go/slow-type") === wanted)
      .map((part) => part.slice(0, part.indexOf("\n")))
  );
  // What ends the command before it has diagnostics is told by one line.
  const errors = /^error: .*$/m.exec(text) ?? [text];
  return { slowTypes: slow, others: diagnostics.length > 0 ? others : errors };
}

function show({ rule, points, faults, note }: Outcome): string {
  const state = faults === undefined ? "?     " : faults.length === 0 ? "ok    " : "FAILED";
  const worth = points === 0 ? "   " : `${faults?.length === 0 ? points : 0}/${points}`;
  const rest = faults?.length ? [`${faults.length}:`] : note === undefined ? [] : [`(${note})`];
  return [[state, worth, rule, ...rest].join(" "), ...(faults ?? [])].join("\n             ");
}

interface Config {
  readonly description?: string;
  readonly license?: string;
}

if (import.meta.main) {
  const config: Config = JSON.parse(await Deno.readTextFile(`${root}/deno.json`));
  const pkg = await readOwnPackage(root);
  const docs = await readPackageDocs(root, pkg.exports);
  const publish = await publishFaults();
  const score = scoreRules(pkg, docs, config, publish);
  const outcomes = [...score, ...await packageRules(pkg, config, publish), ...ownRules(docs)];
  const known = score.filter(({ faults }) => faults !== undefined);
  const sum = (some: Outcome[]) => some.reduce((total, { points }) => total + points, 0);
  console.log(outcomes.map(show).join("\n"));
  const kept = sum(known.filter(({ faults }) => faults!.length === 0));
  console.log(`\n${kept} of the ${sum(known)} points that can be told offline, of ${sum(score)}`);
  if (outcomes.some(({ faults }) => faults !== undefined && faults.length > 0)) Deno.exit(1);
}
