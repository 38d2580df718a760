// Copyright 2026 the Weft authors. MIT license.

// Reads the table of docs/permissions.md.

/** What a program does with other flags than those that it needs. */
export interface Effect {
  /** The flags that it is run with. */
  readonly flags: readonly string[];
  /** Whether it fails; else it takes a lesser way. */
  readonly fails: boolean;
  /** What it writes then: a part of its error, or all that it prints. */
  readonly text: string;
}

/** A row of the table. */
export interface PermissionRow {
  readonly id: string;
  /** The least flags. */
  readonly flags: readonly string[];
  readonly effects: readonly Effect[];
  /** What Deno asks for on a terminal, which is not needed. */
  readonly asks: string | undefined;
}

/** Number of the columns: id, use, flags, reason, what happens with other flags. */
const columns = 5;

/** Reads all rows: those whose first cell is code. */
export function readRows(markdown: string): PermissionRow[] {
  const rows: PermissionRow[] = [];
  for (const line of markdown.split("\n")) {
    if (!/^\| `/.test(line)) continue;
    const cells = line.split("|").slice(1, -1).map((cell) => cell.trim());
    if (cells.length !== columns) throw new Error(`Not ${columns} cells: ${line}`);
    const id = codesIn(cells[0]!)[0]!;
    const flags = codesIn(cells[2]!).flatMap((code) => code.split(" "));
    const items = cells[4] === "" ? [] : cells[4]!.split("<br>");
    rows.push({
      id,
      flags,
      asks: /asks for `([^`]+)`/.exec(cells[3]!)?.[1],
      effects: items.map((item) => readEffect(item, flags)),
    });
  }
  return rows;
}

/** Reads such as "without `--allow-x`: error `…`" or "`--allow-x=y` in its place: goes on, `…`". */
function readEffect(item: string, flags: readonly string[]): Effect {
  const form = /^(?:without `([^`]+)`|`([^`]+)` in its place): (error|goes on),? `([^`]+)`/;
  const [, left, other, verb, text] = form.exec(item.trim()) ??
    (() => {
      throw new Error(`Not in a form that is known: ${item}`);
    })();
  const changed = left ?? other!.split("=")[0]!;
  const at = flags.findIndex((flag) =>
    left === undefined ? nameOf(flag) === changed : flag === left
  );
  if (at < 0) throw new Error(`The row does not have the flag of: ${item}`);
  const rest = flags.toSpliced(at, 1, ...(left === undefined ? [other!] : []));
  return { flags: rest, fails: verb === "error", text: text! };
}

function nameOf(flag: string): string {
  return flag.split("=")[0]!;
}

function codesIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code!);
}
