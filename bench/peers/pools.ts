// Copyright 2026 the Weft authors. MIT license.

import { BareCaller } from "../fixtures/bare_caller.ts";
import { type Measure, MissingError, type Row, type Side, type Topic } from "./measure.ts";
import { installNodePackages } from "./node_packages.ts";
import { type Call, countBare, countHere, OurPool } from "./pools_ours.ts";
import { Program } from "./program.ts";
import { Python } from "./python.ts";

/** Workers of each pool. */
const size = 2;
/** The packages of npm that have them. */
export const poolPackages = [
  "piscina@5.3.2",
  "tinypool@2.2.0",
  "workerpool@10.0.3",
  "poolifier@5.3.2",
];

/** How calls are made. */
type How = "atOnce" | "inTurn" | "map";

/** Pools, with how many times as fast as each ours has to be; 0 is no aim. */
type Aims = Readonly<Record<string, number>>;

const nodeThreads: Aims = {
  "piscina": 10,
  "piscina, 64 at once": 4,
  "piscina, 64 at once, no Atomics": 4,
  "tinypool": 10,
  "tinypool, 64 at once": 4,
  "workerpool thread": 4,
  "poolifier": 4,
};
const pythonThreads: Aims = { "ThreadPoolExecutor": 3, "ThreadPool": 0 };
const threads: Aims = { ...nodeThreads, ...pythonThreads };
const pythonProcesses: Aims = { "Pool": 4, "ProcessPoolExecutor": 15 };
const processes: Aims = {
  "tinypool child_process": 10,
  "workerpool process": 0,
  ...pythonProcesses,
};
/** Those that can take bytes. */
const processesForBytes: Aims = {
  "tinypool child_process, advanced": 0,
  "workerpool process, advanced": 0,
  ...pythonProcesses,
};
const python = new Set(Object.keys({ ...pythonThreads, ...pythonProcesses }));

/** The pools beside those of npm under Node, and those of CPython. */
export async function pools(): Promise<Topic> {
  const ourThreads = await OurPool.start("thread", size);
  const ourProcesses = await OurPool.start("process", size);
  const bare = new BareCaller(size);
  const path = await installNodePackages(poolPackages);
  // One program for each pool, so that none is in the way of another.
  const programs = new Map<string, Program>();

  const peer = (pool: string, how: How, call: Call): Side => {
    const ofPython = python.has(pool);
    if (!ofPython && path === undefined) return missing(pool);
    if (!programs.has(pool)) {
      const program = ofPython
        ? new Python(new URL("./pools.py", import.meta.url))
        : new Program("node", new URL("./pools_node.mjs", import.meta.url), [path!]);
      programs.set(pool, program);
    }
    const note = call === "echo" && pool in pythonThreads ? ", no copies" : "";
    const name = ofPython ? `${pool}.${methodOf(pool, how)}${note}` : pool;
    return programs.get(pool)!.side(pool, `${how} ${call}`, name);
  };
  const against = (aims: Aims, ours: Side, how: How, call: Call): Row[] => {
    return Object.entries(aims).map(([pool, aim]) => {
      const side = peer(pool, how, call);
      return aim === 0 ? [ours, side] : [ours, side, aim];
    });
  };

  const atOnce: Measure[] = [
    {
      name: "20,000 at once, threads",
      rows: against(threads, ourThreads.atOnce("increment"), "atOnce", "increment"),
    },
    {
      name: "20,000 at once, processes",
      rows: against(processes, ourProcesses.atOnce("increment"), "atOnce", "increment"),
    },
  ].map((measure) => ({ ...measure, times: 20_000, rounds: 3 }));
  const inTurn: Measure[] = [
    {
      name: "one at a time, threads",
      rows: against(all(threads, 1), ourThreads.inTurn("increment"), "inTurn", "increment"),
    },
    {
      name: "one at a time, processes",
      rows: against(all(processes, 1), ourProcesses.inTurn("increment"), "inTurn", "increment"),
    },
  ];
  const bytes: Measure[] = [
    {
      name: "2,000 of 64 KiB at once, threads",
      rows: against(
        { ...all(nodeThreads, 2), ...all(pythonThreads, 0) },
        ourThreads.atOnce("echo"),
        "atOnce",
        "echo",
      ),
    },
    {
      name: "2,000 of 64 KiB at once, processes",
      rows: against(all(processesForBytes, 0), ourProcesses.atOnce("echo"), "atOnce", "echo"),
    },
  ].map((measure) => ({ ...measure, times: 2000, rounds: 3 }));
  const bytesInTurn: Measure = {
    name: "64 KiB one at a time",
    rows: [
      ...against({ piscina: 0, poolifier: 0 }, ourThreads.inTurn("echo"), "inTurn", "echo"),
      ...against(all(processesForBytes, 0), ourProcesses.inTurn("echo"), "inTurn", "echo"),
    ],
  };
  const maps: Measure = {
    name: "map of 1,000,000",
    times: 1_000_000,
    rounds: 5,
    rows: [
      ...against({ Pool: 1 }, ourProcesses.map(), "map", "increment"),
      ...against({ Pool: 1, ThreadPool: 0 }, ourThreads.map(), "map", "increment"),
    ],
  };
  const speedUp = 0.95 * Math.min(size, navigator.hardwareConcurrency);
  const counting: Measure = {
    name: "100,000,000 increments, 6 times",
    times: 6,
    rows: [
      [ourThreads.count(), countHere, speedUp],
      [ourProcesses.count(), countHere, speedUp],
      [ourThreads.count(), countBare(bare)],
      [ourProcesses.count(), countBare(bare)],
    ],
  };

  return {
    measures: [...atOnce, ...inTurn, ...bytes, bytesInTurn, maps, counting],
    async stop() {
      const units = [...programs.values(), ourThreads, ourProcesses, bare];
      await Promise.all(units.map((unit) => unit.stop()));
    },
  };
}

/** The same pools, with the same aim for all. */
function all(aims: Aims, aim: number): Aims {
  return Object.fromEntries(Object.keys(aims).map((pool) => [pool, aim]));
}

function methodOf(pool: string, how: How): string {
  if (how === "map") return "map";
  return pool.endsWith("Executor") ? "submit" : "apply_async";
}

function missing(name: string): Side {
  return {
    name,
    run() {
      throw new MissingError("not installed");
    },
  };
}
