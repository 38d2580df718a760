// Copyright 2026 the Weft authors. MIT license.

import { pad, type Style, truncate, width } from "./text.ts";

/** A column of a table. */
export interface Column {
  /** Its heading. */
  readonly heading: string;
  /** Where its texts stand. */
  readonly align?: "left" | "right";
  /** Whether it gives way when the table is too wide. */
  readonly shrinks?: boolean;
  /** Style of a cell. */
  readonly style?: (cell: string) => Style;
}

/** Options for {@linkcode formatTable}. */
export interface TableOptions {
  /** Columns of the terminal; without them no text is shortened. */
  readonly columns?: number | undefined;
  /** Style of the headings. */
  readonly headingStyle: Style;
}

const GAP = "  ";
const LEAST = 10;

/** Lays out rows of texts below each other, by the columns that they take on a terminal. */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  options: TableOptions,
): string[] {
  const widths = columns.map(({ heading }, i) =>
    Math.max(width(heading), ...rows.map((row) => width(row[i]!)))
  );
  const total = widths.reduce((sum, each) => sum + each) + GAP.length * (widths.length - 1);
  const excess = total - (options.columns ?? Infinity);
  const shrinking = columns.findIndex(({ shrinks }) => shrinks);
  if (excess > 0 && shrinking >= 0) {
    widths[shrinking] = Math.max(LEAST, widths[shrinking]! - excess);
  }

  const line = (cells: readonly string[], style: (cell: string, i: number) => Style) =>
    cells.map((cell, i) => {
      const side = columns[i]!.align === "right" ? "start" : "end";
      // Style last: its escapes take no columns.
      return style(cell, i)(pad(truncate(cell, widths[i]!), widths[i]!, side));
    }).join(GAP).trimEnd();

  return [
    line(columns.map(({ heading }) => heading), () => options.headingStyle),
    line(widths.map((each) => "─".repeat(each)), () => options.headingStyle),
    ...rows.map((row) => line(row, (cell, i) => columns[i]!.style?.(cell) ?? ((text) => text))),
  ];
}
