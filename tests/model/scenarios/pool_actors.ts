// Copyright 2026 the Weft authors. MIT license.

import { decode, encode } from "../../../channel/codec.ts";
import { frameOf } from "../../../channel/ring.ts";
import type { Abortion } from "../../../task/pool/abortion.ts";
import type { Job } from "../../../task/pool/job.ts";
import type { JobSink } from "../../../task/pool/job_sink.ts";
import type { Launcher, PoolBoot } from "../../../task/pool/launcher.ts";
import type { Work } from "../../../task/pool/intake.ts";
import type { Deliver } from "../../../task/pool/runner.ts";
import type { PoolSettings } from "../../../task/pool/settings.ts";
import type { PoolEngine } from "../../../task/pool/engine.ts";
import { task } from "../../../task/task.ts";
import { CheckedBytes } from "../bytes.ts";
import type { Actor, Context } from "../checker.ts";
import type { Edit, Load } from "../plant.ts";
import { Suspended } from "../suspended.ts";

/* Where the words of a pool are; its board is made small by `smallPool`. */
const resultRingWord = 48;
const jobSignalWord = 96;
const resultSignalWord = 112;
const roomSignalWord = 128;
const boardWord = 144;
const headerWords = 4;
const slotWords = 4;
const slots = 4;
/** The word that has how many workers take jobs. */
export const servingWord = boardWord;
/** The first word of the cells. */
export const cellsWord = boardWord + headerWords + slots * slotWords;
/** Cells that there are. */
export const cells = 2;
/** The words that have the slot of each worker, plus one. */
const launchWord = 176;
const jobBytesWord = 192;
const resultBytesWord = 324;
const firstBytes = 64;

/** The words that do not begin with 0. */
export const poolWords: Readonly<Record<number, number>> = {
  [jobBytesWord]: firstBytes,
  [resultBytesWord]: firstBytes,
};

/** Puts the words of a pool where those of the model are, makes tables small, and leaves out what is not about them. */
export const smallPool: readonly Edit[] = [
  {
    file: "task/pool/engine.ts",
    from: `SharedPlaces.create(launcher.kind, slots)`,
    to: `(launcher as unknown as { places: SharedPlaces }).places`,
  },
  {
    file: "task/pool/engine.ts",
    from: `places.describe(launcher.kind)`,
    to: `places as unknown as SharedState`,
  },
  {
    file: "task/pool/engine.ts",
    from: `    this.#exchange.watch(() => {
      this.#dispatch.pump();
      return this.#pending === 0;
    });`,
    to: `    this.#exchange.watch(() => {
      this.#dispatch.pump();
      return this.#pending === 0;
    });
    this.#exchange.unwatched.catch(this.#fail);`,
  },
  {
    file: "task/pool/engine.ts",
    from: `  readonly #staff: Staff;
`,
    to: `  readonly #staff: Staff;
  readonly #fail: (error: unknown) => void;
`,
  },
  {
    file: "task/pool/engine.ts",
    from: `    this.#settings = settings;
`,
    to: `    this.#settings = settings;
    this.#fail = (launcher as unknown as { fail: (error: unknown) => void }).fail;
`,
  },
  {
    file: "task/pool/engine.ts",
    from: `    await this.#exchange.unwatched;`,
    to: `    await this.#exchange.unwatched.catch(() => {});`,
  },
  {
    file: "task/pool/shared_intake.ts",
    from: `SharedPlaces.open(state)`,
    to: `state as unknown as SharedPlaces`,
  },
  {
    file: "task/pool/shared_intake.ts",
    from: `if (this.#stock.has(work.needs)) {`,
    to: `if (Math.random() < 0) {`,
  },
  {
    file: "task/pool/frames.ts",
    from: `this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);`,
    to: `this.#view = bytes as unknown as DataView;`,
  },
  {
    file: "task/pool/frames.ts",
    from: `this.body.copyTo(target, at + this.#bytes.length);`,
    to: `const body = new Uint8Array(this.body.byteLength);
    this.body.copyTo(body, 0);
    target.set(body, at + this.#bytes.length);`,
  },
  {
    file: "task/pool/result_reader.ts",
    from: `this.#value = decode(bytes, { start, end });`,
    to: `this.#value = decode(new Uint8Array(bytes.subarray(start, end)));`,
  },
  {
    file: "task/pool/serve.ts",
    from: `new Runner(this.#intake, this.#stock, this.#abortion, encoding)`,
    to:
      `(boot as unknown as { runner: (...parts: unknown[]) => Runner }).runner(this.#abortion, encoding)`,
  },
  {
    file: "task/pool/abortion.ts",
    from: `findCurrentTask(() => this.#cell === none ? undefined : this.#current);`,
    to: ``,
  },
  { file: "task/pool/unfinished.ts", from: `  pools.add(pool);\n`, to: `  return;\n` },
  { file: "task/pool/staff.ts", from: `staffed.add(this.#exchange);`, to: `` },
  {
    file: "task/pool/shared_exchange.ts",
    from: `resultLimits: RingLimits = { frames: Infinity,`,
    to: `resultLimits: RingLimits = { frames: 1,`,
  },
  { file: "task/pool/board.ts", from: `const headerWords = 16;`, to: `const headerWords = 4;` },
  { file: "task/pool/board.ts", from: `const slotWords = 16;`, to: `const slotWords = 4;` },
  { file: "task/pool/board.ts", from: `mostCells = 32_768;`, to: `mostCells = ${cells};` },
];

/** What runs in the workers; the model calls something else in its place. */
const named = task(import.meta, function named(): void {});

