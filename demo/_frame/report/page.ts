// Copyright 2026 the Weft authors. MIT license.

import type { Outcome } from "../launch.ts";
import { pageScript } from "./page_script.ts";
import { pageStyle } from "./page_style.ts";
import { type Lane, type Timeline, timeline } from "./timeline.ts";

/** What the report is about, besides the scenarios. */
export interface ReportOptions {
  /** What a second of the tutorials lasted, in seconds. */
  readonly scale: number;
  /** When it was run. */
  readonly date: Date;
  /** Milliseconds that all of it took. */
  readonly elapsed: number;
}

/** Characters of a scenario's output that are kept. */
const mostOutput = 20_000;

/**
 * Writes the report: one page that needs nothing else, from no network.
 *
 * Bars are boxes of HTML and not a drawing: so their text is cut where they end, they can be searched, and a wider
 * drawing is a wider box. Nothing that a scenario printed can become a part of the page: text is escaped, data is JSON
 * without `<`, and the page lets no script run but its own.
 */
export async function reportPage(
  outcomes: readonly Outcome[],
  options: ReportOptions,
): Promise<string> {
  const timelines = outcomes.map(({ trace }) => timeline(trace));
  const digest = await sha256(pageScript);
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${digest}'`;
  const failed = outcomes.filter((outcome) => resultOf(outcome) === "failed").length;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Weft demo: report</title>
<style>${pageStyle}</style>
</head>
<body>
<header>
<h1>Weft demo</h1>
<p>${facts(outcomes, options).map(escape).join(" · ")}</p>
<p class="${failed === 0 ? "ok" : "failed"}">${escape(summary(outcomes))}</p>
</header>
<nav aria-label="Scenarios">
<table>
<thead><tr><th scope="col">scenario<th scope="col">seeds<th scope="col">what was checked<th scope="col">checks<th scope="col">processes<th scope="col">threads<th scope="col">coroutines<th scope="col">time<th scope="col">result</tr></thead>
<tbody>
${outcomes.map((outcome, i) => summaryRow(outcome, timelines[i]!)).join("\n")}
</tbody>
</table>
</nav>
${legend}
<main>
${outcomes.map((outcome, i) => section(outcome, timelines[i]!, i)).join("\n")}
</main>
<noscript><p>The time lines are drawn by a script of this page.</p></noscript>
<script type="application/json" id="data">${embed(timelines.map(pack))}</script>
<script>${pageScript}</script>
</body>
</html>
`;
}

function facts(outcomes: readonly Outcome[], { scale, date, elapsed }: ReportOptions): string[] {
  return [
    plural(outcomes.length, "scenario"),
    `a second of the tutorials lasts ${formatTime(scale * 1000)}`,
    `took ${formatTime(elapsed)}`,
    `Deno ${Deno.version.deno}, V8 ${Deno.version.v8}`,
    `${Deno.build.os} on ${Deno.build.arch}, ${plural(navigator.hardwareConcurrency, "core")}`,
    date.toISOString().slice(0, 16).replace("T", " ") + " UTC",
  ];
}

function summary(outcomes: readonly Outcome[]): string {
  const results = outcomes.map(resultOf);
  return (["ok", "failed", "skipped"] as const)
    .map((kind) => `${results.filter((result) => result === kind).length} ${kind}`)
    .join(", ");
}

function summaryRow(outcome: Outcome, { lanes }: Timeline): string {
  const { scenario, checks, elapsed } = outcome;
  const result = resultOf(outcome);
  const cells = [
    `<a href="#${escape(scenario.name)}">${escape(scenario.name)}</a>`,
    escape(scenario.seeds),
    escape(outcome.failure?.split("\n")[0] ?? outcome.skipped ?? scenario.claim),
    `${checks.length}`,
    ...kinds.map((kind) => `${countOf(lanes, kind)}`),
    formatTime(elapsed),
    `<span class="${result}">${result}</span>`,
  ];
  return `<tr><td>${cells.join("<td>")}</tr>`;
}

function section(outcome: Outcome, { lanes }: Timeline, index: number): string {
  const { scenario, checks, failure, skipped, elapsed } = outcome;
  const { name, title, seeds } = scenario;
  const result = resultOf(outcome);
  const counts = kinds.map((kind) => plural(countOf(lanes, kind), kind)).join(", ");
  return `<section id="${escape(name)}" data-counts="${
    kinds.map((kind) => countOf(lanes, kind)).join(" ")
  }">
