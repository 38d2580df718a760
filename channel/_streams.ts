// Copyright 2026 the Weft authors. MIT license.

import type { WaitOptions } from "../sync/wait.ts";
import { ConnectionClosedError } from "./errors.ts";

/** What a stream needs of a connection. */
export interface Source<T> {
  receive(options: WaitOptions): Promise<T>;
  /** Called when nothing is received any more. */
  finish(): void;
}

/** What a stream needs of a connection. */
export interface Sink<T> {
  send(value: T, options: WaitOptions): Promise<void>;
  /** Called when nothing is sent any more. */
  finish(): void;
}

/** Makes a stream of what is received; nothing is received before it is read. */
export function readableOf<T>(source: Source<T>): ReadableStream<T> {
  const reading = new AbortController();
  return new ReadableStream<T>({
    async pull(controller) {
      try {
        controller.enqueue(await source.receive({ signal: reading.signal }));
      } catch (error) {
        if (reading.signal.aborted) return;
        if (!(error instanceof ConnectionClosedError)) throw error;
        source.finish();
        controller.close();
      }
    },
    cancel(reason) {
      reading.abort(reason);
      source.finish();
    },
  }, { highWaterMark: 0 });
}

/** Makes a stream that sends what is written. */
export function writableOf<T>(sink: Sink<T>): WritableStream<T> {
  return new WritableStream<T>({
    async write(value, { signal }) {
      try {
        await sink.send(value, { signal });
      } catch (error) {
        if (error instanceof ConnectionClosedError) sink.finish();
        throw error;
      }
    },
    close: () => sink.finish(),
    abort: () => sink.finish(),
  });
}
