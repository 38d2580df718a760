// Copyright 2026 the Weft authors. MIT license.

/** Objects that travel beside the results of one worker. */
export class Arrivals {
  readonly #objects: object[] = [];
  #count = 0;
  #waiting: { readonly needs: number; readonly run: () => void }[] = [];

  /** Those that have come. */
  get objects(): readonly object[] {
    return this.#objects;
  }

  /** Whether there are as many as a result needs. */
  has(needs: number): boolean {
    return this.#count >= needs;
  }

  /** Takes one. */
  add(number: number, object: object): void {
    this.#objects[number] = object;
    this.#count = number + 1;
    const due = this.#waiting.filter(({ needs }) => this.has(needs));
    this.#waiting = this.#waiting.filter(({ needs }) => !this.has(needs));
    for (const { run } of due) run();
  }

  /** Does something when there are as many as a result needs. */
  when(needs: number, run: () => void): void {
    this.#waiting.push({ needs, run });
  }

  /** Forgets those that a result has used. */
  used(needs: number): void {
    for (let number = needs - 1; number >= 0 && number in this.#objects; number--) {
      delete this.#objects[number];
    }
  }
}
