// Copyright 2026 the Weft authors. MIT license.

import { processContext, setProcessContext } from "../task/context.ts";
import { holdsAll } from "./_permissions.ts";

/** Flags by which a child is to resolve and run modules as its parent does; they take a value. */
const valueFlags = new Set([
  "--cert",
  "--conditions",
  "--config",
  "--import-map",
  "--location",
  "--min-dep-age",
  "--node-modules-linker",
  "--seed",
]);
/** The same without a value, or with one after `=`. */
const plainFlags = new Set([
  "--cached-only",
  "--frozen",
  "--frozen-lockfile",
  "--lock",
  "--no-config",
  "--no-lock",
  "--no-npm",
  "--no-remote",
  "--node-modules-dir",
  "--unsafely-ignore-certificate-errors",
  "--v8-flags",
  "--vendor",
]);
/** Flags that are not handed on, and whose value may be the next argument. */
const foreignValueFlags = new Set([
  "--coverage-threshold",
  "--ext",
  "--filter",
  "--host",
  "--inspect-publish-uid",
  "--junit-path",
  "--log-level",
  "--port",
  "--preload",
  "--related",
  "--repeats",
  "--reporter",
  "--require",
  "--retry",
  "--shard",
]);
/** Flags whose value is a file. */
const fileFlags = new Set(["--cert", "--config", "--import-map", "--lock"]);
const subcommands = new Set(["bench", "eval", "run", "serve", "test", "watch"]);
const configFlags = ["--config", "-c", "--no-config"];

/**
 * Finds the flags by which a child process resolves modules as this one does.
 *
 * The main module of the child is one of this library, so it would not find the program's
 * `deno.json` by itself. Where this process may read its own command line (`--allow-all`, Linux),
 * the flags of interest in it are handed on; else, or where it names no configuration, the nearest
 * `deno.json` above the main module is taken. A compiled program needs none of that.
 *
 * @param runtimeArgs Flags that the caller gives; a configuration among them is taken instead.
 */
export function configArgs(runtimeArgs: readonly string[]): string[] {
  if (Deno.build.standalone) return [];
  const given = runtimeArgs.some((arg) => configFlags.includes(arg.split("=")[0]!));
  const found = inheritedArgs();
  return given ? found.filter((arg) => !configFlags.includes(arg.split("=")[0]!)) : [...found];
}

function inheritedArgs(): readonly string[] {
  const context = processContext();
  if (context.configArgs !== undefined) return context.configArgs;
  const args = flagsOf(commandLine());
  let configDenied = false;
  if (!args.some((arg) => configFlags.includes(arg.split("=")[0]!))) {
    const discovered = discover(context.mainModule);
    configDenied = discovered === undefined;
    args.push(...discovered ?? []);
  }
  setProcessContext({ ...context, configArgs: args, configDenied });
  return args;
}

/** The command line of this process without the program; Deno lets only `--allow-all` read it. */
function commandLine(): string[] {
  if (Deno.build.os !== "linux" || !holdsAll()) return [];
  return Deno.readTextFileSync("/proc/self/cmdline").split("\0").slice(1, -1);
}

/** Picks the flags to hand on, in the form `--flag=value`, up to the script. */
export function flagsOf(commandLine: readonly string[]): string[] {
  const flags: string[] = [];
  let inSubcommand = false;
  for (let i = 0; i < commandLine.length; i++) {
    const arg = commandLine[i]!;
    if (!inSubcommand && subcommands.has(arg)) {
      inSubcommand = true;
      continue;
    }
    if (!arg.startsWith("-") || arg === "--") break;
    const flag = splitFlag(arg);
    const { name } = flag;
    let { value } = flag;
    if (value === undefined && takesNext(name, commandLine[i + 1])) value = commandLine[++i];
    const isOurs = valueFlags.has(name) || plainFlags.has(name) || name.startsWith("--unstable");
    if (!isOurs) continue;
    if (value !== undefined && fileFlags.has(name)) value = absolute(value);
    flags.push(value === undefined ? name : `${name}=${value}`);
  }
  return flags;
}

/** Takes a flag apart; short ones can be joined, with each other and the value (`-Aqc=file`). */
function splitFlag(arg: string): { name: string; value: string | undefined } {
  const short = /^-[A-Za-z]*?([cL])=?(.*)$/s.exec(arg);
  if (short !== null) {
    return { name: short[1] === "c" ? "--config" : "--log-level", value: short[2] || undefined };
  }
  const equals = arg.indexOf("=");
  if (equals < 0) return { name: arg, value: undefined };
  return { name: arg.slice(0, equals), value: arg.slice(equals + 1) };
}

function takesNext(name: string, next: string | undefined): boolean {
  if (valueFlags.has(name) || foreignValueFlags.has(name)) return true;
  return name === "--lock" && next !== undefined && !next.startsWith("-");
}

function absolute(file: string): string {
  return file.startsWith("/") || URL.canParse(file) ? file : `${Deno.cwd()}/${file}`;
}

/**
 * Looks for the nearest configuration above a module, or above the current directory.
 *
 * @returns The flags for it; `undefined` without permission to look.
 */
function discover(mainModule: string): string[] | undefined {
  try {
    const isFile = mainModule.startsWith("file:");
    let directory = isFile ? new URL(".", mainModule) : new URL(`file://${Deno.cwd()}/`);
    for (;;) {
      for (const name of ["deno.json", "deno.jsonc"]) {
        const file = new URL(name, directory);
        if (exists(file)) return [`--config=${decodeURIComponent(file.pathname)}`];
      }
      // Where only package.json is, its node_modules is found next to the importing module.
      if (exists(new URL("package.json", directory))) return ["--node-modules-dir=manual"];
      const parent = new URL("..", directory);
      if (parent.href === directory.href) return [];
      directory = parent;
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}

function exists(file: URL): boolean {
  try {
    return Deno.statSync(file).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
