// Copyright 2026 the Weft authors. MIT license.

import type { PickleInput } from "./_pickle_input.ts";
import { PythonError } from "./python_values.ts";

/** Refuses a value in which containers are deeper within each other than `most`, wherever they are shared. */
export function checkDepth(input: PickleInput, root: unknown, most: number): void {
  /** How deep each container is; 0 while that is being found out, so that a cycle has an end. */
  const depths = new Map<object, number>();

  function measure(value: unknown, outer: number): number {
    const parts = partsOf(value);
    if (parts === undefined) return 0;
    const known = depths.get(value as object);
    if (known === undefined) depths.set(value as object, 0);
    let depth = known ?? 0;
    if (known === undefined && outer < most) {
      for (const part of parts) depth = Math.max(depth, measure(part, outer + 1));
      depths.set(value as object, ++depth);
    }
    if (outer + Math.max(depth, 1) > most) input.fail(`it is nested deeper than ${most}`);
    return depth;
  }

  measure(root, 0);
}

function partsOf(value: unknown): Iterable<unknown> | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if (Array.isArray(value) || value instanceof Set) return value;
  if (value instanceof Map) return [...value.keys(), ...value.values()];
  if (value instanceof PythonError) return [value.args, value.attributes];
  return Object.getPrototypeOf(value) === Object.prototype ? Object.values(value) : undefined;
}
