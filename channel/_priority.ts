// Copyright 2026 the Weft authors. MIT license.

/** The priority of a put; 0 unless it is said. */
export function checkPriority(priority: number | undefined): number {
  if (priority === undefined) return 0;
  if (typeof priority === "number" && !Number.isNaN(priority)) return priority;
  throw new RangeError(
    `Cannot put as the priority is not a number: current value is ${priority}`,
  );
}
