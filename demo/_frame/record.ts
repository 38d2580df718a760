// Copyright 2026 the Weft authors. MIT license.

/**
 * What a scenario's program tells the demo that runs it, between the lines that it prints:
 *
 * ```text
 *   scenario program and its children           demo
 *   ┌──────────────────────────────┐
 *   │ console.log("egon is done")  │── line ──▶ print "│ egon is done"
 *   │ check("the pids differ", …)  │── RS {…} ▶ print "✓ the pids differ", count it
 *   │ tempDir()                    │── RS {…} ▶ remove the folder if the program could not
 *   │ (what Weft does)             │── RS {…} ▶ draw it in the report, if one is written
 *   └──────────────────────────────┘
 * ```
 *
 * Both travel over the program's stdout, so their order is kept and no permission is needed. A
 * record is a line of JSON after the control character RS, as in RFC 7464.
 */
export type DemoRecord =
  | { readonly kind: "check"; readonly claim: string }
  | { readonly kind: "failure"; readonly message: string; readonly stack?: string | undefined }
  | { readonly kind: "skip"; readonly reason: string }
  | { readonly kind: "tempDir"; readonly path: string }
  | { readonly kind: "trace"; readonly event: TraceEvent }
  | { readonly kind: "end" };

/** What has happened somewhere; what `type` says, see `sync/observer.ts`. */
export interface TraceEvent {
  readonly type: string;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly pid: number;
  readonly thread: number;
  readonly threadName?: string;
  readonly coroutine?: number;
  readonly [more: string]: unknown;
}

const RS = "\x1e";

/** Writes a record as a line. */
export function formatRecord(record: DemoRecord): string {
  return RS + JSON.stringify(record);
}

/** Reads a line; `undefined` if it is no record but output. */
export function parseRecord(line: string): DemoRecord | undefined {
  return line.startsWith(RS) ? JSON.parse(line.slice(1)) : undefined;
}
