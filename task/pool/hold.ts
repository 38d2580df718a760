// Copyright 2026 the Weft authors. MIT license.

/** Counts of the maps of a pool that may bring more jobs. */
export interface Holds {
  open: number;
  /** Those that wait until somebody takes what they have. */
  stalled: number;
}

/** Keeps the workers of a pool that is closed, for a map. */
export class Hold {
  readonly #holds: Holds;
  readonly #onChange: () => void;
  #released = false;
  #stalled = false;

  constructor(holds: Holds, onChange: () => void) {
    this.#holds = holds;
    this.#onChange = onChange;
    holds.open++;
  }

  /** Says whether the map waits until somebody takes what it has. */
  set stalled(stalled: boolean) {
    if (this.#released || this.#stalled === stalled) return;
    this.#stalled = stalled;
    this.#holds.stalled += stalled ? 1 : -1;
    if (stalled) this.#onChange();
  }

  /** Says that the map brings nothing more. */
  release(): void {
    if (this.#released) return;
    this.stalled = false;
    this.#released = true;
    this.#holds.open--;
    this.#onChange();
  }
}
