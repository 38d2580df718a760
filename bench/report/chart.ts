// Copyright 2026 the Weft authors. MIT license.

/*
 * A chart of the ratios of a topic, as SVG: a bar for each row, from the line of 1× to the right where ours is
 * faster and to the left where the peer is, on a logarithmic axis.
 *
 *   measure
 *   ours : peer      |  0.5×   1×    2×    5×   |
 *   Lock : asyncio   |         ┃━━━━━━━━╋       | 4.10×  61 ns : 250 ns  aim 5×, missed
 */

import { formatAim, formatRatio, formatValue, isMet, ratioOf } from "../peers/format.ts";
import type { Result } from "../peers/measure.ts";
import { styleOf } from "./chart_style.ts";
import { escapeXml } from "./escape.ts";
import { LogScale } from "./log_scale.ts";

/** Sizes, in the pixels of the chart. */
const size = {
  margin: 16,
  top: 84,
  bottom: 16,
  heading: 28,
  row: 20,
  bar: 10,
  plot: 340,
  gap: 12,
  /** Room for a letter, on the average, with some to spare, as the fonts are those of the reader. */
  letter: 6.9,
  /** The same for what is bold. */
  boldLetter: 8,
} as const;

const legend = "right of 1×: ours is faster or smaller; upright mark: the aim; " +
  "line: quartiles of the rounds; figures: ours : peer";

/** Draws the results of a topic. */
export function drawChart(title: string, results: readonly Result[]): string {
  const rows = results.map((result) => ({
    result,
    label: labelOf(result),
    figures: figuresOf(result),
  }));
  const left = size.margin + widthOf(rows.map(({ label }) => label)) + size.gap;
  const right = left + size.plot;
  const columns = columnsOf(right + size.gap, rows.map(({ figures }) => figures));
  const width = Math.ceil(Math.max(columns.end, widthOf([legend])) + size.margin);
  const scale = new LogScale(results.flatMap(valuesOf), left, right);

  const body: string[] = [];
  let y: number = size.top;
  let measure: string | undefined;
  for (const { result, label, figures } of rows) {
    if (result.measure !== measure) {
      measure = result.measure;
      y += size.heading;
      body.push(text(size.margin, y - 8, measure, "measure"));
    }
    const middle = y + size.row / 2;
    body.push(
      text(left - size.gap, middle + 4, label, "label"),
      ...drawRow(result, scale, middle),
      drawFigures(columns.starts, middle + 4, result, figures),
    );
    y += size.row;
  }
  const height = y + size.bottom;

  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    styleOf(),
    `<rect class="paper" width="${width}" height="${height}" rx="6"/>`,
    text(size.margin, 28, title, "title"),
    text(size.margin, 48, legend, "muted"),
    ...drawAxis(scale, size.top - 8, y),
    ...body,
    "</svg>",
    "",
  ].join("\n");
}

/** The values that have to be within the axis. */
function valuesOf(result: Result): number[] {
  const ratio = ratioOf(result);
  const aim = result.aim ?? [];
  return [ratio ?? [], ratio === undefined ? [] : result.spread ?? [], aim].flat();
}

function labelOf({ ours, peer }: Result): string {
  return `${ours.name} : ${peer.name}`;
}

/** What stands at the end of a row: the ratio, both figures, what is with the aim. */
type Figures = readonly [ratio: string, figures: string, aim: string];

function figuresOf(result: Result): Figures {
  const { ours, peer, unit, aim } = result;
  const ratio = ratioOf(result);
  const met = isMet(result);
  const ending = met === undefined ? ", not tried" : met ? "" : ", missed";
  return [
    ratio === undefined ? "" : formatRatio(ratio),
    `${formatValue(ours, unit)} : ${formatValue(peer, unit)}`,
    aim === undefined ? "" : `aim ${formatAim(aim)}${ending}`,
  ];
}

function drawAxis(scale: LogScale, top: number, bottom: number): string[] {
  return scale.ticks.flatMap((tick) => {
    const x = round(scale.position(tick));
    const kind = tick === 1 ? "one" : "grid";
    return [
      `<path class="${kind}" d="M${x} ${top}V${bottom}"/>`,
      text(x, top - 6, `${tick}×`, "tick"),
    ];
  });
}

function drawRow(result: Result, scale: LogScale, middle: number): string[] {
  const { aim, spread } = result;
  const parts: string[] = [];
  const ratio = ratioOf(result);
  if (ratio !== undefined) {
    const one = scale.position(1);
    const end = scale.position(ratio);
    const x = round(Math.min(one, end));
    const width = round(Math.abs(end - one));
    const kind = ratio >= 1 ? "faster" : "slower";
    const y = middle - size.bar / 2;
    parts.push(
      `<rect class="${kind}" x="${x}" y="${y}" width="${width}" height="${size.bar}"/>`,
    );
    if (spread !== undefined) {
      const [low, high] = spread.map((value) => round(scale.position(value)));
      parts.push(`<path class="spread" d="M${low} ${middle}H${high}"/>`);
    }
  }
  if (aim !== undefined) {
    const kind = isMet(result) === false ? "aim missed" : "aim";
    const x = round(scale.position(aim));
    parts.push(`<path class="${kind}" d="M${x} ${middle - 8}V${middle + 8}"/>`);
  }
  return parts;
}

function drawFigures(
  starts: readonly number[],
  y: number,
  result: Result,
  figures: Figures,
): string {
  const kinds = ["ratio", "muted", isMet(result) === false ? "missed" : "muted"];
  return figures
    .map((figure, i) => figure === "" ? "" : text(starts[i]!, y, figure, kinds[i]!))
    .join("");
}

/** Where the columns of figures start, and where the last one ends. */
function columnsOf(left: number, rows: readonly Figures[]): { starts: number[]; end: number } {
  const starts: number[] = [];
  let end = left;
  for (const column of [0, 1, 2] as const) {
    starts.push(end);
    // The aims that are missed are bold, as the ratios are.
    const letter = column === 1 ? size.letter : size.boldLetter;
    end += widthOf(rows.map((row) => row[column]), letter) + size.gap;
  }
  return { starts, end: end - size.gap };
}

function text(x: number, y: number, content: string, kind: string): string {
  return `<text class="${kind}" x="${round(x)}" y="${y}">${escapeXml(content)}</text>`;
}

/** The room that the longest of some texts needs. */
function widthOf(texts: readonly string[], letter: number = size.letter): number {
  return Math.max(0, ...texts.map((text) => text.length)) * letter;
}

/** A coordinate with no more digits than one can see. */
function round(value: number): number {
  return Math.round(value * 10) / 10;
}
