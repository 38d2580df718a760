// Copyright 2026 the Weft authors. MIT license.

/** One of the two sides that are compared. */
export interface Side {
  /** What is measured, as the table calls it. */
  readonly name: string;
  /** Does it so many times; gives the milliseconds. */
  run(times: number): number | Promise<number>;
}

/** Ours, the peer's, and how many times faster ours has to be. */
export type Row = readonly [ours: Side, peer: Side, aim?: number];

/** What is measured, and of whom. */
export interface Measure {
  readonly name: string;
  readonly rows: readonly Row[];
}

/** Measures that share what they need. */
export interface Topic {
  readonly measures: readonly Measure[];
  /** Ends what was started for them. */
  stop(): Promise<void>;
}

/** Thrown by a side that is not to be had on this machine. */
export class MissingError extends Error {
  override readonly name = "MissingError";
}

/** One row of the table. */
export interface Result {
  readonly measure: string;
  readonly ours: Median;
  readonly peer: Median;
  readonly aim: number | undefined;
}

/** The median of a side in nanoseconds each, or what is missing. */
export interface Median {
  readonly name: string;
  readonly time: number | string;
}

/** Milliseconds that count in one sample of a side, about. */
const sampleTime = 40;
/** Milliseconds that a sample takes at most, about, with what does not count: starting a process, sleeping. */
const longestSample = 500;

/**
 * Runs the sides of a measure in turn, round by round, so that whatever slows the machine down slows all
 * of them.
 */
export async function runRounds({ name, rows }: Measure, rounds: number): Promise<Result[]> {
  const samples = rows.map(([ours, peer]) => [new Samples(ours), new Samples(peer)] as const);
  const sides = samples.flat();
  for (const side of sides) await side.calibrate();
  for (let round = 0; round < rounds; round++) {
    for (const side of sides) await side.take();
  }
  return samples.map(([ours, peer], i) => {
    return { measure: name, ours: ours.median(), peer: peer.median(), aim: rows[i]![2] };
  });
}

class Samples {
  readonly #side: Side;
  /** Nanoseconds each. */
  readonly #values: number[] = [];
  #times = 10;
  #missing: string | undefined;

  constructor(side: Side) {
    this.#side = side;
  }

  /** Warms up, and finds out how many times make a sample. */
  async calibrate(): Promise<void> {
    try {
      await this.#side.run(this.#times);
      // By the time that counts: else a peer that starts a process has samples so small that only its start counts.
      for (let factor = 10; factor > 2;) {
        const started = performance.now();
        const counted = await this.#side.run(this.#times);
        const taken = performance.now() - started;
        factor = Math.min(10, sampleTime / counted, longestSample / taken);
        if (factor > 1) this.#times = 2 * Math.ceil(this.#times * factor / 2);
      }
    } catch (error) {
      if (!(error instanceof MissingError)) throw error;
      this.#missing = error.message;
    }
  }

  async take(): Promise<void> {
    if (this.#missing !== undefined) return;
    this.#values.push(await this.#side.run(this.#times) * 1e6 / this.#times);
  }

  median(): Median {
    return { name: this.#side.name, time: this.#missing ?? median(this.#values) };
  }
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
