// Copyright 2026 the Weft authors. MIT license.

import { delimiter, dirname, join } from "node:path";

/**
 * Installs packages of npm in npm's own cache.
 *
 * @returns A path beside them, to load them from; `undefined` where they are not to be had.
 */
export async function installNodePackages(
  packages: readonly string[],
): Promise<string | undefined> {
  const wanted = packages.map((name) => `--package=${name}`);
  const args = ["--yes", ...wanted, "--", "node", "--print", "process.env.PATH"];
  try {
    // npx has the programs of the packages found first.
    const { success, stdout } = await new Deno.Command("npx", { args, stderr: "null" }).output();
    if (!success) return undefined;
    const [programs] = new TextDecoder().decode(stdout).split(delimiter);
    return join(dirname(programs!), "beside.js");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
