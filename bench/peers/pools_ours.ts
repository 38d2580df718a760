// Copyright 2026 the Weft authors. MIT license.

import { ProcessPool } from "../../process/mod.ts";
import type { Pool } from "../../task/mod.ts";
import { ThreadPool } from "../../thread/mod.ts";
import type { BareCaller } from "../fixtures/bare_caller.ts";
import { count, echo, increment } from "../fixtures/pool_tasks.ts";
import type { Side } from "./measure.ts";

/** What is called, with what. */
export type Call = "increment" | "echo";

/** How often each task is run before it is measured. */
const warmUp = 500;
/** The work of the tutorials, ten times as long, as V8 is quicker than what wakes a second core. */
const countTo = 100_000_000;
const bytes = new Uint8Array(65_536).fill(7);

/** A pool of ours that measures. */
export class OurPool {
  readonly #name: string;
  readonly #pool: Pool;

  private constructor(name: string, pool: Pool) {
    this.#name = name;
    this.#pool = pool;
  }

  /** Starts one of so many workers, and warms it up. */
  static async start(kind: "thread" | "process", size: number): Promise<OurPool> {
    const Kind = kind === "thread" ? ThreadPool : ProcessPool;
    const ours = new OurPool(Kind.name, new Kind(size));
    for (const call of ["increment", "echo"] as const) await ours.atOnce(call).run(warmUp);
    return ours;
  }

  /** Submits all calls, then waits for all of them. */
  atOnce(call: Call): Side {
    return {
      name: `${this.#name}.submit`,
      run: async (times) => {
        const started = performance.now();
        const results: Promise<unknown>[] = [];
        for (let i = 0; i < times; i++) results.push(this.#submit(call));
        check(call, (await Promise.all(results)).at(-1));
        return performance.now() - started;
      },
    };
  }

  /** Submits a call when the one before is done. */
  inTurn(call: Call): Side {
    return {
      name: `${this.#name}.submit`,
      run: async (times) => {
        let result: unknown;
        const started = performance.now();
        for (let i = 0; i < times; i++) result = await this.#submit(call);
        const taken = performance.now() - started;
        check(call, result);
        return taken;
      },
    };
  }

  /** Maps items that are small. */
  map(): Side {
    return {
      name: `${this.#name}.map`,
      run: async (times) => {
        const items = new Array<number>(times).fill(1);
        const started = performance.now();
        const results = await this.#pool.map(increment, items);
        const taken = performance.now() - started;
        if (results.length !== times) throw new Error("Results are missing");
        check("increment", results.at(-1));
        return taken;
      },
    };
  }

  /** Counts, which keeps a core busy. */
  count(): Side {
    return {
      name: `${this.#name}.map`,
      run: async (times) => {
        const items = new Array<number>(times).fill(countTo);
        const started = performance.now();
        await this.#pool.map(count, items, { chunkSize: 1 });
        return performance.now() - started;
      },
    };
  }

  /** Ends it. */
  async stop(): Promise<void> {
    await this.#pool.terminate();
  }

  #submit(call: Call): Promise<unknown> {
    return call === "increment" ? this.#pool.submit(increment, 1) : this.#pool.submit(echo, bytes);
  }
}

/** Counts in workers that are called by messages: as fast as it can be. */
export function countBare(bare: BareCaller): Side {
  return {
    name: "Workers by hand",
    async run(times) {
      const started = performance.now();
      await Promise.all(Array.from({ length: times }, () => bare.call("count", countTo)));
      return performance.now() - started;
    },
  };
}

/** Counts here, one after the other. */
export const countHere: Side = {
  name: "in sequence",
  run(times) {
    const started = performance.now();
    for (let i = 0; i < times; i++) count(countTo);
    return performance.now() - started;
  },
};

function check(call: Call, result: unknown): void {
  const right = call === "increment"
    ? result === 2
    : result instanceof Uint8Array && result.length === bytes.length;
  if (!right) throw new Error(`${call} gave ${result}`);
}
