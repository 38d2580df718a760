// Copyright 2026 the Weft authors. MIT license.

/**
 * What JSR requires of a package before it takes it, as far as that can be told offline.
 *
 * @module
 */

import { fileURLToPath, pathToFileURL } from "node:url";
import type { RegistryPackage } from "./directory_registry.ts";

/** Bytes that all files of a package may have. */
const MAX_BYTES = 20 * 1024 * 1024;

// Devices of Windows, where no file can have such a name.
const RESERVED = /^(aux|con|nul|prn|com[1-9]|lpt[1-9])(\.|$)/i;

/** Files that are published although no module imports them. */
const BESIDES =
  /^(deno\.jsonc?|jsr\.jsonc?|(README|LICENSE|LICENCE|CHANGELOG)(\.[a-z]{2})?(\.md|\.txt)?)$/;

/**
 * Says what is wrong with a name, such as `@weft/concurrency`.
 *
 * @param name The name, with its scope.
 */
export function nameFaults(name: string): string[] {
  const [, scope, pkg] = /^@([^/]*)\/([^/]*)$/.exec(name) ?? [];
  if (scope === undefined || pkg === undefined) return [`"${name}" is not @scope/name`];
  return [
    ...partFaults(scope, /^[a-z0-9.-]*$/, 20),
    ...partFaults(pkg, /^[a-z0-9-]*$/, 58),
  ];
}

function partFaults(part: string, letters: RegExp, most: number): string[] {
  const good = part.length >= 2 && part.length <= most && letters.test(part) &&
    !/^[-.]|[-.]$|--|\.\./.test(part);
  return good ? [] : [`"${part}" is not 2 to ${most} small letters, digits and single hyphens`];
}

/**
 * Says what is wrong with the paths and sizes of the files.
 *
 * @param pkg The package.
 */
export function fileFaults({ files }: RegistryPackage): string[] {
  const faults: string[] = [];
  const seen = new Map<string, string>();
  let bytes = 0;
  for (const [path, content] of files) {
    const parts = path.split("/");
    bytes += content.length;
    if (!/^[\w$()+\-.@[\]{}~/]+$/.test(path)) faults.push(`${path} has a letter that JSR refuses`);
    if (path.length >= 155 || parts.at(-1)!.length > 95) faults.push(`${path} is too long`);
    if (parts[0] === "_dist") faults.push(`${path} is where JSR puts its own files`);
    if (parts.some((part) => RESERVED.test(part) || part.endsWith("."))) {
      faults.push(`${path} cannot be a file on Windows`);
    }
    const same = seen.get(path.toLowerCase());
    if (same !== undefined) faults.push(`${path} and ${same} differ by case alone`);
    seen.set(path.toLowerCase(), path);
  }
  if (bytes > MAX_BYTES) faults.push(`${bytes} bytes are more than ${MAX_BYTES}`);
  return faults;
}

/** What the modules of a package import. */
export interface ModuleFaults {
  /** Imports of what is not published. */
  readonly missing: readonly string[];
  /** Imports of other packages that need an import map, a version or another server than JSR and npm. */
  readonly foreign: readonly string[];
  /** Published files that nothing imports. */
  readonly superfluous: readonly string[];
}

/**
 * Follows the imports from the entries, and says what they miss and what they do not reach.
 *
 * Modules that are named by a string, such as the first one of a worker, count as imported.
 *
 * @param root Folder of the package.
 * @param pkg The package.
 * @throws {Error} If `deno info` fails.
 */
export async function moduleFaults(root: string, pkg: RegistryPackage): Promise<ModuleFaults> {
  const base = pathToFileURL(`${root.replace(/\/*$/, "")}/`).href;
  const reached = new Set<string>();
  const missing = new Set<string>();
  const foreign = new Set<string>();
  const roots = Object.values(pkg.exports).map((path) => path.replace(/^\.\//, ""));

  for (let next = roots.pop(); next !== undefined; next = roots.pop()) {
    if (reached.has(next)) continue;
    for (const { specifier, dependencies } of await graphOf(root, next)) {
      if (!specifier.startsWith(base)) continue;
      const path = fileURLToPath(specifier).slice(fileURLToPath(base).length);
      if (reached.has(path)) continue;
      reached.add(path);
      for (const dependency of dependencies) {
        if (!/^(\.\.?\/|node:|(npm|jsr):\/?(@[^/]+\/)?[^/]+@)/.test(dependency)) {
          foreign.add(`${path} imports ${dependency}`);
        }
      }
      const content = pkg.files.get(path);
      if (content === undefined) missing.add(path);
      else roots.push(...namedModules(path, new TextDecoder().decode(content), base));
    }
  }
  return {
    missing: [...missing].map((path) => `${path} is imported`),
    foreign: [...foreign],
    superfluous: [...pkg.files.keys()].filter((path) => !reached.has(path) && !BESIDES.test(path)),
  };
}

interface GraphModule {
  readonly specifier: string;
  readonly dependencies: readonly string[];
}

async function graphOf(root: string, path: string): Promise<GraphModule[]> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "--no-remote", "--no-npm", path],
    cwd: root,
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  if (code !== 0) throw new Error(`Cannot read the imports of ${path}: ${decoder.decode(stderr)}`);
  return JSON.parse(decoder.decode(stdout)).modules.map((
    module: { specifier: string; dependencies?: { specifier: string }[] },
  ) => ({
    specifier: module.specifier,
    dependencies: (module.dependencies ?? []).map(({ specifier }) => specifier),
  }));
}

/** The modules that a module names by strings such as `"./worker.ts"`, outside of comments. */
function namedModules(path: string, text: string, base: string): string[] {
  const code = text.replaceAll(/\/\*[^]*?\*\/|^\s*\/\/.*$/gm, "");
  return [...code.matchAll(/"(\.\.?\/[\w./-]+\.ts)"/g)].map(([, name]) =>
    new URL(name!, base + path).href.slice(base.length)
  );
}