/** How a pool is made. */
export interface PoolPlan {
  readonly size?: number;
  readonly minSize?: number;
  readonly maxTasks?: number;
  readonly idleTimeout?: number;
  /** Whether results have handles in them. */
  readonly handles?: boolean;
}

/** What the script of a pool can do. */
export interface PoolScript {
  readonly engine: PoolEngine;
  readonly context: Context;
  /** Hands a job in, which counts what becomes of it. */
  submit(name: string, priority?: number): Job;
  /** Takes a job back, or has it aborted if a worker has it in hand. */
  cancel(job: Job, name: string): void;
  /** Resolves when a job is settled. */
  settled(name: string): Promise<void>;
}

/** What the actors of a pool do: the pool, and each of its workers. */
export async function poolActorsOf(load: Load) {
  const { PoolEngine } = await load("task/pool/engine.ts");
  const { servePool } = await load("task/pool/serve.ts");
  const { Board } = await load("task/pool/board.ts");
  const { Ring } = await load("channel/ring.ts");
  const { Signal } = await load("signal.ts");

  const open = ({ memory }: Context) => ({
    board: new Board(memory, boardWord, slots),
    jobs: new Ring(memory, 0, new CheckedBytes(memory, jobBytesWord, firstBytes)),
    results: new Ring(
      memory,
      resultRingWord,
      new CheckedBytes(memory, resultBytesWord, firstBytes),
    ),
    jobSignal: new Signal(memory, jobSignalWord),
    resultSignal: new Signal(memory, resultSignalWord),
    roomSignal: new Signal(memory, roomSignalWord),
    // Written before the first job is there that needs it.
    catalog: { add: () => {} },
  });

  return {
    /** The pool, which does what a script says and then closes and waits for its workers. */
    pool: (
      script: (pool: PoolScript) => void | Promise<void>,
      { size = 2, minSize = 0, maxTasks = Infinity, idleTimeout = Infinity }: PoolPlan = {},
    ): Actor => ({
      run: async (context) => {
        const { memory, count } = context;
        const failure = Promise.withResolvers<void>();
        let launched = 0;
        const launcher = {
          kind: "thread",
          shares: true,
          places: open(context),
          fail: (error: unknown) => {
            if (!(error instanceof Suspended)) failure.reject(error);
          },
          launch: (name: string, { slot }: PoolBoot) => {
            memory.store(launchWord + ++launched, slot + 1);
            count("launched");
            const ended = context.gone(launched).then(() => {
              return { reason: "lost", code: 1, signal: undefined, error: undefined };
            });
            return { name, ended, post: () => {}, terminate: () => {} };
          },
        };
        const settings: PoolSettings = {
          size,
          name: "pool",
          initializer: undefined,
          initializerArgs: [],
          maxTasks,
          idleTimeout,
          minSize,
          maxQueue: Infinity,
        };
        const engine = new PoolEngine(settings, launcher as unknown as Launcher);
        const ends = new Map<string, PromiseWithResolvers<void>>();
        let last = "";
        const endOf = (name: string) => {
          if (!ends.has(name)) ends.set(name, Promise.withResolvers());
          return ends.get(name)!;
        };
        const submit = (name: string, priority = 0) => {
          const sink: JobSink = {
            resolve: (value) => {
              if (value !== name) throw new Error(`${name} gets the result of ${value}`);
              count(`got ${name}`);
              if (last !== "") count(`${last} then ${name}`);
              last = name;
              endOf(name).resolve();
            },
            reject: () => {
              count(`lost ${name}`);
              endOf(name).resolve();
            },
          };
          return engine.enqueue(named, 0, [name], priority, sink);
        };
        const cancel = (job: Job, name: string) => {
          if (job.settled) return;
          job.settled = true;
          endOf(name).resolve();
          if (engine.withdraw(job)) count(`withdrawn ${name}`);
          else {
            count(`aborted ${name}`);
            engine.abort(job, 1);
          }
        };
        const whole = async () => {
          await script({ engine, context, submit, cancel, settled: (name) => endOf(name).promise });
          engine.close();
          await engine.join({});
        };
        await Promise.race([whole(), failure.promise]);
        count("launched", 100);
      },
    }),

    /** The worker that is launched as the `nth`. */
    worker: (
      nth: number,
      { maxTasks = Infinity, idleTimeout = Infinity, handles = false }: PoolPlan = {},
      run?: (context: Context, name: string, abortion: Abortion) => void | Promise<void>,
    ): Actor => ({
      run: async (context) => {
        const { memory, count } = context;
        context.until("launched", nth);
        const slot = memory.load(launchWord + nth) - 1;
        if (slot < 0) return;
        const runner = (abortion: Abortion, { onHandle }: { onHandle: () => void }) => ({
          run: (work: Work, deliver: Deliver): Promise<void> | undefined => {
            abortion.begin(work.cell);
            const [name] = decode(work.bytes!) as [string];
            count(`ran ${name}`);
            count("running");
            const end = () => {
              if (handles) onHandle();
              deliver(0, 1, frameOf(encode(name)));
              count("running", -1);
            };
            const running = run?.(context, name, abortion);
            return running === undefined ? void end() : running.then(end);
          },
        });
        const boot = {
          slot,
          shared: open(context),
          references: [],
          supplies: [],
          supplied: 0,
          initializer: undefined,
          initializerArgs: [],
          maxTasks,
          idleTimeout,
          runner,
        };
        await servePool(
          boot as unknown as PoolBoot,
          "thread",
          { post: () => {}, listen: () => {} } as never,
        );
      },
    }),
  };
}
