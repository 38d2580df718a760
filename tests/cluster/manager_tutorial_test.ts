// Copyright 2026 the Weft authors. MIT license.

// The tutorials' two programs in Python, each with one of ours on the other side, and ours with each other.

import { assertEquals } from "@std/assert";
import { Queue } from "../../channel/mod.ts";
import { connectManager, serveManager } from "../../cluster/mod.ts";
import { freePort } from "./_ports.ts";
import { noPython, PythonProgram, pythons, runProgram } from "./_python_programs.ts";

const ignore = noPython !== undefined;
/** The tutorials' key; so short a one is for one machine only. */
const authKey = "abc";
/** Seconds of the worker's sleep, which is 1 in the tutorials. */
const scale = 0.01;

/** task_master.py: puts ten numbers, and waits for the results. */
async function serveTasks() {
  const tasks = new Queue<number>();
  const results = new Queue<string>();
  const registry = { get_task_queue: () => tasks, get_result_queue: () => results };
  const server = await serveManager({ port: 0, authKey, registry });
  const numbers = Array.from({ length: 10 }, () => Math.floor(Math.random() * 10_001));
  for (const n of numbers) await tasks.put(n);
  const collect = async () => {
    const lines: string[] = [];
    for (const _ of numbers) lines.push(await results.get({ timeout: 30_000 }));
    return lines;
  };
  return { server, numbers, collect };
}

/** task_worker.py: takes ten numbers and puts their squares, as text. */
async function work(port: number): Promise<number[]> {
  await using client = await connectManager({ port, authKey });
  const task = await client.get<Queue<number>>("get_task_queue");
  const result = await client.get<Queue<string>>("get_result_queue");
  const numbers: number[] = [];
  for (let i = 0; i < 10; i++) {
    const n = await task.get({ timeout: 10_000 });
    numbers.push(n);
    await result.put(`${n} * ${n} = ${n * n}`);
  }
  return numbers;
}

function results(numbers: readonly number[]): string[] {
  return numbers.map((n) => `${n} * ${n} = ${n * n}`);
}

Deno.test("Our worker does what our master has put", async () => {
  const { server, numbers, collect } = await serveTasks();
  await using _ = server;

  const [collected, done] = await Promise.all([collect(), work(server.port)]);

  assertEquals(done, numbers);
  assertEquals(collected, results(numbers));
});

for (const python of pythons) {
  const { version } = python;

  Deno.test(
    { name: `task_worker.py of Python ${version} does what our master has put`, ignore },
    async () => {
      const { server, numbers, collect } = await serveTasks();
      await using _ = server;

      const [collected, lines] = await Promise.all([
        collect(),
        runProgram(python, "task_worker.py", server.port, scale),
      ]);

      assertEquals(collected, results(numbers));
      assertEquals(lines, [
        "Connect to server 127.0.0.1...",
        ...numbers.map((n) => `run task ${n} * ${n}...`),
        "worker exit.",
      ]);
    },
  );

  Deno.test(
    { name: `our worker does what task_master.py of Python ${version} has put`, ignore },
    async () => {
      const port = freePort();
      await using master = new PythonProgram(python, "task_master.py", port);
      const numbers: number[] = [];
      for (
        let line = await master.line();
        line !== "Try get results...";
        line = await master.line()
      ) {
        numbers.push(Number(/^Put task (\d+)\.\.\.$/.exec(line)![1]));
      }
      const done = await work(port);

      assertEquals(numbers.length, 10);
      assertEquals(done, numbers);
      const lines = await master.end();
      assertEquals(lines, [
        ...results(numbers).map((result) => `Result: ${result}`),
        "master exit.",
      ]);
    },
  );
}
