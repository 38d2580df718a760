// Copyright 2026 the Weft authors. MIT license.

/**
 * Thread locals: a variable of which each thread has its own value.
 *
 * A student is set at the top of a thread and read two calls deeper, without being passed down and
 * without a table by thread. In Deno a plain module variable is a thread's own as well; `ThreadLocal`
 * says so, and makes a first value in each thread where it is asked to.
 *
 * ```sh
 * deno task demo thread-local
 * deno run --allow-read=. demo/thread_local.ts
 * ```
 *
 * @module
 */

import { task } from "@weft/concurrency/task";
import { currentThread, Thread, ThreadLocal } from "@weft/concurrency/thread";
import { runProgram, sleep } from "./_frame/program.ts";
import type { Scenario } from "./_frame/scenario.ts";

// S2: 创建全局ThreadLocal对象
const localSchool = new ThreadLocal<string>();

async function processStudent(ms: number): Promise<string[]> {
  const seen = [];
  // Read again and again, so that the threads have time to get in each other's way.
  for (let i = 0; i < 3; i++) {
    seen.push(sayHello());
    await sleep(ms);
  }
  return seen;
}

function sayHello(): string {
  console.log(`Hello, ${localSchool.value}\t(in ${currentThread().name})`);
  return `${localSchool.value} in ${currentThread().name}`;
}

/** S2: 绑定ThreadLocal的student */
export const processThread = task(
  import.meta,
  async function processThread(name: string, ms: number) {
    const before = localSchool.isSet;
    localSchool.value = name;
    return { before, seen: await processStudent(ms) };
  },
);

/** The scenario. */
export const scenario: Scenario = {
  name: "thread-local",
  module: import.meta.url,
  seeds: "S2",
  title: "ThreadLocal: each thread sees its own student, two calls deep.",
  claim: "the names do not mix",
  permissions: ["read=."],

  async run(ctx) {
    localSchool.value = "老师";
    const t1 = new Thread(processThread, { args: ["Alice", ctx.ms(1)], name: "Thread-A" });
    const t2 = new Thread(processThread, { args: ["小明", ctx.ms(1)], name: "Thread-B" });
    t1.start();
    t2.start();
    const a = await t1.join();
    const b = await t2.join();

    ctx.check("each began without a student", !a.before && !b.before, { a, b });
    ctx.check(
      "Thread-A saw Alice each time",
      a.seen.every((one) => one === "Alice in Thread-A"),
      a,
    );
    ctx.check("Thread-B saw 小明 each time", b.seen.every((one) => one === "小明 in Thread-B"), b);
    ctx.check("three times each", a.seen.length === 3 && b.seen.length === 3, { a, b });
    ctx.check("the main thread has its own", localSchool.value === "老师", localSchool.value);
  },
};

if (import.meta.main) await runProgram(scenario);
