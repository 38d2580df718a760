// Copyright 2026 the Weft authors. MIT license.

import type { Span } from "./timeline.ts";

/** Spans that are shorter than this part of the whole become one with their neighbours of the same label. */
const shortest = 1 / 1500;
/** Lines that a lane has for waits at the same time; what there is more is drawn over the last. */
const mostRows = 4;

/** Puts spans that overlap in lines of their own, and makes one of those too short to be seen. */
export function arrange(
  spans: readonly Span[],
  length: number,
): { readonly spans: Span[]; readonly rows: number } {
  const ordered = merge([...spans].sort((a, b) => a.from - b.from), length * shortest);
  const ends: number[] = [];
  for (const span of ordered) {
    if (span.kind !== "wait") continue;
    let row = ends.findIndex((end) => end <= span.from);
    if (row < 0) row = Math.min(ends.length, mostRows - 1);
    ends[row] = Math.max(ends[row] ?? 0, span.to);
    span.row = row;
  }
  return { spans: ordered, rows: Math.max(1, ends.length) };
}

function merge(spans: readonly Span[], short: number): Span[] {
  const merged: Span[] = [];
  const last = new Map<string, Span>();
  for (const span of spans) {
    const key = `${span.kind} ${span.label} ${span.object} ${span.note}`;
    const before = last.get(key);
    const isShort = before !== undefined && span.to - span.from < short &&
      before.to - before.from < short * Math.max(1, before.count) &&
      span.from - before.to < short && span.from >= before.to;
    if (isShort) {
      before.to = span.to;
      before.count++;
      continue;
    }
    last.set(key, span);
    merged.push(span);
  }
  return merged;
}
