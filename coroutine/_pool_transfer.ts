// Copyright 2026 the Weft authors. MIT license.

import { show } from "../sync/show.ts";

/**
 * Moves buffers, and gives arguments in which the moved ones are in their places: also in views, arrays and plain objects,
 * which are copied.
 *
 * @throws {DOMException} Named `DataCloneError`, if one cannot be moved; then none is.
 */
export function moveBuffers(
  args: readonly unknown[],
  buffers: readonly ArrayBuffer[],
): unknown[] {
  const known = new Map<unknown, unknown>();
  for (const buffer of buffers) known.set(buffer, buffer);
  const views: ArrayBufferView[] = [];
  copyOf(args, known, (view) => known.has(view.buffer) && views.push(view));
  const old = [...buffers, ...views];
  const moved = move(old, buffers);
  return copyOf(args, new Map(old.map((part, i) => [part, moved[i]])), () => {}) as unknown[];
}

function move<T>(parts: T[], buffers: readonly ArrayBuffer[]): T[] {
  try {
    return structuredClone(parts, { transfer: [...buffers] });
  } catch (error) {
    throw new DOMException(
      "Cannot run a task as a part of transfer cannot be detached, like that of a WebAssembly.Memory: " +
        `current value is ${show(error)}`,
      "DataCloneError",
    );
  }
}

/**
 * Copies arrays and plain objects.
 *
 * @param known What stands for what; added to.
 * @param onView Called with each view that nothing stands for.
 */
function copyOf(
  value: unknown,
  known: Map<unknown, unknown>,
  onView: (view: ArrayBufferView) => void,
): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (known.has(value)) return known.get(value);
  if (ArrayBuffer.isView(value)) onView(value);
  const isArray = Array.isArray(value);
  const copy: unknown = isArray ? [] : isPlain(value) ? {} : value;
  known.set(value, copy);
  if (copy === value) return value;
  for (const key of Object.keys(value)) {
    const part = (value as Record<string, unknown>)[key];
    (copy as Record<string, unknown>)[key] = copyOf(part, known, onView);
  }
  if (isArray) (copy as unknown[]).length = value.length;
  return copy;
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
