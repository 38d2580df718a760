// Copyright 2026 the Weft authors. MIT license.

import { show } from "../../sync/show.ts";
import type { PoolOptions } from "../pool_options.ts";
import { requireReference, type TaskReference } from "../registry.ts";

/** The options of a pool, checked and complete. */
export interface PoolSettings {
  readonly size: number;
  readonly name: string;
  readonly initializer: TaskReference | undefined;
  readonly initializerArgs: readonly unknown[];
  readonly maxTasks: number;
  readonly idleTimeout: number;
  readonly minSize: number;
  readonly maxQueue: number;
}

const counts = new Map<string, number>();

/**
 * Checks the options of a pool.
 *
 * @throws {TypeError} If one is of a wrong type.
 * @throws {RangeError} If a number is out of range.
 */
export function settingsOf(kind: string, size: number, options: PoolOptions): PoolSettings {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new TypeError(
      `Cannot create a pool as its options are not an object: current value is ${show(options)}`,
    );
  }
  const { name, initializer, initializerArgs = [] } = options;
  if (name !== undefined && typeof name !== "string") {
    throw new TypeError(
      `Cannot create a pool as its name is not a string: current value is ${show(name)}`,
    );
  }
  if (!Array.isArray(initializerArgs)) {
    throw new TypeError(
      "Cannot create a pool as initializerArgs is not an array: current value is " +
        show(initializerArgs),
    );
  }
  whole("its size", size, 1, false);
  const settings = {
    size,
    initializer: initializer === undefined
      ? undefined
      : requireReference(initializer, "the initializer of a pool"),
    initializerArgs,
    maxTasks: whole("maxTasksPerWorker", options.maxTasksPerWorker ?? Infinity, 1),
    idleTimeout: duration("idleTimeout", options.idleTimeout ?? Infinity),
    minSize: whole("minSize", options.minSize ?? 0, 0, false),
    maxQueue: whole("maxQueue", options.maxQueue ?? Infinity, 1),
  };
  if (settings.minSize > size) {
    throw new RangeError(
      `Cannot create a pool as minSize is more than its size: current value is ${settings.minSize} of ${size}`,
    );
  }
  return { ...settings, name: name ?? nextName(kind) };
}

function nextName(kind: string): string {
  const count = (counts.get(kind) ?? 0) + 1;
  counts.set(kind, count);
  return `${kind}-${count}`;
}

function whole(what: string, value: number, least: number, infinite = true): number {
  if (typeof value !== "number") refuseType(what, value);
  if ((Number.isSafeInteger(value) && value >= least) || (infinite && value === Infinity)) {
    return value;
  }
  throw new RangeError(
    `Cannot create a pool as ${what} is not a whole number from ${least}: current value is ${value}`,
  );
}

function duration(what: string, value: number): number {
  if (typeof value !== "number") refuseType(what, value);
  if (value >= 0) return value;
  throw new RangeError(
    `Cannot create a pool as ${what} is not a non-negative number: current value is ${value}`,
  );
}

function refuseType(what: string, value: unknown): never {
  throw new TypeError(
    `Cannot create a pool as ${what} is not a number: current value is ${show(value)}`,
  );
}