<h2>${escape(name)} <small>${escape(seeds)}</small></h2>
<p>${escape(title)}</p>
<p><span class="${result}">${result}</span> in ${formatTime(elapsed)}: ${counts}</p>
<ul class="checks">
${checks.map((claim) => `<li class="held">${escape(claim)}`).join("\n")}
${failure === undefined ? "" : `<li class="broken">${escape(failure)}`}
${skipped === undefined ? "" : `<li class="left-out">${escape(skipped)}`}
</ul>
<div class="timeline" data-index="${index}" data-name="${escape(name)}"></div>
<details><summary>Output, ${plural(outcome.output.length, "line")}</summary>
<pre>${escape(shorten(outcome.output.join("\n")))}</pre></details>
</section>`;
}

const legend = `<aside aria-label="Legend"><ul class="legend">
<li><i class="bar start"></i> starts
<li><i class="bar life process"></i> process
<li><i class="bar life thread"></i> thread
<li><i class="bar life coroutine"></i> coroutine, greenlet
<li><i class="bar task"></i> runs a task
<li><i class="bar wait c0"></i><i class="bar wait c1"></i> waits for a lock, a queue … (one colour each)
<li><i class="bar wait"></i> waits for something else
<li><i class="bar wait blocks"></i> and blocks its thread
<li><i class="bar hold c0"></i><i class="bar hold c1"></i> holds that lock
</ul></aside>`;

const kinds = ["process", "thread", "coroutine"] as const;
const spanKinds = ["start", "task", "wait", "hold"] as const;

/** A time line as the page's script reads it: arrays, and each text once. */
function pack({ length, lanes }: Timeline): unknown {
  const texts: string[] = [];
  const numbers = new Map<string, number>();
  const text = (value: string) => {
    let number = numbers.get(value);
    if (number === undefined) {
      numbers.set(value, number = texts.length);
      texts.push(value);
    }
    return number;
  };
  const packed = lanes.map(({ kind, name, id, depth, from, to, end, rows, dropped, spans }) => [
    kinds.indexOf(kind),
    text(name),
    id,
    depth,
    round(from),
    round(to),
    text(end),
    rows,
    dropped,
    spans.map((span) => [
      spanKinds.indexOf(span.kind),
      round(span.from),
      round(span.to),
      text(span.label),
      span.object,
      text(span.note),
      span.count,
      span.row,
    ]),
  ]);
  return { length: round(length), texts, lanes: packed };
}

function countOf(lanes: readonly Lane[], kind: Lane["kind"]): number {
  return lanes.filter((lane) => lane.kind === kind).length;
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100;
}

/** JSON that may stand in a script element. */
function embed(value: unknown): string {
  return JSON.stringify(value).replaceAll("<", "\\u003c");
}

/** What sets colours on a terminal. */
// deno-lint-ignore no-control-regex -- they are what is meant
const colours = /\x1b\[[\d;]*m/g;
/** What a page may not contain. */
// deno-lint-ignore no-control-regex -- they are what is meant
const controls = /[\0-\x08\x0b-\x1f\x7f]/g;

/** Makes a text one of the page, with whatever it contains. */
export function escape(text: string): string {
  const names: Record<string, string> = {
    "&": "amp",
    "<": "lt",
    ">": "gt",
    '"': "quot",
    "'": "#39",
  };
  return text.replace(colours, "").replace(/[&<>"']/g, (char) => `&${names[char]};`)
    .replace(controls, "\u{fffd}");
}

function shorten(text: string): string {
  if (text.length <= mostOutput) return text;
  return `${text.slice(0, mostOutput)}\n… ${text.length - mostOutput} characters more`;
}

function resultOf({ failure, skipped }: Outcome): "ok" | "failed" | "skipped" {
  if (failure !== undefined) return "failed";
  return skipped === undefined ? "ok" : "skipped";
}

function plural(n: number, thing: string): string {
  const suffix = thing.endsWith("s") ? "es" : "s";
  return `${n} ${thing}${n === 1 ? "" : suffix}`;
}

function formatTime(ms: number): string {
  return ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}
