// Copyright 2026 the Weft authors. MIT license.

/** How a number of durations are spread; all in milliseconds, and 0 if there are none. */
export interface Histogram {
  /** Number of durations. */
  readonly count: number;
  /** Their mean. */
  readonly mean: number;
  /** The longest of them. */
  readonly max: number;
  /**
   * A duration that this part of them does not exceed.
   *
   * @param part From 0 to 1, such as 0.5 for the median.
   * @returns Milliseconds, at most an eighth too many.
   */
  quantile(part: number): number;
}

/** Steps within each power of two. */
const steps = 8;
/** The shortest duration that is told from none: a thousandth of a millisecond, about. */
const smallestPower = -10;
const powers = 42;

/** Counts durations in steps that grow with them, as HdrHistogram does: so it takes little memory, however many. */
export class Durations implements Histogram {
  readonly #counts = new Float64Array(powers * steps);
  #count = 0;
  #sum = 0;
  #max = 0;

  get count(): number {
    return this.#count;
  }

  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }

  get max(): number {
    return this.#max;
  }

  /** The sum of all. */
  get sum(): number {
    return this.#sum;
  }

  /** Adds a duration, several times. */
  add(duration: number, times = 1): void {
    const step = stepOf(duration);
    this.#counts[step] = this.#counts[step]! + times;
    this.#count += times;
    this.#sum += duration * times;
    if (duration > this.#max) this.#max = duration;
  }

  quantile(part: number): number {
    if (this.#count === 0) return 0;
    const wanted = Math.max(1, Math.ceil(Math.min(part, 1) * this.#count));
    let counted = 0;
    for (let step = 0; step < this.#counts.length; step++) {
      counted += this.#counts[step]!;
      // What is longer than the steps reach is in the last one.
      if (counted >= wanted && step < this.#counts.length - 1) {
        return Math.min(endOf(step), this.#max);
      }
    }
    return this.#max;
  }

  /** What it is now, which further durations do not change. */
  copy(): Histogram {
    const copy = new Durations();
    copy.#counts.set(this.#counts);
    copy.#count = this.#count;
    copy.#sum = this.#sum;
    copy.#max = this.#max;
    return copy;
  }

  /** Shows the main figures in `Deno.inspect` and on the console. */
  [Symbol.for("Deno.customInspect")](): string {
    const figures = [0.5, 0.9, 0.99].map((part) => this.quantile(part).toPrecision(3));
    return `Histogram { count: ${this.#count}, p50: ${figures[0]} ms, p90: ${figures[1]} ms, p99: ${
      figures[2]
    } ms }`;
  }
}

function stepOf(duration: number): number {
  const scaled = duration / 2 ** smallestPower;
  if (!(scaled >= 1)) return 0;
  const power = Math.min(Math.floor(Math.log2(scaled)), powers - 1);
  const within = Math.min(Math.floor((scaled / 2 ** power - 1) * steps), steps - 1);
  return power * steps + within;
}

function endOf(step: number): number {
  const power = Math.floor(step / steps);
  return (1 + (step % steps + 1) / steps) * 2 ** (power + smallestPower);
}
