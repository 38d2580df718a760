// Copyright 2026 the Weft authors. MIT license.

import { beginWait, checkTimeout, isOver } from "../sync/wait.ts";
import type { Hold } from "./_hold.ts";
import type { Lane } from "./_lane.ts";
import type { PollOptions } from "./connection_options.ts";

type AnyLane = Lane<unknown>;

/** Waits until there is a message or the end for an end; tells whether there is. */
export async function poll(hold: Hold, options: PollOptions): Promise<boolean> {
  const lane = hold.receiver();
  const timeout = timeoutOf(options);
  options = beginWait({ ...options, timeout });
  let ready = look(lane, hold);
  if (!ready && timeout > 0) {
    try {
      await lane.items.wait(() => isReady(lane), options);
      ready = true;
    } catch (error) {
      if (!isOver(error, options)) throw error;
      ready = look(lane, hold);
    }
  }
  return afterPoll(lane, hold, ready);
}

/** Blocks the thread until there is a message or the end for an end; tells whether there is. */
export function pollSync(hold: Hold, options: PollOptions): boolean {
  const lane = hold.receiver();
  const timeout = timeoutOf(options);
  let ready = look(lane, hold);
  if (!ready && timeout > 0) {
    ready = lane.items.waitSync(() => isReady(lane), timeout) || look(lane, hold);
  }
  return afterPoll(lane, hold, ready);
}

function look(lane: AnyLane, hold: Hold): boolean {
  if (isReady(lane)) return true;
  hold.look();
  return isReady(lane);
}

function isReady(lane: AnyLane): boolean {
  return lane.size > 0 || lane.closed;
}

/** Lets another one know of a message that a poll was woken for and has not taken. */
function afterPoll(lane: AnyLane, hold: Hold, ready: boolean): boolean {
  if (hold.closed) throw hold.ended();
  if (lane.size > 0) lane.items.wake();
  return ready;
}

function timeoutOf({ timeout = 0 }: PollOptions): number {
  return checkTimeout(timeout < 0 ? 0 : timeout);
}
