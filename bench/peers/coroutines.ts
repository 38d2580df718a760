// Copyright 2026 the Weft authors. MIT license.

import { DenoProgram } from "./deno_program.ts";
import type { Measure, Row, Side, Topic } from "./measure.ts";
import type { Program } from "./program.ts";
import { findPython, Python } from "./python.ts";

/** Whose coroutines they are. */
type Module = "ours" | "plain" | "effection" | "asyncio" | "gevent" | "greenlet";

/** The most that a suspended coroutine may take. */
const oneKiB: Side = { name: "1 KiB", run: (times) => 1024 * times };

/**
 * Coroutines beside async functions and generators as they come, effection, and those of Python. gevent and greenlet are
 * Debian's `python3-gevent`.
 */
export async function coroutines(): Promise<Topic> {
  const programs = new Programs(await findPython("gevent"));
  const side = programs.side.bind(programs);

  const floor = side("plain", "finish", "", "async function");
  const generators = side("ours", "finish", "generator", "spawn, generator");
  const asyncFunctions = side("ours", "finish", "async", "spawn, async");
  const finish: Measure = {
    name: "spawn and finish 100,000",
    times: 100_000,
    warmUp: 10_000,
    rounds: 3,
    rows: [
      [generators, floor, 1 / 3],
      [generators, side("gevent", "finish", "", "gevent.spawn"), 15],
      [generators, side("effection", "finish", "", "effection.spawn"), 30],
      [asyncFunctions, floor, 1 / 3],
      [asyncFunctions, side("asyncio", "finish", "gather", "asyncio.gather"), 8],
      [asyncFunctions, side("asyncio", "finish", "group", "asyncio.TaskGroup"), 8],
    ],
  };
  const awaitNull = side("plain", "switch", "await", "await null");
  const asyncioSleep = side("asyncio", "switch", "", "asyncio.sleep(0)");
  const byYield = side("ours", "switch", "yield", "yield");
  const byCheckpoint = side("ours", "switch", "checkpoint", "checkpoint");
  const switches: Measure = {
    name: "switch",
    rounds: 5,
    rows: [
      [byYield, awaitNull],
      [byYield, asyncioSleep],
      [byYield, side("gevent", "switch", "", "gevent.sleep(0)")],
      [byYield, side("effection", "switch", "", "effection.until")],
      [byCheckpoint, awaitNull],
      [byCheckpoint, asyncioSleep],
    ],
  };
  const thereAndBack = side("ours", "switch", "back", "Greenlet.switch");
  const between = side("ours", "switch", "turns", "Greenlet.switch");
  const greenlets: Measure[] = [
    {
      name: "switch to a greenlet and back",
      times: 1_000_000,
      rows: [
        [thereAndBack, side("greenlet", "switch", "back", "greenlet.switch"), 4],
        [thereAndBack, side("plain", "switch", "generator", "Generator.next")],
      ],
    },
    {
      name: "switch between greenlets",
      times: 1_000_000,
      rows: [[between, side("greenlet", "switch", "turns", "greenlet.switch"), 4]],
    },
  ];
  const cancelGenerators = side("ours", "cancel", "generator", "cancelAll, generator");
  const asyncioCancel = side("asyncio", "cancel", "", "asyncio Task.cancel");
  const cancel: Measure = {
    name: "cancel 10,000",
    times: 10_000,
    rounds: 5,
    rows: [
      [cancelGenerators, side("plain", "cancel", "", "clearTimeout, reject")],
      [cancelGenerators, side("gevent", "cancel", "", "gevent.killall")],
      [cancelGenerators, side("effection", "cancel", "", "effection Task.halt")],
      [side("ours", "cancel", "async", "cancelAll, async"), asyncioCancel],
    ],
  };
  const pool: Measure = {
    name: "pool of 100, 10,000 items",
    times: 10_000,
    rows: ["map", "submit"].flatMap((how): Row[] => {
      const ours = side("ours", "pool", how, `CoroutinePool.${how}`);
      return [
        [ours, side("plain", "pool", "", "100 async functions")],
        [ours, side("asyncio", "pool", "", "asyncio.Semaphore")],
        [ours, side("gevent", "pool", "", "gevent Pool.map")],
      ];
    }),
  };

  return {
    measures: [
      finish,
      switches,
      ...greenlets,
      cancel,
      pool,
      ...memory(programs, "wait", "one that waits"),
      ...memory(programs, "sleep", "one that sleeps"),
    ],
    stop: () => programs.stop(),
  };
}

/** The memory of coroutines that do not run: that of JavaScript's heap, and all for those that have none. */
function memory(programs: Programs, what: string, name: string): Measure[] {
  const side = programs.fresh.bind(programs);
  // One round, as they are the same each time.
  const common = { unit: "bytes", times: 100_000, warmUp: 0, rounds: 1 } as const;
  const generator = `${what}, generator`;
  const async = `${what}, async`;
  const inHeap = side("ours", "heap", generator, "spawn, generator");
  const inHeapAsync = side("ours", "heap", async, "spawn, async");
  return [
    {
      ...common,
      name: `${name}, heap`,
      rows: [
        [inHeap, oneKiB, 1],
        [inHeap, side("effection", "heap", what, "effection.run")],
        [inHeapAsync, oneKiB, 1],
        [inHeapAsync, side("plain", "heap", what, "async function")],
      ],
    },
    {
      ...common,
      name: `${name}, resident`,
      rows: [
        [
          side("ours", "rss", generator, "spawn, generator"),
          side("gevent", "rss", what, "gevent.spawn"),
        ],
        [
          side("ours", "rss", async, "spawn, async"),
          side("asyncio", "rss", what, "asyncio.create_task"),
        ],
      ],
    },
  ];
}

/** One program for each module, so that none is in the way of another. */
class Programs {
  readonly #gevent: string;
  readonly #programs = new Map<Module, Program>();

  /** Takes the Python that has gevent. */
  constructor(gevent: string) {
    this.#gevent = gevent;
  }

  /** A side that a program measures again and again. */
  side(module: Module, measure: string, how: string, name: string): Side {
    let program = this.#programs.get(module);
    if (program === undefined) this.#programs.set(module, program = this.#create(module));
    return program.side(measure, how, name);
  }

  /** A side that is a new program each time: what is in memory that was used before would seem to take none. */
  fresh(module: Module, measure: string, how: string, name: string): Side {
    return {
      name,
      run: async (times) => {
        const program = this.#create(module);
        try {
          return await program.side(measure, how, name).run(times);
        } finally {
          await program.stop();
        }
      },
    };
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#programs.values()].map((program) => program.stop()));
  }

  #create(module: Module): Program {
    if (module === "ours" || module === "plain" || module === "effection") {
      return new DenoProgram(new URL(`./coroutines_${module}.ts`, import.meta.url));
    }
    const command = module === "asyncio" ? "python3" : this.#gevent;
    return new Python(new URL("./coroutines.py", import.meta.url), [module], command);
  }
}
