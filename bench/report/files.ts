// Copyright 2026 the Weft authors. MIT license.

import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Report } from "./report.ts";

/** Reads the results of before; none if there are none. */
export async function readReport(folder: URL): Promise<Report> {
  try {
    return JSON.parse(await readFile(new URL("results.json", folder), "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
}

/** Writes files by their paths in a folder. Whatever interrupts it, each is as it was, or new and whole. */
export async function replaceFiles(folder: URL, files: ReadonlyMap<string, string>): Promise<void> {
  const written: [from: URL, to: URL][] = [];
  for (const [path, text] of files) {
    const to = new URL(path, folder);
    const from = new URL(`${to.href}.new`);
    await mkdir(new URL(".", to), { recursive: true });
    await writeFile(from, await inHouseStyle(path, text));
    written.push([from, to]);
  }
  for (const [from, to] of written) await rename(from, to);
}

/** What `deno fmt` makes of a file, as the checks want it. */
async function inHouseStyle(path: string, text: string): Promise<string> {
  const kind = extname(path).slice(1);
  const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--quiet", "--config", config, "--ext", kind, "-"],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = child.stdin.getWriter();
  const [{ success, stdout }] = await Promise.all([
    child.output(),
    writer.write(new TextEncoder().encode(text)).then(() => writer.close()),
  ]);
  if (!success) throw new Error(`Cannot format ${path}`);
  return new TextDecoder().decode(stdout);
}
