// Copyright 2026 the Weft authors. MIT license.

import type { Ring, RingLimits } from "../../channel/ring.ts";
import type { Again, Refuse, Store } from "../../channel/_store.ts";
import type { Taken } from "../../channel/_taken.ts";
import { wordsOf } from "./bytes.ts";
import { frameOf, nameOf } from "./scenarios/ring_frames.ts";

/** Keeps the names of frames, as those frames, in a ring: a store without the codec. */
export class FrameStore implements Store<string> {
  readonly reason = undefined;
  readonly limited: boolean;
  readonly #ring: Ring;
  readonly #limits: RingLimits;

  constructor(ring: Ring, limit: number) {
    this.#ring = ring;
    this.#limits = { frames: limit, bytes: Infinity };
    this.limited = limit < Infinity;
  }

  get size(): number {
    return this.#ring.size;
  }

  get put(): number {
    return this.#ring.put;
  }

  get isFull(): boolean {
    return this.#ring.size >= this.#limits.frames;
  }

  get closed(): boolean {
    return this.#ring.closed;
  }

  close(): void {
    this.#ring.close();
  }

  tryPut(item: string, refuse: Refuse<string>, later: boolean): Again | undefined {
    const [writer, at] = item.split(".").map(Number) as [number, number];
    const frame = frameOf(writer, at, 1);
    const put = () => this.#ring.tryPut(frame, this.#limits) ?? refuse(item);
    return !later && put() ? undefined : put;
  }

  tryTake(): Taken<string> | undefined {
    return this.#ring.tryTake((bytes, start, end) => {
      return { value: nameOf(wordsOf(bytes, start, end)) };
    })?.value;
  }

  drop(): boolean {
    return this.#ring.tryTake(() => true) !== undefined;
  }
}
