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
  /** How many times are enough to warm up, if not as many as make a sample; 0 where each sample is a new program. */
  readonly warmUp?: number;
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
  readonly aim?: number | undefined;
  /** The quartiles of the ratios, peer to ours, of single rounds: how far these lie apart. */
  readonly spread?: readonly [low: number, high: number] | undefined;
}

/** The median of a side for each time, or what is missing. */
export interface Median {
  readonly name: string;
  readonly value: number | string;
}

/** How much is measured. */
export interface RoundsOptions {
  /** How many samples are taken at most. */
  readonly rounds?: number | undefined;
  /** Milliseconds that count in one sample of a side, about. */
  readonly sampleTime?: number | undefined;
  /** Milliseconds that a sample takes at most, about, with what does not count: starting a process, sleeping. */
  readonly longestSample?: number | undefined;
}

/** How much is measured if nobody says otherwise. */
export const defaultRounds = 9;

/**
 * Runs the sides of a measure in turn, round by round, so that whatever slows the machine down slows all
 * of them.
 */
export async function runRounds(
  measure: Measure,
  { rounds: most = defaultRounds, sampleTime = 40, longestSample = 500 }: RoundsOptions = {},
): Promise<Result[]> {
  const { name, rows, unit = "milliseconds" } = measure;
  const rounds = Math.min(most, measure.rounds ?? most);
  const samples = rows.map((row) =>
    [new Samples(row[0], measure), new Samples(row[1], measure)] as const
  );
  const sides = samples.flat();
  for (const side of sides) await side.calibrate(sampleTime, longestSample);
  for (let round = 0; round < rounds; round++) {
    for (const side of sides) await side.take();
  }
  return samples.map(([ours, peer], i) => {
    return {
      measure: name,
      unit,
      ours: ours.median(),
      peer: peer.median(),
      aim: rows[i]![2],
      spread: spreadOf(ours, peer),
    };
  });
}

class Samples {
  readonly #side: Side;
  readonly #fixed: boolean;
  /** What each time takes, by rounds. */
  readonly values: number[] = [];
  readonly #warmUp: number;
  #times: number;
  #missing: string | undefined;

  constructor(side: Side, { times, warmUp }: Measure) {
    this.#side = side;
    this.#fixed = times !== undefined;
    this.#times = times ?? 10;
    this.#warmUp = warmUp ?? this.#times;
  }

  /** Warms up, and finds out how many times make a sample. */
  async calibrate(sampleTime: number, longestSample: number): Promise<void> {
    if (this.#warmUp > 0) await this.#run(this.#warmUp);
    if (this.#fixed) return;
    // By the time that counts: else a peer that starts a process has samples so small that only its start counts.
    for (let factor = 10; factor > 2 && this.#missing === undefined;) {
      const started = performance.now();
      const counted = await this.#run(this.#times);
      const taken = performance.now() - started;
      factor = Math.min(10, sampleTime / counted, longestSample / taken);
      if (factor > 1) this.#times = 2 * Math.ceil(this.#times * factor / 2);
    }
  }

  async take(): Promise<void> {
    const counted = await this.#run(this.#times);
    if (this.#missing === undefined) this.values.push(counted / this.#times);
  }

  median(): Median {
    return { name: this.#side.name, value: this.#missing ?? median(this.values) };
  }

  /** Gives what so many times take; nothing of interest if the side is missing. */
  async #run(times: number): Promise<number> {
    if (this.#missing !== undefined) return NaN;
    try {
      return await this.#side.run(times);
    } catch (error) {
      if (!(error instanceof MissingError)) throw error;
      this.#missing = error.message;
      return NaN;
    }
  }
}

/** The quartiles of the ratios of the rounds; `undefined` for less than three. */
function spreadOf(ours: Samples, peer: Samples): [low: number, high: number] | undefined {
  const rounds = Math.min(ours.values.length, peer.values.length);
  const ratios = Array.from({ length: rounds }, (_, i) => peer.values[i]! / ours.values[i]!);
  return ratios.length < 3 ? undefined : [quantile(ratios, 0.25), quantile(ratios, 0.75)];
}

function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value below which such a part of them is; between two of them, where it lies between. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = part * (sorted.length - 1);
  const below = sorted[Math.floor(place)]!;
  return below + (sorted[Math.ceil(place)]! - below) * (place % 1);
}
