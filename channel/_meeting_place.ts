// Copyright 2026 the Weft authors. MIT license.

import { LockCore } from "../sync/lock_core.ts";
import type { Place } from "../sync/memory/place.ts";
import { Roster } from "../sync/roster.ts";
import { Signal } from "../sync/signal.ts";
import type { ConduitErrors } from "./_conduit.ts";
import type { Frames } from "./_frames.ts";
import { Offers } from "./_offers.ts";
import { putLabel, takeLabel, type Verbs } from "./_verbs.ts";

const itemWord = 16;
const roomWord = 32;
const receiversWord = 48;
const watchersWord = receiversWord + Roster.words;
const offersWord = watchersWord + Roster.words;

/** What those who put and those who take see of each other. */
export class MeetingPlace<T> {
  /** Number of words that it takes, besides those of the frames. */
  static readonly words: number = offersWord + Offers.words;

  readonly errors: ConduitErrors;
  readonly frames: Frames<T>;
  readonly offers: Offers<T>;
  /** What is said when there is an item to take. */
  readonly items: Signal;
  /** What is said when an item was taken, or somebody waits for one. */
  readonly room: Signal;
  /** Those to whom an item can be given. */
  readonly receivers: Roster;
  /** Those who may take an item. */
  readonly watchers: Roster;
  readonly #lock: LockCore;

  constructor({ memory, index }: Place, frames: Frames<T>, errors: ConduitErrors, verbs?: Verbs) {
    this.errors = errors;
    this.frames = frames;
    this.#lock = new LockCore(memory, index);
    this.items = new Signal(memory, index + itemWord, undefined, takeLabel(verbs));
    this.room = new Signal(memory, index + roomWord, undefined, putLabel(verbs));
    this.receivers = new Roster(memory, index + receiversWord);
    this.watchers = new Roster(memory, index + watchersWord);
    this.offers = new Offers(memory, index + offersWord, frames);
  }

  get closed(): boolean {
    return this.frames.closed;
  }

  /** Does something that nobody else sees half done. */
  locked<R>(action: () => R): R {
    this.#lock.acquireSync({ recover: true });
    try {
      return action();
    } finally {
      this.#lock.release();
    }
  }

  /** Whether a receiver waits for whom there is no item. */
  get isAwaited(): boolean {
    if (this.receivers.isEmpty) return false;
    this.receivers.removeDead();
    // What is only offered counts: it comes first to a receiver who comes first.
    return this.receivers.size > this.offers.size;
  }
}
