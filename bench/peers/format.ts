// Copyright 2026 the Weft authors. MIT license.

import type { Median, Result, Unit } from "./measure.ts";

/** How many times as much the peer takes as ours; `undefined` where one of them is missing. */
export function ratioOf({ ours, peer }: Result): number | undefined {
  if (typeof ours.value === "string" || typeof peer.value === "string") return undefined;
  const ratio = peer.value / ours.value;
  return ratio > 0 && Number.isFinite(ratio) ? ratio : undefined;
}

/** Whether a ratio reaches the aim; `undefined` where there is no aim, or no ratio. */
export function isMet(result: Result): boolean | undefined {
  const ratio = ratioOf(result);
  return ratio === undefined || result.aim === undefined ? undefined : ratio >= result.aim;
}

/** A ratio as a text. */
export function formatRatio(ratio: number): string {
  if (ratio < 0.1) return `${ratio.toPrecision(2)}×`;
  return `${ratio.toFixed(ratio < 10 ? 2 : 0)}×`;
}

/** An aim: it is no measured figure, and has no more digits than it needs. */
export function formatAim(aim: number): string {
  return `${Number(aim.toPrecision(2))}×`;
}

/** The figure of a side, or what is missing. */
export function formatValue({ value }: Median, unit: Unit): string {
  if (typeof value === "string") return value;
  return unit === "bytes" ? formatSize(value) : formatTime(value * 1e6);
}

/** A time in the unit that suits it. */
export function formatTime(nanoseconds: number): string {
  if (nanoseconds < 1000) return `${nanoseconds.toFixed(0)} ns`;
  if (nanoseconds >= 1e6) return `${(nanoseconds / 1e6).toFixed(2)} ms`;
  return `${(nanoseconds / 1000).toFixed(nanoseconds < 10_000 ? 2 : 1)} µs`;
}

function formatSize(bytes: number): string {
  if (bytes < 2 ** 17) return `${bytes.toFixed(0)} B`;
  return `${(bytes / 2 ** 20).toFixed(2)} MiB`;
}
