// Copyright 2026 the Weft authors. MIT license.

import { mainLauncher } from "./_main_launcher.ts";
import type { FromThread, Launcher, LaunchRequest, Starter, ThreadEnd } from "./_protocol.ts";

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
  readonly #starters = new Map<number, Starter>();

  constructor(post: (message: FromThread) => void) {
    this.#post = post;
  }

  launch(request: LaunchRequest, starter: Starter): void {
    this.#starters.set(request.entry.id, starter);
    this.#post({ type: "launch", request });
  }

  post(id: number, message: unknown): void {
    this.#post({ type: "post", id, message });
  }

  terminate(id: number): void {
    this.#post({ type: "terminate", id });
  }

  /** Takes a message of a thread from the main isolate. */
  posted(id: number, message: unknown): void {
    this.#starters.get(id)?.onMessage(message);
  }

  /** Takes the word of the main isolate that a thread has ended. */
  ended(id: number, end: ThreadEnd): void {
    const starter = this.#starters.get(id);
    this.#starters.delete(id);
    starter?.onEnd(end);
  }
}
