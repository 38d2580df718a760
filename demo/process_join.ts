// Copyright 2026 the Weft authors. MIT license.

/**
 * Process join: when to wait for a child.
 *
 * Three children sleep 1, 2 and 3 seconds. Started together and joined afterwards they take as long
 * as the longest; started and joined one by one they take the sum.
 *
 * ```sh
 * deno task demo process-join
 * deno run --allow-run --allow-read=. --allow-net=127.0.0.1 demo/process_join.ts
 * ```
 *
 * @module
 */

import { Process } from "@weft/concurrency/process";
import { task } from "@weft/concurrency/task";
import { runProgram, sleep } from "./_frame/program.ts";
import type { Scenario } from "./_frame/scenario.ts";

/** Sleeps, and tells when it began and ended, on a clock that all processes share. */
export const work = task(import.meta, async function work(name: string, ms: number) {
  const began = Date.now();
  console.log(`${name} is running`);
  await sleep(ms);
  console.log(`${name} is done`);
  return { began, ended: Date.now() };
});

/** When a child began and ended. */
type Span = Awaited<ReturnType<typeof work>>;

/** The scenario. */
export const scenario: Scenario = {
  name: "process-join",
  module: import.meta.url,
  seeds: "S0.3 S4.4",
  title: "Three children sleep 1, 2 and 3 s: joined after all are started, then one by one.",
  claim: "together they take the longest, one by one the sum",
  permissions: ["run", "read=.", "net=127.0.0.1"],

  async run(ctx) {
    // A second lasts 250 ms or more here: with less, the start of a process would outweigh it.
    const ms = (seconds: number) => ctx.ms(seconds, seconds * 250);

    // S0.3: start all, then join all.
    let start = performance.now();
    const processes = [1, 2, 3].map((i) => {
      return new Process(work, { args: [`子${i}`, ms(i)] }).start();
    });
    const spans: Span[] = [];
    for (const p of processes) spans.push(await p.join());
    const together = performance.now() - start;

    // S4.4: start and join each before the next.
    start = performance.now();
    const turns: Span[] = [];
    for (const i of [1, 2, 3]) {
      const p = new Process(work, { args: [`jason${i}`, ms(i)] });
      p.start();
      turns.push(await p.join());
    }
    const oneByOne = performance.now() - start;

    ctx.say(`together 同时\t${together.toFixed(0)} ms`);
    ctx.say(`one by one 依次\t${oneByOne.toFixed(0)} ms`);
    ctx.check("together: not less than the longest", together >= ms(3) * 0.95, together);
    ctx.check("one by one: not less than the sum", oneByOne >= ms(6) * 0.95, oneByOne);
    ctx.check(
      "one by one: each begins after the one before it has ended",
      turns.every(({ began }, i) => i === 0 || began >= turns[i - 1]!.ended),
      turns,
    );
    // From the first that begins to the last that ends. The sleeps make the ratio 2; on a machine
    // that is busy with other things, children that begin late make it less.
    const ratio = length(turns) / length(spans);
    ctx.check("one by one takes clearly longer: 1.2 times or more", ratio >= 1.2, ratio);
  },
};

function length(spans: Span[]): number {
  return Math.max(...spans.map((span) => span.ended)) -
    Math.min(...spans.map((span) => span.began));
}

if (import.meta.main) await runProgram(scenario);
