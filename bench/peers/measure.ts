// Copyright 2026 the Weft authors. MIT license.

/** One of the two sides that are compared. */
export interface Side {
  /** What is measured, as the table calls it. */
  readonly name: string;
  /** Does it so many times; gives the milliseconds, or bytes, that all of them take. */
  run(times: number): number | Promise<number>;
}

/** Ours, the peer's, and how many times faster ours has to be. */
export type Row = readonly [ours: Side, peer: Side, aim?: number];

/** What is measured, and of whom. */
export interface Measure {
  readonly name: string;
  readonly rows: readonly Row[];
  /** How many times make a sample, where that matters; else as many as take some milliseconds. */
  readonly times?: number;
  /** How many samples are taken, where one takes long. */
  readonly rounds?: number;
  /** What is measured; else it is time. */
  readonly unit?: Unit;
}

/** What the sides of a measure give. */
export type Unit = "milliseconds" | "bytes";

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
  readonly unit: Unit;
  readonly ours: Median;
  readonly peer: Median;
  readonly aim: number | undefined;
}

/** The median of a side for each time, or what is missing. */
export interface Median {
  readonly name: string;
  readonly value: number | string;
}

/** Milliseconds that count in one sample of a side, about. */
const sampleTime = 40;
/** Milliseconds that a sample takes at most, about, with what does not count: starting a process, sleeping. */
const longestSample = 500;

/**
 * Runs the sides of a measure in turn, round by round, so that whatever slows the machine down slows all
 * of them.
 */
export async function runRounds(measure: Measure, defaultRounds: number): Promise<Result[]> {
  const { name, rows, times, rounds = defaultRounds, unit = "milliseconds" } = measure;
  const samples = rows.map((row) =>
    [new Samples(row[0], times), new Samples(row[1], times)] as const
  );
  const sides = samples.flat();
  for (const side of sides) await side.calibrate();
  for (let round = 0; round < rounds; round++) {
    for (const side of sides) await side.take();
  }
  return samples.map(([ours, peer], i) => {
    return { measure: name, unit, ours: ours.median(), peer: peer.median(), aim: rows[i]![2] };
  });
}

class Samples {
  readonly #side: Side;
  readonly #fixed: boolean;
  /** What each time takes. */
  readonly #values: number[] = [];
  #times: number;
  #missing: string | undefined;

  constructor(side: Side, times: number | undefined) {
    this.#side = side;
    this.#fixed = times !== undefined;
    this.#times = times ?? 10;
  }

  /** Warms up, and finds out how many times make a sample. */
  async calibrate(): Promise<void> {
    try {
      await this.#side.run(this.#times);
      if (this.#fixed) return;
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
    this.#values.push(await this.#side.run(this.#times) / this.#times);
  }

  median(): Median {
    return { name: this.#side.name, value: this.#missing ?? median(this.#values) };
  }
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
