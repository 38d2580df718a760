// Copyright 2026 the Weft authors. MIT license.

import { mainLauncher } from "./_main_launcher.ts";
import type { FromThread, Launcher, LaunchRequest, ThreadEnd } from "./_protocol.ts";

let current: Launcher = mainLauncher;

/** The launcher of this isolate. */
export function launcher(): Launcher {
  return current;
}

/** Makes this isolate one that asks another to create its threads. */
export function useLauncher(other: Launcher): void {
  current = other;
}

/** Creates threads by asking the main isolate. */
export class RemoteLauncher implements Launcher {
  readonly #post: (message: FromThread) => void;
  readonly #onEnd = new Map<number, (end: ThreadEnd) => void>();

  constructor(post: (message: FromThread) => void) {
    this.#post = post;
  }

  launch(request: LaunchRequest, onEnd: (end: ThreadEnd) => void): void {
    this.#onEnd.set(request.entry.id, onEnd);
    this.#post({ type: "launch", request });
  }

  terminate(id: number): void {
    this.#post({ type: "terminate", id });
  }

  /** Takes the word of the main isolate that a thread has ended. */
  ended(id: number, end: ThreadEnd): void {
    const onEnd = this.#onEnd.get(id);
    this.#onEnd.delete(id);
    onEnd?.(end);
  }
}
