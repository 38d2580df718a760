// Copyright 2026 the Weft authors. MIT license.

import { type ItemName, itemNames } from "../fixtures/channel_items.ts";
import { ClusterWay } from "../fixtures/cluster_way.ts";
import type { Measure, Row, Topic } from "./measure.ts";
import { Python } from "./python.ts";

/** How many times as fast as a manager of CPython ours has to be. */
const aim = 2;

/** The queue of a manager beside that of CPython, on the same loopback. */
export async function cluster(): Promise<Topic> {
  const python = new Python(new URL("./cluster.py", import.meta.url));
  const manager = await ClusterWay.throughManager();

  const alternating = (item: ItemName): Measure => ({
    name: `${item}, put and get one after the other`,
    rows: [[
      { name: "manager", run: (times) => manager.alternate(item, times) },
      python.side("managers", `alternate ${item}`, "CPython"),
    ]],
  });
  const flowing = (item: ItemName): Measure => ({
    name: `${item}, from one process to another`,
    rows: [1, 16, 64].map((inFlight): Row => {
      const name = inFlight === 1 ? "manager" : `manager, ${inFlight} at once`;
      const run = (times: number) => manager.flow(item, times, inFlight);
      const peer = python.side("managers", `flow ${item}`, "CPython");
      return inFlight === 1 ? [{ name, run }, peer] : [{ name, run }, peer, aim];
    }),
    times: item === "64 KiB bytes" ? 500 : 5000,
    rounds: 5,
  });

  return {
    measures: itemNames.flatMap((item) => [alternating(item), flowing(item)]),
    async stop() {
      await Promise.all([python.stop(), manager.stop()]);
    },
  };
}
