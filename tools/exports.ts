// Copyright 2026 the Weft authors. MIT license.

/**
 * Prints the modules that the package exports, for commands that take a list of them:
 *
 * ```sh
 * deno doc --lint $(deno run -A tools/exports.ts)
 * ```
 *
 * @module
 */

import config from "../deno.json" with { type: "json" };

if (import.meta.main) console.log(Object.values(config.exports).join(" "));
