// Copyright 2026 the Weft authors. MIT license.

import { unicodeWidth } from "@std/cli/unicode-width";

/** Columns from one tab stop to the next. */
const TAB_STOP = 20;

/** How many columns of a terminal a text takes; a Chinese character takes two. */
export function width(text: string): number {
  return unicodeWidth(text);
}

/** Fills a text with spaces at its end, or at its start, up to so many columns. */
export function pad(text: string, columns: number, side: "start" | "end" = "end"): string {
  const space = " ".repeat(Math.max(0, columns - width(text)));
  return side === "end" ? text + space : space + text;
}

/** Shortens a text to so many columns; `…` stands for what is left out. */
export function truncate(text: string, columns: number): string {
  if (width(text) <= columns) return text;
  let kept = "";
  let used = 1;
  for (const char of text) {
    used += width(char);
    if (used > columns) break;
    kept += char;
  }
  return kept.trimEnd() + "…";
}

/** Replaces tabs by spaces up to the next tab stop, wherever wide characters stand. */
export function expandTabs(line: string): string {
  const cells = line.split("\t");
  const last = cells.pop()!;
  return cells.map((cell) => {
    const stops = Math.floor(width(cell) / TAB_STOP) + 1;
    return pad(cell, stops * TAB_STOP);
  }).join("") + last;
}

/** A colour or weight of text on a terminal. */
export type Style = (text: string) => string;

/** The styles of the demo. */
export interface Palette {
  /** For headings. */
  readonly bold: Style;
  /** For what is less important. */
  readonly dim: Style;
  /** For what held. */
  readonly green: Style;
  /** For what was left out. */
  readonly yellow: Style;
  /** For what failed. */
  readonly red: Style;
  /** For names. */
  readonly cyan: Style;
}

/** Creates the styles; without colour they leave the text as it is. */
export function createPalette(colour: boolean): Palette {
  const style = (on: number, off: number): Style => (text) =>
    colour ? `\x1b[${on}m${text}\x1b[${off}m` : text;
  return {
    bold: style(1, 22),
    dim: style(2, 22),
    green: style(32, 39),
    yellow: style(33, 39),
    red: style(31, 39),
    cyan: style(36, 39),
  };
}
