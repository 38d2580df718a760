// Copyright 2026 the Weft authors. MIT license.

import type { Frames } from "../../channel/_frames.ts";
import type { Ring } from "../../channel/ring.ts";
import type { Taken } from "../../channel/_taken.ts";
import { wordsOf } from "./bytes.ts";

const unlimited = { frames: Infinity, bytes: Infinity };

/** Keeps names with a number each in a ring, without the codec. */
export class TicketFrames implements Frames<string> {
  readonly reason = undefined;
  readonly #ring: Ring;

  constructor(ring: Ring) {
    this.#ring = ring;
  }

  get size(): number {
    return this.#ring.size;
  }

  get closed(): boolean {
    return this.#ring.closed;
  }

  prepareClose(): () => void {
    return () => this.#ring.close();
  }

  prepare(item: string): (ticket: number) => void {
    const [writer, at] = item.split(".").map(Number) as [number, number];
    return (ticket) => this.#put([ticket, writer << 8 | at]);
  }

  take(
    isWanted: (ticket: number) => boolean,
    commit: (ticket: number) => void,
  ): Taken<string> | undefined {
    for (;;) {
      const taken = this.#ring.tryTake((bytes, start, end): Taken<string> | undefined => {
        const [ticket, name] = wordsOf(bytes, start, end) as [number, number];
        if (!isWanted(ticket)) return undefined;
        commit(ticket);
        return { value: `${name >> 8}.${name & 0xff}` };
      });
      if (taken === undefined || taken.value !== undefined) return taken?.value;
    }
  }

  compact(isWanted: (ticket: number) => boolean): void {
    for (let left = this.size; left > 0; left--) {
      this.#ring.tryTake((bytes, start, end) => {
        const words = wordsOf(bytes, start, end);
        if (isWanted(words[0]!)) this.#put(words);
      });
    }
  }

  #put(words: readonly number[]): void {
    const bytes = new Uint8Array(new Uint32Array(words).buffer);
    this.#ring.tryPut({
      byteLength: bytes.length,
      copyTo: (target, at) => target.set(bytes, at),
    }, unlimited);
  }
}
