// Copyright 2026 the Weft authors. MIT license.

/*
 * Memory that tasks share with the pool cannot travel with their bytes. Each piece gets a number, and goes once to
 * every worker as a message; the frame of a task says up to which number there must be messages before it can be read.
 */

/** What a worker is told. */
export type Supply =
  | { readonly type: "object"; readonly number: number; readonly object: object }
  | { readonly type: "drop"; readonly number: number; readonly numbers: readonly number[] };

/** Objects that no task uses and that workers keep all the same, as the next one may. */
const keptObjects = 64;

/** The side of the pool: numbers what it sends. */
export class Supplies {
  readonly #send: (supply: Supply) => void;
  readonly #objects = new Map<object, { readonly number: number; uses: number }>();
  readonly #unused = new Set<object>();
  #count = 0;

  /** @param send Sends something to all workers. */
  constructor(send: (supply: Supply) => void) {
    this.#send = send;
  }

  /** Up to which number there must be messages for what was numbered so far. */
  get count(): number {
    return this.#count;
  }

  /** All that a new worker has to be told, in order. */
  list(): Supply[] {
    return [...this.#objects].map(([object, { number }]) => ({ type: "object", number, object }));
  }

  /** The number of an object, which is kept until it is released. */
  add(object: object): number {
    let known = this.#objects.get(object);
    if (known === undefined) {
      known = { number: this.#count++, uses: 0 };
      this.#objects.set(object, known);
      this.#send({ type: "object", number: known.number, object });
    }
    known.uses++;
    this.#unused.delete(object);
    return known.number;
  }

  /** Says that a task that used some objects is done. */
  release(objects: readonly object[]): void {
    for (const object of objects) {
      const known = this.#objects.get(object)!;
      if (--known.uses === 0) this.#unused.add(object);
    }
    if (this.#unused.size <= keptObjects) return;
    const numbers: number[] = [];
    for (const object of this.#unused) {
      if (this.#unused.size <= keptObjects) break;
      numbers.push(this.#objects.get(object)!.number);
      this.#unused.delete(object);
      this.#objects.delete(object);
    }
    this.#send({ type: "drop", number: this.#count++, numbers });
  }
}

/** The side of a worker: has what it was told. */
export class Stock {
  readonly objects: object[] = [];
  #count = 0;
  readonly #waiting: { readonly needs: number; readonly resolve: () => void }[] = [];

  /** Whether there were all messages up to a number. */
  has(needs: number): boolean {
    return this.#count >= needs;
  }

  /** Waits for all messages up to a number. */
  async wait(needs: number): Promise<void> {
    if (this.has(needs)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ needs, resolve });
    await promise;
  }

  /** Takes what a message says. */
  add(supply: Supply): void {
    if (supply.type === "object") this.objects[supply.number] = supply.object;
    else for (const number of supply.numbers) delete this.objects[number];
    this.reach(supply.number + 1);
  }

  /** Notes that there is nothing more up to a number. */
  reach(count: number): void {
    this.#count = Math.max(this.#count, count);
    for (let i = this.#waiting.length - 1; i >= 0; i--) {
      if (!this.has(this.#waiting[i]!.needs)) continue;
      this.#waiting[i]!.resolve();
      this.#waiting.splice(i, 1);
    }
  }
}
