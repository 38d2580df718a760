// Copyright 2026 the Weft authors. MIT license.

import { show } from "../sync/show.ts";

/**
 * How items are written: `"codec"` keeps whatever `structuredClone` does, for programs with Weft; `"json"` is JSON
 * text, for programs in any language.
 */
export type BrokerFormat = "codec" | "json";

/** How long to wait before each attempt to connect again. */
export interface BrokerBackoff {
  /**
   * Milliseconds before the first attempt; doubled for each that follows, and varied at random by half.
   *
   * @default {50}
   */
  readonly min?: number | undefined;
  /**
   * Milliseconds that no attempt waits longer.
   *
   * @default {5000}
   */
  readonly max?: number | undefined;
}

/** Options of a queue at a broker. */
export interface BrokerQueueOptions {
  /** Where the broker is, with user and password if it wants them. */
  readonly url: string | URL;
  /**
   * The most items that wait in the queue at once; a put waits as long as there are so many. 0 is no limit. Every
   * handle on a queue should say the same.
   *
   * @default {0}
   */
  readonly maxSize?: number | undefined;
  /**
   * How items are written. Every handle on a queue must say the same.
   *
   * @default {"codec"}
   */
  readonly format?: BrokerFormat | undefined;
  /**
   * Number of items that are fetched beyond those that gets wait for. More is faster when items are small and many;
   * others cannot get them meanwhile.
   *
   * @default {0}
   */
  readonly prefetch?: number | undefined;
  /**
   * Milliseconds in which the first connection must come about.
   *
   * @default {10000}
   */
  readonly connectTimeout?: number | undefined;
  /** How long to wait before each attempt to connect again; the defaults are with {@linkcode BrokerBackoff}. */
  readonly backoff?: BrokerBackoff | undefined;
}

/** Options of `close` of a queue at a broker. */
export interface BrokerCloseOptions {
  /**
   * Whether to get nothing any more, and to give back what was got and not acknowledged.
   *
   * @default {false}
   */
  readonly immediate?: boolean | undefined;
}

/** Options that were checked. */
export interface BrokerSettings {
  readonly name: string;
  readonly url: URL;
  readonly maxSize: number;
  readonly format: BrokerFormat;
  readonly prefetch: number;
  readonly connectTimeout: number;
  readonly backoff: { readonly min: number; readonly max: number };
}

/** What is checked. */
export interface BrokerKind {
  /** Name of the class. */
  readonly name: string;
  /** The schemes its URL can have, with their colon. */
  readonly protocols: readonly string[];
}

/**
 * Checks what the constructor of a queue got.
 *
 * @throws {TypeError} If the name is not a string or empty, the URL is none or of another scheme, or the format unknown.
 * @throws {RangeError} If a number is out of its range.
 */
export function checkOptions(
  name: string,
  options: BrokerQueueOptions,
  kind: BrokerKind,
): BrokerSettings {
  if (typeof name !== "string" || name === "") {
    throw new TypeError(
      `Cannot create a ${kind.name} as its name is not a string with text: current value is ${
        show(name)
      }`,
    );
  }
  const { maxSize = 0, format = "codec", prefetch = 0, connectTimeout = 10_000, backoff = {} } =
    options ?? {};
  const { min = 50, max = Math.max(5000, min) } = backoff;
  if (format !== "codec" && format !== "json") {
    throw new TypeError(
      `Cannot create a ${kind.name} as its format is not "codec" or "json": current value is ${
        show(format)
      }`,
    );
  }
  checkWhole(kind, "maxSize", maxSize);
  checkWhole(kind, "prefetch", prefetch);
  checkTime(kind, "connectTimeout", connectTimeout, 1);
  checkTime(kind, "backoff.min", min, 1);
  checkTime(kind, "backoff.max", max, min);
  const url = checkUrl(kind, options?.url);
  return { name, url, maxSize, format, prefetch, connectTimeout, backoff: { min, max } };
}

/** Checks a number of milliseconds, which must be one that a timer can wait. */
export function checkTime(kind: BrokerKind, option: string, value: number, least: number): void {
  if (typeof value === "number" && value >= least && value <= 0x7fffffff) return;
  throw new RangeError(
    `Cannot create a ${kind.name} as ${option} is not from ${least} to 2147483647 ms: current value is ${
      show(value)
    }`,
  );
}

function checkWhole(kind: BrokerKind, option: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 0) return;
  throw new RangeError(
    `Cannot create a ${kind.name} as ${option} is not a whole number from 0: current value is ${
      show(value)
    }`,
  );
}

function checkUrl(kind: BrokerKind, given: string | URL): URL {
  const parsed = URL.canParse(`${given}`) ? new URL(given) : undefined;
  if (parsed !== undefined && kind.protocols.includes(parsed.protocol)) return parsed;
  const schemes = kind.protocols.map((protocol) => `${protocol}//`).join(" or ");
  const value = parsed === undefined ? show(given) : hidePassword(parsed);
  throw new TypeError(
    `Cannot create a ${kind.name} as its url is not one with ${schemes}: current value is ${value}`,
  );
}

/** Writes a URL for people to read. */
export function hidePassword(url: URL): string {
  const shown = new URL(url);
  if (shown.password !== "") shown.password = "***";
  shown.search = "";
  return shown.href;
}

/** The time before an attempt to connect, the first of which is 1. */
export function backoffTime({ min, max }: BrokerSettings["backoff"], attempt: number): number {
  const time = Math.min(max, min * 2 ** Math.min(attempt - 1, 30));
  return time * (0.5 + Math.random() / 2);
}
