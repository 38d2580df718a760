// Copyright 2026 the Weft authors. MIT license.

/**
 * Builds the directory registry of the @std packages that tests, examples and demo use, where JSR
 * cannot be reached. The modules come from the npm package `deno-std`, a compiled republication of
 * @std, through Deno's own npm support, so the user's registry and credentials count. It has no
 * types: `std_types/` declares what each package exports.
 *
 * @module
 */

import { sha256, writePackage } from "./directory_registry.ts";

/** Npm package that the modules come from. */
export const SOURCE = "deno-std@1.3.1";

/** One @std package of the registry. */
export interface StdPackage {
  /** Name with its scope. */
  readonly name: string;
  /** Version that it is given, the one of @std that its modules come from. */
  readonly version: string;
  /** Folder in the npm package. */
  readonly folder: string;
  /** Modules that it exports, without extension; all public ones of the folder by default. */
  readonly modules?: readonly string[];
  /** Modules of `std_types/` that take the place of those of the npm package. */
  readonly replaced?: readonly string[];
  /** Whether `std_types/` declares it; if not, only other @std packages can use it. */
  readonly typed: boolean;
}

/** The packages of the registry. */
export const PACKAGES: readonly StdPackage[] = [
  { name: "@std/assert", version: "1.0.13", folder: "assert", typed: true },
  { name: "@std/async", version: "1.0.13", folder: "async", typed: true },
  {
    name: "@std/cli",
    version: "1.0.20",
    folder: "cli",
    // The npm package lacks the table of widths, a JSON file.
    replaced: ["unicode_width.js"],
    typed: true,
  },
  {
    name: "@std/testing",
    version: "1.0.14",
    folder: "testing",
    // The others need files or packages that are not there.
    modules: ["mock", "time"],
    typed: true,
  },
  { name: "@std/internal", version: "1.0.8", folder: "internal", typed: false },
  {
    name: "@std/data-structures",
    version: "1.0.8",
    folder: "data_structures",
    modules: ["comparators", "red_black_tree"],
    typed: false,
  },
];

const OWN_SOURCES = [
  "directory_registry.ts",
  "std_registry.ts",
  ...PACKAGES.filter((pkg) => pkg.typed).map((pkg) => `std_types/${pkg.folder}.d.ts`),
  ...PACKAGES.flatMap((pkg) => pkg.replaced ?? []).map((path) => `std_types/${path}`),
];

/**
 * Gives the folder of the registry, building it where it is not in the cache yet. Runs at the same
 * time are safe: each builds its own folder, and the first that is done moves it into place.
 *
 * @returns The absolute path of the registry's folder.
 * @throws {Error} If the npm package cannot be installed.
 */
export async function ensureStdRegistry(): Promise<string> {
  const cache = cacheFolder();
  const target = `${cache}/std-${await buildKey()}`;
  if (await isFolder(target)) return target;

  await Deno.mkdir(cache, { recursive: true });
  const temporary = await Deno.makeTempDir({ dir: cache, prefix: ".building-" });
  try {
    const source = await installSource(`${temporary}/source`);
    for (const pkg of PACKAGES) await buildPackage(source, `${temporary}/registry`, pkg);
    await moveIntoPlace(`${temporary}/registry`, target);
  } finally {
    await Deno.remove(temporary, { recursive: true });
  }
  return target;
}

async function buildPackage(source: string, root: string, pkg: StdPackage): Promise<void> {
  const modules = pkg.modules ?? await publicModules(`${source}/${pkg.folder}`);
  const exports: Record<string, string> = {};
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const pending = modules.map((module) => `${module}.js`);

  for (const path of pending) {
    if (files.has(path)) continue;
    const code = await Deno.readTextFile(
      pkg.replaced?.includes(path)
        ? ownFile(`std_types/${path}`)
        : `${source}/${pkg.folder}/${path}`,
    );
    for (const [, imported] of code.matchAll(/^(?:[^*\n]* )?from "\.\/(.+?)"/gm)) {
      pending.push(imported!);
    }
    const declared = pkg.typed && !path.startsWith("_");
    const types = path.replace(/js$/, "d.ts");
    const header = declared ? `/* @ts-self-types="./${types}" */\n` : "";
    files.set(path, encode(header + linkSiblings(code)));
    if (declared) files.set(types, encode(declarations(code)));
  }
  if (pkg.typed) {
    files.set("types.d.ts", await Deno.readFile(ownFile(`std_types/${pkg.folder}.d.ts`)));
  }
  for (const module of modules) {
    const key = module === "mod" ? "." : `./${module.replaceAll("_", "-")}`;
    exports[key] = `./${module}.js`;
  }
  await writePackage(root, { name: pkg.name, version: pkg.version, exports, files });
}

