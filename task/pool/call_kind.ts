// Copyright 2026 the Weft authors. MIT license.

/** How a task is called: with its arguments, or once for each item of a list. */
export const CallKind = { call: 0, map: 1, starmap: 2 } as const;
