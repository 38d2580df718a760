// Copyright 2026 the Weft authors. MIT license.

import { waitFor } from "../sync/wait.ts";

/** Milliseconds for which what must happen after a SIGKILL is waited for, then given up. */
export const settleLimit = 250;

/** Milliseconds between two looks at processes that may end in a moment. */
const pollInterval = 10;

/**
 * Tells if this program may signal the process group of a command.
 *
 * A permission for single programs does not allow `Deno.kill`. Asking first keeps Deno from
 * prompting for more in the middle of a timeout.
 */
export function canSignalGroup(): boolean {
  return Deno.build.os !== "windows" &&
    Deno.permissions.querySync({ name: "run" }).state === "granted";
}

/** The processes that one command consists of: the group it leads, or else itself alone. */
export class CommandGroup {
  readonly #child: Deno.ChildProcess;
  #leads: boolean;
  #reaped = false;
  #gone = false;

  constructor(child: Deno.ChildProcess, leads: boolean) {
    this.#child = child;
    this.#leads = leads;
    child.status.then(() => this.#reaped = true);
  }

  /**
   * Looks once more whether the command has ended, which a program whose event loop was blocked
   * learns only now.
   */
  async hasEnded(): Promise<boolean> {
    await waitFor(this.#child.status, { timeout: pollInterval }).catch(() => {});
    return this.#reaped;
  }

  /**
   * Ends all processes of the group and reaps the command.
   *
   * Call it only while the command runs or one of its processes holds a pipe: without either
   * the number of the group may already be that of a stranger.
   *
   * @param grace Milliseconds between SIGTERM and SIGKILL; `0` sends SIGKILL at once.
   */
  async end(grace: number): Promise<void> {
    if (grace > 0) {
      this.#send("SIGTERM");
      await this.#left(grace);
    }
    if (!this.#send("SIGKILL")) {
      // It became another user, as sudo does. Waiting would last as long as it likes to run.
      this.#child.unref();
      return;
    }
    await this.#child.status;
    // Where nobody reaps orphans, as in a container without an init, a dead one stays a member
    // of the group for ever.
    await this.#left(settleLimit);
  }

  /** Waits until no process is left, at most `limit` milliseconds. */
  async #left(limit: number): Promise<void> {
    const end = performance.now() + limit;
    while (this.#send(0) && !this.#gone) {
      const rest = end - performance.now();
      if (rest <= 0) return;
      await new Promise((resolve) => setTimeout(resolve, Math.min(rest, pollInterval)));
    }
  }

  /**
   * Sends `signal`, where `0` only looks.
   *
   * @returns Whether the system allows to signal what is left.
   */
  #send(signal: Deno.Signal | 0): boolean {
    // Never after the group was seen empty: its number may be used again.
    if (this.#gone) return true;
    try {
      if (this.#leads) Deno.kill(-this.#child.pid, signal);
      else if (this.#reaped) this.#gone = true;
      else if (signal !== 0) this.#child.kill(signal);
      return true;
    } catch (error) {
      if (this.#leads && error instanceof Deno.errors.NotCapable) {
        // The permission was revoked since the start.
        this.#leads = false;
        return this.#send(signal);
      }
      // macOS answers for a group of zombies that it is not permitted.
      if (error instanceof Deno.errors.PermissionDenied && !this.#reaped) return false;
      this.#gone = true;
      return true;
    }
  }
}