/**
 * Turns imports of another package, which are relative in the npm package, into those of JSR. That
 * also mends `testing/time`, which imports `data-structures` where the folder is `data_structures`.
 */
function linkSiblings(code: string): string {
  return code.replaceAll(
    /from "\.\.\/([\w-]+)\/(\w+)\.js"/g,
    (_, folder: string, module: string) => {
      const name = `@std/${folder.replaceAll("_", "-")}`;
      return `from "jsr:${name}@^1${module === "mod" ? "" : `/${module.replaceAll("_", "-")}`}"`;
    },
  );
}

/** Every module declares the values that it exports, and all types of its package. */
function declarations(code: string): string {
  const names = [...code.matchAll(/^export (?:async )?(?:function|class|const) (\w+)/gm)];
  const stars = [...code.matchAll(/^export \* from "\.\/(\w+)\.js"/gm)];
  return [
    ...stars.map(([, module]) => `export * from "./${module}.d.ts";`),
    `export { ${names.map(([, name]) => name).join(", ")} } from "./types.d.ts";`,
    `export type * from "./types.d.ts";`,
    "",
  ].join("\n");
}

async function publicModules(folder: string): Promise<string[]> {
  const names = (await Array.fromAsync(Deno.readDir(folder))).map((entry) => entry.name);
  return names.filter((name) => /^[a-z]\w*\.js$/.test(name)).map((name) => name.slice(0, -3))
    .sort();
}

async function installSource(folder: string): Promise<string> {
  const [name] = SOURCE.split("@");
  await Deno.mkdir(folder);
  await Deno.writeTextFile(
    `${folder}/deno.json`,
    JSON.stringify({
      nodeModulesDir: "auto",
      lock: false,
      imports: { [name!]: `npm:${SOURCE}` },
    }),
  );
  // Deno looks for .npmrc beside the config and in the home folder: the project's own counts too.
  await Deno.copyFile(ownFile("../.npmrc"), `${folder}/.npmrc`).catch(ignoreNotFound);
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["install", "--quiet"],
    cwd: folder,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).output();
  if (!success) {
    throw new Error(
      `Cannot install npm package "${SOURCE}": ${new TextDecoder().decode(stderr).trim()}`,
    );
  }
  return `${folder}/node_modules/${name}`;
}

async function moveIntoPlace(from: string, to: string): Promise<void> {
  try {
    await Deno.rename(from, to);
  } catch (error) {
    // Another run was faster: its registry is the same.
    if (!await isFolder(to)) throw error;
  }
}

async function buildKey(): Promise<string> {
  const sources = await Promise.all(OWN_SOURCES.map((path) => Deno.readTextFile(ownFile(path))));
  return (await sha256(encode([SOURCE, ...sources].join("\0")))).slice(0, 16);
}

function cacheFolder(): string {
  const home = Deno.env.get("HOME");
  const base = Deno.env.get("XDG_CACHE_HOME") || Deno.env.get("LOCALAPPDATA") ||
    (home ? `${home}/.cache` : undefined);
  return base ? `${base}/weft` : ownFile("../.cache");
}

function ownFile(path: string): string {
  return `${import.meta.dirname}/${path}`;
}

async function isFolder(path: string): Promise<boolean> {
  const info = await Deno.stat(path).catch(ignoreNotFound);
  return info?.isDirectory ?? false;
}

function ignoreNotFound(error: unknown): undefined {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

function encode(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
