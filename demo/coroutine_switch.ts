// Copyright 2026 the Weft authors. MIT license.

/**
 * Switching by hand: greenlet：遇到I/O手动切换.
 *
 * A greenlet runs until it says itself who goes on: there is no scheduler, and nothing else of the program
 * runs in between. `switch(value)` passes a value along, in both directions, and `throw(error)` an error.
 * In Python any function can switch; here what switches is a generator, and says so with a `yield`.
 *
 * ```sh
 * deno task demo coroutine-switch
 * deno run demo/coroutine_switch.ts
 * ```
 *
 * @module
 */

import { Greenlet } from "@weft/concurrency/coroutine";
import { runProgram } from "./_frame/program.ts";
import type { Context, Scenario } from "./_frame/scenario.ts";

/** The scenario. */
export const scenario: Scenario = {
  name: "coroutine-switch",
  module: import.meta.url,
  seeds: "S3.3.4",
  title: "Two greenlets that switch to each other; values and errors that go along.",
  claim: "they print 12 56 34 78; values and errors arrive where the other one waits",
  permissions: [],

  async run(ctx) {
    let elsewhere = false;
    const other = Promise.resolve().then(() => elsewhere = true);
    showTurns(ctx);
    showValues(ctx);
    showReturns(ctx);
    showThrow(ctx);
    showParents(ctx);
    ctx.check("nothing else has run in between", !elsewhere);
    await other;
    ctx.check("only now, as this waits", elsewhere);
  },
};

/** The example that greenlet is known by. */
function showTurns(ctx: Context): void {
  const printed: number[] = [];
  const print = (n: number) => {
    ctx.say(`${n}`);
    printed.push(n);
  };

  const gr1: Greenlet = new Greenlet(function* test1() {
    print(12);
    yield gr2.switch();
    print(34);
    yield gr2.switch();
  });
  const gr2: Greenlet = new Greenlet(function* test2() {
    print(56);
    yield gr1.switch();
    print(78);
  });

  ctx.check("a greenlet does not begin by itself", printed.length === 0, printed);
  gr1.switch();
  ctx.check("they take turns", `${printed}` === "12,56,34,78", printed);
  const states = { gr1: gr1.dead, gr2: gr2.dead };
  ctx.check("test2 has ended, so this goes on that has made it", states.gr2 && !states.gr1, states);
  gr1.switch();
  ctx.check("test1 ends when it is switched back to", gr1.dead && printed.length === 4, printed);
  const late = errorOf(() => gr1.switch());
  ctx.check("a dead one cannot be switched to", messageOf(late).includes("dead"), late);
}

/** Values from one greenlet to another, and back. */
function showValues(ctx: Context): void {
  const printed: unknown[] = [];
  const gr1: Greenlet = new Greenlet(function* test1([x, y]: [string, string]) {
    const z: number = yield gr2.switch(x + y);
    printed.push(z);
    return z / 2;
  });
  const gr2: Greenlet = new Greenlet(function* test2(u: string) {
    printed.push(u);
    yield gr1.switch(42);
  });

  const result = gr1.switch(["hello", " world"]);
  ctx.say(`${printed.join("\t")}\t${result}`);
  ctx.check("test2 got the greeting, test1 the answer", `${printed}` === "hello world,42", printed);
  ctx.check("and this what test1 has returned", result === 21, result);
}

/** Values from here into a greenlet, and back. */
function showReturns(ctx: Context): void {
  const sum = new Greenlet(function* (n: number): Generator<number, number, number> {
    let total = n;
    for (let next = yield total; next > 0; next = yield total) total += next;
    return -total;
  });

  const totals = [sum.switch(1), sum.switch(10), sum.switch(100)];
  ctx.say(`totals\t${totals.join(" ")}`);
  ctx.check("a plain yield comes back here with a value", `${totals}` === "1,11,111", totals);
  ctx.check("it waits for the next", !sum.dead);
  const last = sum.switch(0);
  ctx.check("what it returns is the last", last === -111 && sum.dead, last);
}

/** Errors, and the end, thrown into a greenlet where it waits. */
function showThrow(ctx: Context): void {
  const log: string[] = [];
  const worker = new Greenlet<void, string>(function* () {
    try {
      while (true) {
        try {
          yield "ready";
        } catch (error) {
          log.push(`caught ${messageOf(error)}`);
        }
      }
    } finally {
      log.push("cleaned up");
    }
  });

  const first = worker.switch();
  const second = worker.throw(new RangeError("too hot"));
  ctx.check("the error is caught where it waits", `${log}` === "caught too hot", log);
  ctx.check("then it goes on", `${first} ${second}` === "ready ready" && !worker.dead, second);
  worker.throw(); // GreenletExit
  ctx.say(log.join("\t"));
  ctx.check("without an error it ends", worker.dead);
  ctx.check("after its finally block", `${log}` === "caught too hot,cleaned up", log);

  const open = new Greenlet<void, string>(function* () {
    yield "ready";
  });
  open.switch();
  const cold = new RangeError("too cold");
  const back = errorOf(() => open.throw(cold));
  ctx.check("an error that it does not catch comes back here", back === cold && open.dead, back);
}

/** Who goes on when a greenlet ends: the one that has made it. */
function showParents(ctx: Context): void {
  const log: string[] = [];
  const parent = new Greenlet<void, string>(function* () {
    const good: Greenlet = new Greenlet(function* () {
      log.push("good begins");
      yield "ready";
      return "well done";
    });
    const bad: Greenlet = new Greenlet(function* () {
      log.push("bad begins");
      yield "ready";
      throw new Error("out of paper");
    });
    yield good.switch();
    yield bad.switch();
    log.push(yield good.switch());
    try {
      yield bad.switch();
    } catch (error) {
      log.push(messageOf(error));
    }
    return "parent ends";
  });

  const result = parent.switch();
  ctx.say([...log, result].join("\t"));
  const expected = "good begins,bad begins,well done,out of paper";
  ctx.check("its maker gets the result, or the error", `${log}` === expected, log);
  ctx.check("and then ends here", result === "parent ends" && parent.dead, result);
}

function errorOf(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "";
}

if (import.meta.main) await runProgram(scenario);
