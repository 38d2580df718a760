// Copyright 2026 the Weft authors. MIT license.

/**
 * Tells the demo what happens in this thread, for its report: installs an observer of Weft, if the program was started
 * with `--trace`. Every thread and process of a scenario imports this module, with that of its task.
 *
 * ```text
 *   Weft ── event ──▶ Tracer ── RS {"kind":"trace", …} ──▶ stdout of this process ──▶ … ──▶ demo
 * ```
 *
 * Each record is written at once, by one write that a pipe does not tear apart: so nothing that was told is lost when a
 * process is killed.
 *
 * @module
 */

import { formatRecord, type TraceEvent } from "./record.ts";

/** An argument that programs get so that they tell what happens. */
export const traceArg = "--trace";

/** Bytes that a pipe takes as a whole, by pipe(7). */
const wholeWrite = 4096;
/** What can be too much, and how much of each is told of one thread; the rest is counted. */
const limited = new Set(["wait", "hold", "coroutine", "greenlet"]);
const most = 400;

/** Where Weft looks for an observer. */
const key = Symbol.for("@weft/concurrency/observer");
const encoder = new TextEncoder();

/** Whether this program tells what happens. */
export const isTraced: boolean = Deno.args.includes(traceArg);

/** Tells the demo of an event. */
export function tell(event: TraceEvent): void {
  const bytes = encoder.encode(formatRecord({ kind: "trace", event }) + "\n");
  if (bytes.length > wholeWrite) return;
  try {
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(Deno.stdout.writeSync(rest));
  } catch {
    // Nobody reads any more.
  }
}

/** Picks what is told, so that a scenario that switches a hundred thousand times fills no report. */
class Tracer {
  /** What has begun and was told. */
  readonly #open = new Set<string>();
  readonly #counts = new Map<string, number>();
  #dropped = 0;
  #last: TraceEvent | undefined;

  readonly onEvent = (event: TraceEvent): void => {
    thread = event.thread;
    if (this.#isTold(event)) {
      tell(event);
    } else if (event.type.endsWith("-begin")) {
      this.#dropped++;
      this.#last = event;
      // Also told now and then before the end, which may come without a word.
      if (Number.isInteger(Math.log2(this.#dropped))) this.tellDropped();
    }
  };

  tellDropped(): void {
    if (this.#last === undefined) return;
    const { time, pid, thread } = this.#last;
    tell({ type: "dropped", time, pid, thread, count: this.#dropped });
  }

  #isTold({ type, wait, object, child, coroutine }: TraceEvent): boolean {
    const [what, edge] = type.split("-") as [string, string];
    if (!limited.has(what)) return true;
    const id = `${what} ${wait ?? child ?? `${object} ${coroutine}`}`;
    if (edge === "end") return this.#open.delete(id);
    const count = this.#counts.get(what) ?? 0;
    if (count >= most) return false;
    this.#counts.set(what, count + 1);
    this.#open.add(id);
    return true;
  }
}

let tracer: Tracer | undefined;
let waits = 0;

/** Waits for what is not a part of Weft, and tells that this thread does. */
export async function traced<T>(what: string, promise: Promise<T>): Promise<T> {
  if (tracer === undefined) return await promise;
  const wait = --waits;
  tracer.onEvent({ ...scene(), type: "wait-begin", wait, what, object: "", blocks: false });
  try {
    return await promise;
  } finally {
    tracer.onEvent({ ...scene(), type: "wait-end", wait });
  }
}

/** Where and when something happens here. */
export function scene(): Pick<TraceEvent, "time" | "pid" | "thread"> {
  return { time: performance.timeOrigin + performance.now(), pid: Deno.pid, thread };
}

/** Number of this thread, as the first event of Weft tells. */
let thread = 0;

function install(): void {
  const seats = globalThis as unknown as Record<symbol, { observer: unknown } | undefined>;
  if (seats[key] === undefined) Object.defineProperty(globalThis, key, { value: {} });
  if (seats[key]!.observer !== undefined) return;
  tracer = new Tracer();
  seats[key]!.observer = tracer;
  addEventListener("unload", () => tracer!.tellDropped());
}

if (isTraced) install();
