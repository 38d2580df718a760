// Copyright 2026 the Weft authors. MIT license.

/**
 * Measures what Weft does beside what its peers do, and prints one table.
 *
 * ```sh
 * deno task bench:peers            # all topics
 * deno task bench:peers locks      # one
 * ```
 *
 * The machine drifts, so that figures of different runs do not compare; the ratios do.
 *
 * @module
 */

import { describeMachine } from "./machine.ts";
import { defaultRounds, type Result, runRounds } from "./measure.ts";
import { formatTable } from "./table.ts";
import { topics } from "./topics.ts";

const wanted = Deno.args.length > 0 ? Deno.args : Object.keys(topics);
const unknown = wanted.filter((name) => topics[name] === undefined);
if (unknown.length > 0) {
  console.error(`No topic of this name: ${unknown}; there are ${Object.keys(topics)}`);
  Deno.exit(2);
}

console.log(
  `${await describeMachine()}; medians of up to ${defaultRounds} rounds, ratio = peer / ours\n`,
);
const results: Result[] = [];
for (const name of wanted) {
  const topic = await topics[name]!();
  try {
    for (const measure of topic.measures) {
      console.error(`${name}: ${measure.name}`);
      results.push(...await runRounds(measure));
    }
  } finally {
    await topic.stop();
  }
}
console.log(formatTable(results));
