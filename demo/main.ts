// Copyright 2026 the Weft authors. MIT license.

/**
 * The tutorials' examples, rebuilt with Weft; each runs for real and checks its own outcome.
 *
 * ```sh
 * deno task demo                          # all of them
 * deno task demo --list                   # what there is
 * deno task demo process-join --scale 1   # one, with the tutorials' own times
 * deno task demo --report out.html        # and a page that draws what ran when, for a browser
 * ```
 *
 * @module
 */

import { demo } from "./_frame/demo.ts";
import { scenarios } from "./scenarios.ts";

if (import.meta.main) Deno.exitCode = await demo(Deno.args, scenarios);
