// Copyright 2026 the Weft authors. MIT license.

/** Creates the error for something of the scope "local" that was to travel. */
export function localError(kind: string, name: string | undefined): DOMException {
  const what = `${kind} ${name ?? ""}`.trim();
  return new DOMException(
    `Cannot clone ${what} as its scope is "local": create it with { scope: "thread" } or "process"`,
    "DataCloneError",
  );
}
