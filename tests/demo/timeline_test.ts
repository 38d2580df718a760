// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals } from "@std/assert";
import type { TraceEvent } from "../../demo/_frame/record.ts";
import { timeline } from "../../demo/_frame/report/timeline.ts";

/** Makes events from what each has besides the scene of the main thread of process 1. */
function events(...all: (Partial<TraceEvent> & { readonly type: string })[]): TraceEvent[] {
  return all.map((event) => ({ time: 0, pid: 1, thread: 0, coroutine: 0, ...event }));
}

const program = [
  { type: "process-begin", time: 1000, pid: 99, child: 1, name: "scenario" },
  { type: "process-end", time: 1100, pid: 99, child: 1, how: "ended", code: 0 },
];

Deno.test("timeline() puts processes, threads and coroutines below what started them", () => {
  const { lanes, length } = timeline(events(
    ...program,
    { type: "process-begin", time: 1020, child: 2, name: "child" },
    { type: "thread-begin", time: 1030, pid: 2, child: 1, name: "Thread-1" },
    { type: "coroutine-begin", time: 1040, pid: 2, thread: 1, child: 7, name: "work", parent: 0 },
    { type: "coroutine-end", time: 1050, pid: 2, thread: 1, child: 7, how: "cancelled" },
    { type: "thread-end", time: 1060, pid: 2, child: 1, how: "threw", code: 1 },
    { type: "process-end", time: 1070, child: 2, how: "lost", code: 137 },
  ));

  assertEquals(length, 100);
  assertEquals(
    lanes.map(({ kind, name, id, depth, from, to, end }) => [kind, name, id, depth, from, to, end]),
    [
      ["process", "scenario", 1, 0, 0, 100, "exit code 0"],
      ["process", "child", 2, 1, 20, 70, "SIGKILL"],
      ["thread", "Thread-1", 1, 2, 30, 60, "threw"],
      ["coroutine", "work", 7, 3, 40, 50, "cancelled"],
    ],
  );
});

Deno.test("timeline() gives one number to a thing that several wait for or hold", () => {
  const lock = { what: "Lock", object: "m+0", blocks: false };
  const { lanes } = timeline(events(
    ...program,
    { type: "thread-begin", time: 1000, child: 1, name: "Thread-1" },
    { type: "wait-begin", time: 1001, wait: 1, what: "Queue.get", object: "m+64", blocks: false },
    { type: "hold-begin", time: 1010, ...lock },
    { type: "wait-begin", time: 1020, thread: 1, wait: 1, ...lock },
    { type: "hold-end", time: 1030, ...lock },
    { type: "wait-end", time: 1040, thread: 1, wait: 1 },
    { type: "wait-end", time: 1050, wait: 1, error: "TimeoutError" },
  ));

  const spans = lanes.map(({ spans }) =>
    spans.map(({ kind, label, object, from, to, note }) => [kind, label, object, from, to, note])
  );
  assertEquals(spans, [
    [
      ["wait", "Queue #1 get", 0, 1, 50, "ended with TimeoutError"],
      ["hold", "Lock #1", 1, 10, 30, ""],
    ],
    [["wait", "Lock #1", 1, 20, 40, ""]],
  ]);
});

Deno.test("timeline() ends what nobody has ended with its process", () => {
  const { lanes } = timeline(events(
    ...program,
    { type: "process-begin", time: 1010, child: 2, name: "child" },
    { type: "task-begin", time: 1020, pid: 2, name: "work" },
    { type: "wait-begin", time: 1030, pid: 2, wait: 1, what: "sleep", object: "", blocks: false },
    { type: "process-end", time: 1040, child: 2, how: "terminated", code: 143 },
  ));

  assertEquals(lanes[1]!.end, "terminated by SIGTERM");
  assertEquals(lanes[1]!.spans.map(({ kind, label, from, to }) => [kind, label, from, to]), [
    ["start", "starts", 10, 20],
    ["task", "work", 20, 40],
    ["wait", "sleep", 30, 40],
  ]);
});

Deno.test("timeline() shows that a process has outlived its parent", () => {
  const { lanes } = timeline(events(
    { type: "process-begin", time: 1000, pid: 99, child: 1, name: "scenario" },
    { type: "process-begin", time: 1010, child: 2, name: "parent" },
    { type: "process-begin", time: 1020, pid: 2, child: 3, name: "orphan" },
    { type: "process-end", time: 1030, child: 2, how: "lost", code: 137 },
    { type: "task-end", time: 1080, pid: 3 },
    { type: "process-end", time: 1100, pid: 99, child: 1, how: "ended", code: 0 },
  ));

  const [, parent, orphan] = lanes;
  assertEquals([parent!.to, parent!.end], [30, "SIGKILL"]);
  assertEquals([orphan!.depth, orphan!.to, orphan!.end], [2, 80, ""]);
});

Deno.test("timeline() draws waits at the same time in lines of their own", () => {
  const wait = (n: number, from: number) => ({
    type: "wait-begin",
    time: 1000 + from,
    wait: n,
    what: "sleep",
    object: "",
    blocks: false,
  });
  const { lanes } = timeline(events(
    ...program,
    wait(1, 10),
    wait(2, 20),
    { type: "wait-end", time: 1030, wait: 1 },
    wait(3, 40),
    { type: "wait-end", time: 1050, wait: 3 },
    { type: "wait-end", time: 1060, wait: 2 },
  ));

  assertEquals(lanes[0]!.rows, 2);
  assertEquals(lanes[0]!.spans.map(({ from, row }) => [from, row]), [[10, 0], [20, 1], [40, 0]]);
});

Deno.test("timeline() makes one of many waits that are too short to be seen", () => {
  const many = Array.from({ length: 1000 }, (_, i) => [
    { type: "wait-begin", time: 1000 + i / 100, wait: i, what: "Event", object: "m", blocks: true },
    { type: "wait-end", time: 1000.005 + i / 100, wait: i },
  ]).flat();
  const { lanes } = timeline(events(...program, ...many));

  const { spans } = lanes[0]!;
  assert(spans.length < 100, `${spans.length}`);
  assertEquals(spans.reduce((sum, { count }) => sum + count, 0), 1000);
});
