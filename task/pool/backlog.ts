// Copyright 2026 the Weft authors. MIT license.

/** What waits in a backlog. */
export interface Waiting {
  /** Those with the lowest come out first. */
  readonly priority: number;
  /** Whether it is not to come out any more. */
  readonly withdrawn: boolean;
}

/** First in, first out. */
interface Line<T> {
  readonly priority: number;
  items: T[];
  /** Where the first one is. */
  first: number;
}

/** Items of a line that are dropped together, once they were taken. */
const dropped = 1024;

/** Keeps what waits in its order: by priority, and what has the same as it came. */
export class Backlog<T extends Waiting> {
  /** One for each priority, lowest last. */
  readonly #lines: Line<T>[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Whether there is anything in it whose priority is not 0. */
  get ranked(): boolean {
    return this.#lines.length > 1 || (this.#lines.length === 1 && this.#lines[0]!.priority !== 0);
  }

  /** All that is in it. */
  all(): T[] {
    return this.#lines.flatMap(({ items, first }) => items.slice(first))
      .filter(({ withdrawn }) => !withdrawn);
  }

  /** Adds one. */
  push(one: T): void {
    this.#lineOf(one.priority).items.push(one);
    this.#size++;
  }

  /** Adds some that came before all others of their priority. */
  unshift(some: readonly T[]): void {
    for (const one of some.toReversed()) {
      const line = this.#lineOf(one.priority);
      if (line.first > 0) line.items[--line.first] = one;
      else line.items.unshift(one);
    }
    this.#size += some.length;
  }

  /** The one that comes out next. */
  peek(): T | undefined {
    for (;;) {
      const line = this.#lines.at(-1);
      const one = line?.items[line.first];
      if (one === undefined || !one.withdrawn) return one;
      this.#step(line!);
    }
  }

  /** Takes the next one. */
  shift(): T | undefined {
    const one = this.peek();
    if (one === undefined) return undefined;
    this.#size--;
    this.#step(this.#lines.at(-1)!);
    return one;
  }

  /** Notes that one of those inside is withdrawn. */
  withdraw(): void {
    this.#size--;
  }

  #step(line: Line<T>): void {
    line.first++;
    if (line.first === line.items.length) this.#lines.pop();
    else if (line.first === dropped) {
      line.items = line.items.slice(dropped);
      line.first = 0;
    }
  }

  #lineOf(priority: number): Line<T> {
    let low = 0;
    let high = this.#lines.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#lines[middle]!.priority > priority) low = middle + 1;
      else high = middle;
    }
    const found = this.#lines[low];
    if (found?.priority === priority) return found;
    const line = { priority, items: [], first: 0 };
    this.#lines.splice(low, 0, line);
    return line;
  }
}
