// Copyright 2026 the Weft authors. MIT license.

import type { Scope } from "./memory/memory.ts";
import type { Place } from "./memory/place.ts";

export type { Scope } from "./memory/memory.ts";

/** Options of every primitive in shared memory. */
export interface SyncOptions {
  /**
   * Who can use it: the threads of this process, or other processes as well.
   *
   * @default {"thread"}
   */
  readonly scope?: Scope | undefined;
  /** Name for people, in `Deno.inspect`. */
  readonly name?: string | undefined;
}

/** What a primitive is made from that came from elsewhere; stands in for its options. */
export class Restored {
  readonly place: Place;
  readonly name: string | undefined;

  constructor(place: Place, name: string | undefined) {
    this.place = place;
    this.name = name;
  }
}
