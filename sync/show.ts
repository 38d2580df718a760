// Copyright 2026 the Weft authors. MIT license.

/** Shows a value that a caller gave in one line of a message, whatever it is. */
export function show(value: unknown): string {
  if (typeof value === "function" && value.name !== "") return `function ${value.name}`;
  return Deno.inspect(value, {
    breakLength: Infinity,
    compact: true,
    depth: 1,
    strAbbreviateSize: 100,
  });
}
