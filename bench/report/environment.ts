// Copyright 2026 the Weft authors. MIT license.

import { readFile } from "node:fs/promises";
import os from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { outputOf } from "../peers/machine.ts";
import { installNodePackages } from "../peers/node_packages.ts";
import { poolPackages } from "../peers/pools.ts";
import { findPython } from "../peers/python.ts";
import type { Environment } from "./report.ts";

const missing = "not installed";
const peers = new URL("../peers/", import.meta.url);

/** Finds out where this runs: the machine, the versions of what is measured, and of us. */
export async function findEnvironment(): Promise<Environment> {
  const cpus = os.cpus();
  const versions = await Promise.all([
    ["Deno", Deno.version.deno],
    ["V8", Deno.version.v8],
    ["Node", await versionOf("node", "--version")],
    ["Python", await versionOf("python3", "--version")],
    ...await pythonPackages(["gevent", "greenlet"]),
    ...await nodePackages(poolPackages),
    ["async-mutex", await importedVersion("async_mutex.ts", "async-mutex")],
    ["effection", await importedVersion("coroutines_effection.ts", "effection")],
    ["Redis", await versionOf("redis-server", "--version")],
    ["RabbitMQ", await versionOf("rabbitmqctl", "version")],
  ] as [string, string][]);
  return {
    commit: await findCommit(),
    machine: {
      "CPU": cpus[0]?.model ?? "unknown",
      "cores": `${cpus.length}`,
      "memory": `${(Deno.systemMemoryInfo().total / 2 ** 30).toFixed(1)} GiB`,
      "system": `${Deno.build.target}, kernel ${Deno.osRelease()}`,
    },
    versions: Object.fromEntries(versions),
  };
}

/** The commit; it says so if files other than those of the report differ from it. */
async function findCommit(): Promise<string> {
  const commit = await outputOf("git", "rev-parse", "--short", "HEAD");
  if (commit === undefined) return "unknown";
  const others = ["RESULTS.md", "results.json", "charts"].map((name) =>
    `:(top,exclude)bench/${name}`
  );
  const changed = await outputOf("git", "status", "--porcelain", "--", ":(top)", ...others);
  return changed === "" ? commit : `${commit}, with changes`;
}

/** The first number with dots that a program prints. */
async function versionOf(program: string, ...args: string[]): Promise<string> {
  const output = await outputOf(program, ...args);
  if (output === undefined) return missing;
  return /\d+(\.\d+)+/.exec(output)?.[0] ?? output;
}

function pythonPackages(names: readonly string[]): Promise<[string, string][]> {
  return Promise.all(names.map(async (name): Promise<[string, string]> => {
    const code = `import ${name}; print(${name}.__version__)`;
    return [name, await outputOf(await findPython(name), "-c", code) ?? missing];
  }));
}

/** The versions of packages that are `name@version`, where they are installed. */
async function nodePackages(packages: readonly string[]): Promise<[string, string][]> {
  const beside = await installNodePackages(packages);
  return await Promise.all(packages.map(async (specifier): Promise<[string, string]> => {
    const name = specifier.slice(0, specifier.lastIndexOf("@"));
    if (beside === undefined) return [name, missing];
    const text = await readFile(join(dirname(beside), name, "package.json"), "utf8");
    return [name, JSON.parse(text).version];
  }));
}

/** The version of a package of npm that a program of Deno imports. */
async function importedVersion(file: string, name: string): Promise<string> {
  const path = fileURLToPath(new URL(file, peers));
  const info = await outputOf(Deno.execPath(), "info", "--json", path);
  if (info === undefined) return missing;
  const packages = Object.keys(JSON.parse(info).npmPackages ?? {});
  const found = packages.find((specifier) => specifier.startsWith(`${name}@`));
  return found?.slice(name.length + 1) ?? missing;
}
