// Copyright 2026 the Weft authors. MIT license.

/**
 * Prints the address that @std is to be loaded from: JSR where it answers, else a directory
 * registry in the cache folder. The tasks of `deno.json` put it into `JSR_URL`:
 *
 * ```sh
 * JSR_URL=$(deno run -A tools/jsr.ts) deno test -A
 * ```
 *
 * An address in `JSR_URL` already takes the place of https://jsr.io. Stderr says what was taken.
 *
 * @module
 */

import { pathToFileURL } from "node:url";
import { ensureStdRegistry, SOURCE } from "./std_registry.ts";

/** Milliseconds that JSR may take to answer. */
const PATIENCE = 1000;

/** Whether a JSR server answers with the package that every test needs. */
async function isReachable(url: string): Promise<boolean> {
  try {
    const address = new URL("@std/assert/meta.json", url.replace(/\/*$/, "/"));
    const response = await fetch(address, { signal: AbortSignal.timeout(PATIENCE) });
    // Networks that answer everything with a page of their own are not JSR.
    return response.ok && "versions" in await response.json();
  } catch {
    return false;
  }
}

async function choose(): Promise<string> {
  const url = Deno.env.get("JSR_URL") || "https://jsr.io";
  if (url.startsWith("file:")) {
    console.error(`@std comes from JSR_URL, ${url}`);
    return url;
  }
  if (await isReachable(url)) {
    console.error(`@std comes from JSR, ${url}`);
    return url;
  }
  const folder = await ensureStdRegistry();
  console.error(`@std comes from npm:${SOURCE} as ${url} does not answer`);
  return pathToFileURL(`${folder}/`).href;
}

if (import.meta.main) console.log(await choose());
