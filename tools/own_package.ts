// Copyright 2026 the Weft authors. MIT license.

/**
 * Reads a package as `deno publish` would send it, by the `publish` part of its `deno.json`, to put
 * it into a directory registry. Bare specifiers are left as they are: published modules name their
 * dependencies in full.
 *
 * @module
 */

import { glob } from "node:fs/promises";
import type { RegistryPackage } from "./directory_registry.ts";

interface Config {
  readonly name: string;
  readonly version: string;
  readonly exports: string | Readonly<Record<string, string>>;
  readonly publish?: { readonly include?: string[]; readonly exclude?: string[] };
}

/**
 * Reads the package in a folder.
 *
 * @param root Folder with the `deno.json`; this project by default.
 * @returns The package, with every file that its `publish` part includes.
 */
export async function readOwnPackage(
  root: string = `${import.meta.dirname}/..`,
): Promise<RegistryPackage> {
  const config: Config = JSON.parse(await Deno.readTextFile(`${root}/deno.json`));
  const { include = ["**/*"], exclude = [] } = config.publish ?? {};
  const files = new Map<string, Uint8Array<ArrayBuffer>>();

  for (const path of (await Array.fromAsync(glob(include, { cwd: root, exclude }))).sort()) {
    if ((await Deno.stat(`${root}/${path}`)).isFile) {
      files.set(path.replaceAll("\\", "/"), await Deno.readFile(`${root}/${path}`));
    }
  }
  return {
    name: config.name,
    version: config.version,
    exports: typeof config.exports === "string" ? { ".": config.exports } : config.exports,
    files,
  };
}
