// Copyright 2026 the Weft authors. MIT license.

import { longestTimer } from "../sync/wait.ts";

/** A call that is due at some time. */
export interface Alarm {
  readonly due: number;
  /** How many were set before: those that are due at the same time ring in this order. */
  readonly number: number;
  readonly ring: () => unknown;
  /** Its place in the heap; -1 when it is not there any more. */
  at: number;
}

/*
 * All alarms share one timer of the platform, which takes 600 bytes and a microsecond: a heap, with the next one at
 * the top.
 */
const heap: Alarm[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;
let timerDue = Infinity;
let count = 0;
/** Milliseconds by which timers have gone ahead of the clock, as those of tests do that are turned by hand. */
let ahead = 0;

/** Has a function called after `delay` milliseconds, or never if they are infinite; the program lives until then. */
export function setAlarm(delay: number, ring: () => unknown): Alarm {
  const alarm: Alarm = { due: clock() + delay, number: count++, ring, at: heap.length };
  heap.push(alarm);
  rise(alarm);
  if (alarm.due < timerDue || timer === undefined) arm();
  return alarm;
}

/** Takes an alarm back; tells whether it was to ring still. */
export function clearAlarm(alarm: Alarm): boolean {
  const { at } = alarm;
  if (at < 0) return false;
  alarm.at = -1;
  const last = heap.pop()!;
  if (last !== alarm) {
    place(last, at);
    rise(last);
    sink(last);
  }
  // Else the timer rings in vain, once: to set it anew for each alarm that is taken back would take longer.
  if (heap.length === 0) disarm();
  return true;
}

function clock(): number {
  return performance.now() + ahead;
}

function arm(): void {
  disarm();
  timerDue = heap[0]!.due;
  // Rounded up, as a timer that rings too early is one more to wait for.
  timer = setTimeout(ring, Math.min(Math.max(0, Math.ceil(timerDue - clock())), longestTimer));
}

function disarm(): void {
  clearTimeout(timer);
  timer = undefined;
  timerDue = Infinity;
}

function ring(): void {
  const late = timerDue - clock();
  // That of the platform is not early, but where it was to ring later than it can.
  if (late > 0 && late < longestTimer) ahead += late;
  timer = undefined;
  timerDue = Infinity;
  const time = clock();
  while (heap.length > 0 && heap[0]!.due <= time) {
    const alarm = heap[0]!;
    clearAlarm(alarm);
    alarm.ring();
  }
  if (heap.length > 0 && timer === undefined) arm();
}

function rise(alarm: Alarm): void {
  let { at } = alarm;
  while (at > 0) {
    const parent = heap[(at - 1) >> 1]!;
    if (isBefore(parent, alarm)) break;
    place(parent, at);
    at = (at - 1) >> 1;
  }
  place(alarm, at);
}

function sink(alarm: Alarm): void {
  let { at } = alarm;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
    const next = heap[child]!;
    if (isBefore(alarm, next)) break;
    place(next, at);
    at = child;
  }
  place(alarm, at);
}

function isBefore(one: Alarm, other: Alarm): boolean {
  return one.due < other.due || (one.due === other.due && one.number < other.number);
}

function place(alarm: Alarm, at: number): void {
  heap[at] = alarm;
  alarm.at = at;
}
