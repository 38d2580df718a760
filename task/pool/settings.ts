// Copyright 2026 the Weft authors. MIT license.

import { show } from "../../sync/show.ts";
import type { PoolOptions } from "../pool_options.ts";
import { requireReference, type TaskReference } from "../registry.ts";
import { checkDuration, checkWhole, nameOf, nextName } from "./option_checks.ts";

/** The most workers: as many as there can be threads. */
const mostWorkers = 4096;

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

/**
 * Checks the options of a pool.
 *
 * @throws {TypeError} If one is of a wrong type.
 * @throws {RangeError} If a number is out of range.
 */
export function settingsOf(kind: string, size: number, options: PoolOptions): PoolSettings {
  const name = nameOf(options);
  const { initializer, initializerArgs = [] } = options;
  if (!Array.isArray(initializerArgs)) {
    throw new TypeError(
      "Cannot create a pool as initializerArgs is not an array: current value is " +
        show(initializerArgs),
    );
  }
  checkWhole("its size", size, 1, false);
  const settings = {
    size,
    initializer: initializer === undefined
      ? undefined
      : requireReference(initializer, "the initializer of a pool"),
    initializerArgs,
    maxTasks: checkWhole("maxTasksPerWorker", options.maxTasksPerWorker ?? Infinity, 1),
    idleTimeout: checkDuration("idleTimeout", options.idleTimeout ?? Infinity),
    minSize: checkWhole("minSize", options.minSize ?? 0, 0, false),
    maxQueue: checkWhole("maxQueue", options.maxQueue ?? Infinity, 1),
  };
  if (size > mostWorkers) {
    throw new RangeError(
      `Cannot create a pool as its size is more than ${mostWorkers}: current value is ${size}`,
    );
  }
  if (settings.minSize > size) {
    throw new RangeError(
      `Cannot create a pool as minSize is more than its size: current value is ${settings.minSize} of ${size}`,
    );
  }
  return { ...settings, name: name ?? nextName(kind) };
}
