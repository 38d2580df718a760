// Copyright 2026 the Weft authors. MIT license.

import { libc } from "./libc.ts";

/*
 * A task is what the kernel calls a thread of any process; its number is unique in the system as long as
 * it lives. Numbers come again, so a token holds a digest of when the task started, too:
 *
 *   bits 0–21  number of the task, which is less than 2^22 (proc(5), pid_max)
 *   bits 22–29 its start time modulo 255
 *
 * A dead task is taken for one that is alive only if its number has come again with the same digest.
 */

const numberBits = 22;
const numberMask = (1 << numberBits) - 1;
const digests = 255;
const O_RDONLY_CLOEXEC = 0o2000000;
/** Place of the start time among the fields behind the name, by proc(5). */
const startTimeField = 19;

let own: number | undefined;

/** The token of the task that runs this isolate. */
export function ownToken(): number {
  return own ??= tokenOfTask(libc().gettid())!;
}

/** Milliseconds in which the number of a task does not come again. */
const reuseInterval = 1000;
const buffer = new Uint8Array(1);

/** What is known of a task that was alive: when that was, and where to look whether it has ended. */
interface Sighting {
  readonly path: Uint8Array<ArrayBuffer>;
  at: number;
}

const sightings = new Map<number, Sighting>();

/** Tells whether the task of a token is alive. */
export function isTaskAlive(token: number): boolean {
  const now = performance.now();
  const sighting = sightings.get(token);
  if (sighting !== undefined && now - sighting.at < reuseInterval) {
    // A task that has ended has no program, even if it is still listed; this takes a quarter of the time.
    if (libc().readlink(sighting.path, buffer, 1n) > 0n) return true;
  }
  const task = token & numberMask;
  if (tokenOfTask(task) !== token) {
    sightings.delete(token);
    return false;
  }
  if (sighting !== undefined) sighting.at = now;
  else sightings.set(token, { path: new TextEncoder().encode(`/proc/${task}/exe\0`), at: now });
  return true;
}

/** The token of a task; `undefined` if there is none of this number that is alive. */
export function tokenOfTask(task: number): number | undefined {
  // Through the C library: Deno lets only --allow-all read here.
  const c = libc();
  const fd = c.open(new TextEncoder().encode(`/proc/${task}/stat\0`), O_RDONLY_CLOEXEC);
  if (fd < 0) return undefined;
  const bytes = new Uint8Array(1024);
  const length = Number(c.read(fd, bytes, BigInt(bytes.length)));
  c.close(fd);
  if (length <= 0) return undefined;
  const text = new TextDecoder().decode(bytes.subarray(0, length));
  // The name may hold anything, parentheses and spaces too.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  if (fields[0] === "Z" || fields[0] === "X") return undefined;
  return task + Number(BigInt(fields[startTimeField]!) % BigInt(digests)) * (1 << numberBits);
}
