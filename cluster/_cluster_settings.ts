// Copyright 2026 the Weft authors. MIT license.

import { show } from "../sync/show.ts";
import { checkDuration, checkWhole } from "../task/pool/option_checks.ts";
import type { RedisSettings } from "./_cluster_redis.ts";

/** What a pool and the programs that serve it have to agree on, and how to reach Redis. */
export interface ClusterOptions {
  /** Where Redis is, as `redis://:password@host:6379/0`, or `rediss://` for TLS. */
  readonly url: string;
  /** Name of the queue, the same for the pool and for the programs that serve it; without a colon. */
  readonly name: string;
  /**
   * What the keys in Redis begin with.
   *
   * @default {"bull"}
   */
  readonly prefix?: string | undefined;
  /**
   * Milliseconds that the first connection may take.
   *
   * @default {10000}
   */
  readonly connectTimeout?: number | undefined;
  /**
   * Is told of each outage of the connection once, and of what else goes wrong beside the tasks.
   *
   * @default {it is printed by `console.warn`}
   */
  readonly onError?: ((error: Error) => void) | undefined;
}

/** The same, checked and complete. */
export interface ClusterSettings extends RedisSettings {
  readonly name: string;
  readonly prefix: string;
  readonly onError: (error: Error) => void;
}

/**
 * Checks the options that both sides have.
 *
 * @param what What they belong to, for what is printed.
 * @throws {TypeError} If one is of a wrong type, or the URL is not one of Redis.
 * @throws {RangeError} If the time is negative or not a number.
 */
export function clusterSettings(what: string, options: ClusterOptions): ClusterSettings {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(
      `Cannot create a ${what} as its options are not an object: current value is ${show(options)}`,
    );
  }
  const { url, name, prefix = "bull", onError } = options;
  // It can hold a password, so it is not shown.
  if (typeof url !== "string" || !URL.canParse(url) || !/^rediss?:\/\/[^/]/.test(url)) {
    throw new TypeError(`Cannot create a ${what} as its url is not one of redis:// or rediss://`);
  }
  checkName(what, "name", name);
  checkName(what, "prefix", prefix);
  if (onError !== undefined && typeof onError !== "function") {
    throw new TypeError(
      `Cannot create a ${what} as onError is not a function: current value is ${show(onError)}`,
    );
  }
  return {
    url,
    name,
    prefix,
    connectTimeout: checkDuration("connectTimeout", options.connectTimeout ?? 10_000),
    onError: onError ?? ((error) => console.warn(`${what} ${name}: ${error.message}`)),
  };
}

/** Checks a number of milliseconds from 1 that a timer keeps. */
export function checkTime(what: string, value: number): number {
  return checkWhole(what, value, 1, false);
}

function checkName(what: string, option: string, value: unknown): void {
  if (typeof value === "string" && value !== "" && !value.includes(":")) return;
  throw new TypeError(
    `Cannot create a ${what} as its ${option} is not a string without colons: current value is ${
      show(value)
    }`,
  );
}
