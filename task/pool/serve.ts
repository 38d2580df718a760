// Copyright 2026 the Weft authors. MIT license.

import { type EncodeOptions, encodeThrown } from "../../channel/codec.ts";
import { type Frame, frameOf } from "../../channel/ring.ts";
import type { Destination } from "../../sync/handle.ts";
import { emit, isObserved } from "../../sync/observer.ts";
import type { Wire } from "../wire.ts";
import { Abortion } from "./abortion.ts";
import { clock } from "./clock.ts";
import { newJobHeader, newResultHeader, ResultKind } from "./frames.ts";
import type { Intake, Work } from "./intake.ts";
import type { PoolBoot } from "./launcher.ts";
import { Runner } from "./runner.ts";
import { SharedIntake } from "./shared_intake.ts";
import { Stock, type Supply } from "./supplies.ts";
import { WireIntake } from "./wire_intake.ts";

export type { PoolBoot };

/** Milliseconds for which jobs are run before the event loop turns. */
const longestRun = 5;

/** Runs the jobs of a pool in a worker, until there is nothing more to do. */
export async function servePool(boot: PoolBoot, kind: Destination, wire: Wire): Promise<void> {
  await new PoolServer(boot, kind, wire).serve();
}

class PoolServer {
  readonly #boot: PoolBoot;
  readonly #wire: Wire;
  readonly #stock = new Stock();
  readonly #intake: Intake;
  readonly #abortion: Abortion;
  readonly #runner: Runner;
  readonly #work: Work = {
    ...newJobHeader(),
    args: [],
    bytes: undefined,
    failure: undefined,
  };
  readonly #header = newResultHeader();
  /** Number of objects that were sent beside results. */
  #sent = 0;
  #attached = false;
  #hasHandles = false;
  #tasks = 0;
  #full: Promise<void> | undefined;

  constructor(boot: PoolBoot, kind: Destination, wire: Wire) {
    this.#boot = boot;
    this.#wire = wire;
    for (const supply of boot.supplies) this.#stock.add(supply);
    this.#stock.reach(boot.supplied);
    if (boot.shared === undefined) this.#intake = new WireIntake(wire, boot.slot, boot.references);
    else {
      this.#intake = new SharedIntake(boot.shared, boot.slot, this.#stock);
      wire.listen((message) => this.#stock.add(message as Supply));
    }
    this.#abortion = new Abortion(this.#intake.board, boot.slot);
    const encoding: EncodeOptions = {
      destination: kind,
      onHandle: () => this.#hasHandles = true,
      ...(kind === "thread" ? { attach: (object: object) => this.#attach(object) } : {}),
    };
    this.#runner = new Runner(this.#intake, this.#stock, this.#abortion, encoding);
  }

  async serve(): Promise<void> {
    const { slot, initializer, initializerArgs } = this.#boot;
    const { board } = this.#intake;
    if (initializer !== undefined) {
      try {
        await this.#runner.initialize(initializer, initializerArgs);
      } catch (error) {
        this.#deliver(ResultKind.broken, 0, frameOf(encodeThrown(error)));
        return await this.#full;
      }
    }
    board.serve(slot);
    while (await this.#next()) await this.#runWhileThere();
    // What they are handles on is here, until the pool has it as well.
    if (this.#hasHandles) await this.#intake.flush();
  }

  /** Takes the first job after a wait; tells whether there is one. */
  async #next(): Promise<boolean> {
    const { slot, idleTimeout, maxTasks } = this.#boot;
    const { board } = this.#intake;
    if (this.#tasks >= maxTasks) return false;
    for (let timeout = idleTimeout;;) {
      if (await this.#intake.wait(this.#work, timeout)) return true;
      if (board.closed) {
        board.retire(slot, true);
        return false;
      }
      if (!board.tryLeave(slot)) {
        // Those that come later leave if there are more than are to stay.
        timeout = Infinity;
        continue;
      }
      // Somebody may have counted on this one just now.
      if (this.#intake.take(this.#work)) return board.stay(slot);
      if (board.goHome(slot)) return false;
      timeout = idleTimeout;
    }
  }

  /** Runs the job that was taken and those that are there at once. */
  async #runWhileThere(): Promise<void> {
    const work = this.#work;
    let now = clock();
    let turned = now;
    do {
      const header = this.#header;
      header.cell = work.cell;
      header.start = now;
      this.#intake.board.begin(work.cell, this.#boot.slot, now);
      const pending = this.#runner.run(work, this.#deliver);
      // That may take microtasks alone, in which the event loop does not turn.
      if (pending !== undefined) await pending;
      if (this.#full !== undefined) await this.#full;
      now = header.start + header.duration;
      if (this.#tasks >= this.#boot.maxTasks) return;
      if (now - turned > longestRun) {
        await turn();
        turned = now = clock();
      }
    } while (this.#intake.take(work));
  }

  // A field, so that it is made once.
  readonly #deliver = (kind: number, count: number, body: Frame): void => {
    const header = this.#header;
    this.#abortion.end();
    if (isObserved()) emit({ type: "task-end" });
    const tasks = this.#tasks + count;
    header.kind = kind;
    header.count = count;
    header.duration = Math.max(0, clock() - header.start);
    header.needs = this.#attached ? this.#sent : 0;
    header.retiring = tasks >= this.#boot.maxTasks;
    this.#attached = false;
    if (header.retiring) this.#intake.board.leave(this.#boot.slot);
    // Throws if there is no memory for it; then the error is delivered in its place.
    const delivered = this.#intake.deliver(header, body);
    this.#tasks = tasks;
    if (delivered) return;
    const kept = frameOf(take(body));
    this.#full = this.#intake.waitForRoom(header, kept).then(() => this.#full = undefined);
  };

  #attach(object: object): number {
    const number = this.#sent++;
    this.#attached = true;
    this.#wire.post({ number, object });
    return number;
  }
}

function take(body: Frame): Uint8Array {
  const bytes = new Uint8Array(body.byteLength);
  body.copyTo(bytes, 0);
  return bytes;
}

/** Lets the event loop turn once; a timer would take a millisecond. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The platform has it; not all type libraries tell. */
declare function setImmediate(callback: () => void): void;
