// Copyright 2026 the Weft authors. MIT license.

/** The processes that this thread started and that are alive, in the order of their start. */
export const children: Set<object> = new Set();
