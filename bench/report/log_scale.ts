// Copyright 2026 the Weft authors. MIT license.

/** More than these on the axis would be hard to read. */
const mostTicks = 8;

/** An axis on which twice as much is the same way everywhere. It has round ends, between which 1 is. */
export class LogScale {
  /** The values that the axis names. */
  readonly ticks: readonly number[];
  readonly #low: number;
  readonly #high: number;
  readonly #from: number;
  readonly #to: number;

  /** Makes one that has room for values above zero, from one coordinate to another. */
  constructor(values: readonly number[], from: number, to: number) {
    this.#low = roundDown(Math.min(0.5, ...values));
    this.#high = 1 / roundDown(1 / Math.max(2, ...values));
    this.#from = from;
    this.#to = to;
    const ticks: number[] = [];
    for (let tick = this.#low; tick < this.#high * 1.001; tick = next(tick)) ticks.push(tick);
    this.ticks = ticks.length <= mostTicks ? ticks : ticks.filter((tick) => digitOf(tick) === 1);
  }

  /** The coordinate of a value. */
  position(value: number): number {
    const part = Math.log(value / this.#low) / Math.log(this.#high / this.#low);
    return this.#from + part * (this.#to - this.#from);
  }
}

/** The first digit of 1, 2, 5, 10, 20, …, without what a computer gets wrong. */
function digitOf(value: number): number {
  return Math.round(value / 10 ** Math.floor(Math.log10(value * 1.001)));
}

function next(value: number): number {
  const factor = digitOf(value) === 2 ? 2.5 : 2;
  return Number((value * factor).toPrecision(3));
}

/** The greatest of 1, 2, 5, 10, … and 0.5, 0.2, 0.1, … that is not above the value. */
function roundDown(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value * 1.001));
  const digit = [5, 2, 1].find((digit) => digit * power <= value * 1.001)!;
  return Number((digit * power).toPrecision(3));
}
