// Copyright 2026 the Weft authors. MIT license.

/**
 * What is to be said in the documentation of public symbols, as far as a program can tell.
 *
 * @module
 */

import { pathToFileURL } from "node:url";
import { type DocEntry, type DocSymbol, readDocs } from "./doc_symbols.ts";

/** The documentation of a package. */
export interface Docs {
  /** Its entries, with their paths as `deno.json` has them. */
  readonly entries: readonly (DocEntry & { readonly path: string })[];
  /** What the entries have, each once. */
  readonly symbols: readonly DocSymbol[];
}

/**
 * Reads the documentation of all entries.
 *
 * @param root Folder of the package.
 * @param exports Module of every export, such as `{ ".": "./mod.ts" }`.
 */
export async function readPackageDocs(
  root: string,
  exports: Readonly<Record<string, string>>,
): Promise<Docs> {
  const base = pathToFileURL(Deno.realPathSync(root)).href;
  const short = (url: string) => url.replace(`${base}/`, "./");
  const entries = (await readDocs(root, Object.values(exports)))
    .map((entry) => ({ ...entry, path: short(entry.url) }));
  const symbols = new Map<string, DocSymbol>();
  for (const symbol of entries.flatMap((entry) => entry.symbols)) {
    const place = short(symbol.place).replace("./", "");
    symbols.set(`${symbol.name} ${place}`, { ...symbol, place });
  }
  return { entries, symbols: [...symbols.values()] };
}

function show({ name, place }: DocSymbol): string {
  return `${name} (${place})`;
}

/** The symbols that have no comment. */
export function undocumented(symbols: readonly DocSymbol[]): string[] {
  return symbols.filter(({ documented }) => !documented).map(show);
}

/** The classes and functions of which no declaration has an example. */
export function withoutExample(symbols: readonly DocSymbol[]): string[] {
  const shown = new Set(symbols.filter(({ examples }) => examples > 0).map(({ name }) => name));
  const silent = symbols.filter(({ name, kind, owner }) =>
    owner === undefined && (kind === "class" || kind === "function") && !shown.has(name)
  );
  return [...new Map(silent.map((symbol) => [symbol.name, show(symbol)])).values()];
}

/** The parameters that are described and are not there. */
export function unknownParams(symbols: readonly DocSymbol[]): string[] {
  return symbols.flatMap((symbol) =>
    symbol.describedParams
      .filter((name) => symbol.params !== undefined && !symbol.params.includes(name))
      .map((name) => `${show(symbol)} describes ${name}`)
  );
}

/** The links to what is not public. */
export function brokenLinks(symbols: readonly DocSymbol[]): string[] {
  const names = new Set(symbols.map(({ name }) => name));
  const bases = basesOf(symbols);
  const exists = (link: string) => {
    const [owner, member] = link.replace(".prototype", "").split(".");
    if (member === undefined) return names.has(owner!);
    return [owner!, ...bases(owner!)].some((name) => names.has(`${name}.${member}`));
  };
  return symbols.flatMap((symbol) =>
    [...symbol.text.matchAll(/\{@link(?:code|plain)? +([^}|\s]+)/g)]
      .filter(([, link]) => !/^https?:/.test(link!) && !exists(link!))
      .map(([, link]) => `${show(symbol)} links ${link}`)
  );
}

/** The functions and methods that take a timeout or a signal, and do not say what they do. */
export function untoldWaits(symbols: readonly DocSymbol[]): string[] {
  const names = new Set(symbols.map(({ name }) => name));
  const bases = basesOf(symbols);
  const takes = ({ kind, paramTypes }: DocSymbol, option: string) =>
    kind !== "constructor" && paramTypes.some((type) =>
      type.endsWith("Options") &&
      [type, ...bases(type)].some((name) => names.has(`${name}.${option}`))
    );
  return symbols.flatMap((symbol) => [
    ...(takes(symbol, "timeout") && !/timeout|in time|time (is|runs|ran)/i.test(symbol.text)
      ? [`${show(symbol)} says nothing of the timeout`]
      : []),
    ...(takes(symbol, "signal") && !/signal|abort/i.test(symbol.text)
      ? [`${show(symbol)} says nothing of the signal`]
      : []),
  ]);
}

/** What a class or an interface extends, near and far. */
function basesOf(symbols: readonly DocSymbol[]): (name: string) => string[] {
  const near = new Map(symbols.map(({ name, bases }) => [name, bases]));
  return function far(name: string): string[] {
    return (near.get(name) ?? []).flatMap((base) => [base, ...far(base)]);
  };
}
