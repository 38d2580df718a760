// Copyright 2026 the Weft authors. MIT license.

import { show } from "../../sync/show.ts";
import type { MapOptions, PoolRunOptions } from "../pool.ts";

/** Checks the options of a map. */
export function checkMapOptions(options: MapOptions): void {
  const { chunkSize, onProgress } = options;
  checkPriority(options.priority);
  checkSignal(options.signal);
  if (onProgress !== undefined && typeof onProgress !== "function") {
    throw new TypeError(
      `Cannot map as onProgress is not a function: current value is ${show(onProgress)}`,
    );
  }
  if (chunkSize === undefined || (Number.isSafeInteger(chunkSize) && chunkSize > 0)) return;
  throw new RangeError(
    `Cannot map as chunkSize is not a whole number from 1: current value is ${show(chunkSize)}`,
  );
}

/** Checks the arguments and the options of a run. */
export function checkRun(args: unknown, options: PoolRunOptions): void {
  const { priority, signal, timeout, transfer } = options;
  if (!Array.isArray(args)) {
    throw new TypeError(
      `Cannot run a task as args is not an array: current value is ${show(args)}`,
    );
  }
  checkPriority(priority);
  checkSignal(signal);
  if (timeout !== undefined && !(typeof timeout === "number" && timeout >= 0)) {
    throw new RangeError(
      `Cannot run a task as its timeout is not a non-negative number: current value is ${
        show(timeout)
      }`,
    );
  }
  if (transfer === undefined) return;
  if (!Array.isArray(transfer)) {
    throw new TypeError(
      `Cannot run a task as transfer is not an array: current value is ${show(transfer)}`,
    );
  }
  transfer.forEach((buffer, i) => {
    if (!(buffer instanceof ArrayBuffer)) {
      refuseTransfer(`part ${i} of transfer is not an ArrayBuffer`, buffer);
    }
    if (buffer.detached) refuseTransfer(`part ${i} of transfer is detached`, buffer);
    if (transfer.indexOf(buffer) !== i) {
      refuseTransfer(`part ${i} of transfer is there twice`, buffer);
    }
  });
}

function checkPriority(priority: number | undefined): void {
  if (priority === undefined || (typeof priority === "number" && !Number.isNaN(priority))) return;
  throw new RangeError(
    `Cannot run a task as its priority is not a number: current value is ${show(priority)}`,
  );
}

function checkSignal(signal: AbortSignal | undefined): void {
  if (signal === undefined || signal instanceof AbortSignal) return;
  throw new TypeError(
    `Cannot run a task as its signal is not an AbortSignal: current value is ${show(signal)}`,
  );
}

function refuseTransfer(rule: string, value: unknown): never {
  throw new DOMException(
    `Cannot run a task as ${rule}: current value is ${show(value)}`,
    "DataCloneError",
  );
}
