// Copyright 2026 the Weft authors. MIT license.

import { Crew, type Shape, shapes, sizes, type Traffic } from "../fixtures/channel_crew.ts";
import { type ItemName, itemNames } from "../fixtures/channel_items.ts";
import type { Measure, Row, Side, Topic } from "./measure.ts";
import { Messages } from "./messages.ts";
import { Program } from "./program.ts";
import { Python } from "./python.ts";

/** How many times as fast as multiprocessing.Queue one between processes has to be. */
const processAims: Partial<Record<ItemName, number>> = {
  "int": 4,
  "small object": 4,
  "64 KiB bytes": 2,
};

/** The queues beside those of CPython, and beside the messages of Deno and Node. */
export async function channels(): Promise<Topic> {
  const python = new Python(new URL("./channels.py", import.meta.url));
  const node = new Program("node", new URL("./channels_node.mjs", import.meta.url));
  const messages = new Messages();
  const threads = await Crew.start("thread");
  const processes = await Crew.start("process");

  const queue = (crew: Crew, item: ItemName, more: Partial<Traffic> = {}): Side => {
    const traffic: Traffic = { shape: "spsc", size: "unbounded", form: "sync", item, ...more };
    const size = traffic.size === "bounded" ? ` of ${sizes.bounded}` : "";
    const form = traffic.form === "async" ? ", await" : "";
    return { name: `Queue${size}${form}`, run: (times) => crew.send(traffic, times) };
  };
  const inPython = (module: string, kind: string, item: ItemName, more: Partial<Traffic> = {}) => {
    const { shape = "spsc", size = "unbounded" } = more;
    const { producers, consumers } = shapes[shape];
    const measure = `${kind} ${sizes[size]} ${producers} ${consumers} ${item}`;
    const bound = size === "bounded" ? ` of ${sizes.bounded}` : "";
    const copies = module === "queue" ? ", no copies" : "";
    return python.side(module, measure, `${module}.${kind}${bound}${copies}`);
  };
  const inNode = (how: string, item: ItemName) => {
    return node.side("node", `${how} ${item}`, `Node ${how}`);
  };

  const ofProcesses = (item: ItemName): Measure => {
    const aim = processAims[item];
    const against = (kind: string, more: Partial<Traffic> = {}, aim?: number): Row => {
      return aimed(
        queue(processes, item, more),
        inPython("multiprocessing", kind, item, more),
        aim,
      );
    };
    return {
      name: `${item}, processes`,
      rows: [
        against("Queue", {}, aim),
        against("Queue", { size: "bounded" }, aim),
        against("Queue", { form: "async" }),
        against("SimpleQueue"),
        against("Pipe"),
      ],
    };
  };
  const ofThreads = (item: ItemName): Measure => {
    const ours = queue(threads, item);
    const small = item === "small object";
    return {
      name: `${item}, threads`,
      rows: [
        aimed(ours, messages.web(item), small ? 4 : undefined),
        aimed(ours, messages.node(item), small ? 4 : undefined),
        aimed(ours, inNode("postMessage", item), small ? 1 : undefined),
        aimed(ours, inNode("MessageChannel", item), small ? 1 : undefined),
        [queue(threads, item, { form: "async" }), messages.web(item)],
        [ours, inPython("queue", "Queue", item)],
        [
          queue(threads, item, { size: "bounded" }),
          inPython("queue", "Queue", item, { size: "bounded" }),
        ],
      ],
    };
  };
  const ofMany = (shape: Shape, item: ItemName): Measure => ({
    name: `${item}, ${shape}`,
    rows: [
      [queue(processes, item, { shape }), inPython("multiprocessing", "Queue", item, { shape })],
      [queue(threads, item, { shape }), inPython("queue", "Queue", item, { shape })],
    ],
  });
  const thereAndBack = (item: ItemName): Measure => ({
    name: `${item}, processes, there and back`,
    rows: (["sync", "async"] as const).map((form) =>
      aimed(
        {
          name: form === "sync" ? "pipe" : "pipe, await",
          run: (times) => processes.call({ item, form }, times),
        },
        python.side("multiprocessing", `Call 0 1 1 ${item}`, "multiprocessing.Pipe"),
        form === "sync" ? 5 : undefined,
      )
    ),
  });

  return {
    measures: [
      ...itemNames.flatMap((item) => [ofProcesses(item), ofThreads(item)]),
      ...(["mpsc", "spmc", "mpmc"] as const).map((shape) => ofMany(shape, "small object")),
      ...itemNames.map(thereAndBack),
    ],
    async stop() {
      const units = [python, node, messages, threads, processes];
      await Promise.all(units.map((unit) => unit.stop()));
    },
  };
}

/** A row with an aim or without. */
function aimed(ours: Side, peer: Side, aim: number | undefined): Row {
  return aim === undefined ? [ours, peer] : [ours, peer, aim];
}
