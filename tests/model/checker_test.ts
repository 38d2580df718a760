// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type Actor, replay, type Scenario, search, walk } from "./checker.ts";

const increments: Actor = {
  run: ({ memory }) => {
    const seen = memory.load(0);
    memory.store(0, seen + 1);
  },
};

const lostUpdate: Scenario = {
  name: "lost update",
  actors: [increments, increments],
  final: ({ word }) => word(0) === 2 ? undefined : `the sum is ${word(0)}`,
};

Deno.test("search() finds an update that is lost, with one switch but not with none", async () => {
  const none = await search(lostUpdate, { preemptions: 0 });
  const one = await search(lostUpdate, { preemptions: 1 });

  assertEquals(none.failure, undefined);
  assertEquals(one.failure, { reason: "the sum is 1", schedule: "A B B A" });
});

Deno.test("walk() finds an update that is lost, with the same schedule for the same seed", async () => {
  const first = await walk(lostUpdate, { seed: 7, runs: 100 });
  const second = await walk(lostUpdate, { seed: 7, runs: 100 });

  assertEquals(first.failure?.reason, "the sum is 1");
  assertEquals(first.failure, second.failure);
});

Deno.test("walk() with priorities finds what takes one switch, and no more with a depth of 1", async () => {
  const none = await walk(lostUpdate, { seed: 7, runs: 100, depth: 1 });
  const one = await walk(lostUpdate, { seed: 7, runs: 1000, depth: 2 });

  assertEquals(none.failure, undefined);
  assertEquals(one.failure?.reason, "the sum is 1");
});

Deno.test("replay() tells each step, and refuses a schedule of something else", async () => {
  const { reason, steps } = await replay(lostUpdate, "A B B A");

  assertEquals(reason, "the sum is 1");
  assertEquals(steps[0], "A: load(0); words all 0");
  assertEquals(steps[3], "A: store(0,1); words 0 = 1");
  await assertRejects(() => replay(lostUpdate, "A C"), Error, "C is not possible");
});

Deno.test("search() finds a wake-up between a look and a wait without a value", async () => {
  const report = await search({
    name: "lost wake-up",
    actors: [
      {
        run: ({ memory }) => {
          // The word it sleeps on is not the one that changes.
          if (memory.load(0) === 0) memory.wait(1, 0, 100);
        },
      },
      {
        run: ({ memory }) => {
          memory.store(0, 1);
          memory.notify(1, 1);
        },
      },
    ],
  });

  assertStringIncludes(report.failure!.reason, "deadlock: A at wait(1,0,100)");
});

Deno.test("search() holds an actor until a tally has come to a number", async () => {
  const counts: Actor = {
    run: ({ pause, count }) => {
      pause();
      count("ready");
    },
  };
  const report = await search({
    name: "until",
    actors: [counts, counts, {
      run: ({ until, memory }) => {
        until("ready", 2);
        memory.store(0, 1);
      },
    }],
    invariant: (total) => total("ready") > 2 ? "too many" : undefined,
    final: ({ word }) => word(0) === 1 ? undefined : "it has not gone on",
  });
  const waits: Actor = { run: ({ until }) => until("ready", 1) };
  const never = await search({ name: "never", actors: [{ run: ({ pause }) => pause() }, waits] });

  assertEquals(report.failure, undefined);
  assertStringIncludes(never.failure!.reason, "deadlock: B at until(ready,1)");
});

Deno.test("search() finds a loop that has no end", async () => {
  const report = await search({
    name: "livelock",
    actors: [{
      run: ({ memory }) => {
        while (memory.load(0) === 0);
      },
    }],
  });

  assertStringIncludes(report.failure!.reason, "livelock: A at load(0)");
});

Deno.test("search() lets a loop end that waits for another", async () => {
  const report = await search({
    name: "spin",
    actors: [
      {
        run: ({ memory }) => {
          while (memory.load(0) === 0);
        },
      },
      { run: ({ memory }) => memory.store(0, 1) },
    ],
  });

  assertEquals(report.failure, undefined);
});

Deno.test("search() wakes any one of those who wait, or one for no reason", async () => {
  const waits: Actor = {
    run: ({ memory, count }) => {
      memory.wait(1, 0, 100);
      count("woken");
    },
  };
  const { outcomes } = await search({
    name: "wake one",
    actors: [waits, waits, { run: ({ memory }) => memory.notify(1, 1) }],
    budget: { spurious: 1 },
    patient: true,
    final: () => undefined,
  });

  assertEquals([...outcomes], ["A(woken 1) B(woken 1) C()"]);
});

Deno.test("search() begins with words near the ends of their range", async () => {
  const seen: number[] = [];
  const report = await search({
    name: "wrap",
    initial: { 0: 2 ** 31 - 1, 1: 2 ** 32 - 1 },
    actors: [{
      run: ({ memory }) => {
        memory.add(0, 1);
        memory.add(1, 1);
      },
    }],
    final: ({ word }) => void seen.push(word(0), word(1)),
  });

  assertEquals(report.failure, undefined);
  assertEquals(seen, [-(2 ** 31), 0]);
});

Deno.test("search() lets an actor die before each operation", async () => {
  const { outcomes } = await search({
    name: "death",
    actors: [{
      mortal: true,
      run: ({ memory, count }) => {
        for (let i = 0; i < 2; i++) {
          memory.store(0, i);
          count("steps");
        }
      },
    }, { run: ({ memory, count }) => count("alive", Number(memory.isAlive(1))) }],
    budget: { deaths: 1 },
  });

  for (
    const outcome of ["A!() B()", "A!() B(alive 1)", "A!(steps 1) B()", "A(steps 2) B(alive 1)"]
  ) {
    assert(outcomes.has(outcome), outcome);
  }
});

Deno.test("search() goes into the code between the turns of an event loop", async () => {
  const increments: Actor = {
    run: async ({ memory, turn }) => {
      await turn();
      const seen = memory.load(0);
      memory.store(0, seen + 1);
    },
  };

  const report = await search({ ...lostUpdate, actors: [increments, increments] });

  assertEquals(report.failure?.reason, "the sum is 1");
});

Deno.test("search() hands on a wake-up whose wait was cancelled meanwhile", async () => {
  const report = await search({
    name: "hand on",
    actors: [
      {
        run: async ({ memory, turn }) => {
          const wait = memory.waitAsync(0, 0);
          await turn();
          wait?.cancel();
          if (await wait?.promise === "ok") memory.notify(0, 1);
        },
      },
      { run: ({ memory }) => void memory.wait(0, 0, 100) },
      {
        run: ({ memory }) => {
          memory.store(0, 1);
          memory.notify(0, 1);
        },
      },
    ],
  });

  assertEquals(report.failure, undefined);
});

Deno.test("search() looks at the words after each step", async () => {
  const report = await search({
    ...lostUpdate,
    invariant: (_, word) => word(0) === 1 ? "the sum is 1 for a while" : undefined,
  });

  assertEquals(report.failure, { reason: "the sum is 1 for a while", schedule: "A A" });
});

Deno.test("search() lets the waits of all run out in turn if they are even", async () => {
  const waits: Actor = {
    run: ({ memory, count }) => {
      // It needs its last time for what comes of the other's.
      for (let i = 0; i < 4 && memory.load(0) === 0; i++) memory.wait(0, 0, 100);
      if (memory.load(0) === 0) return;
      count("in time");
    },
  };
  const stores: Actor = {
    run: ({ memory }) => {
      memory.wait(1, 0, 100);
      memory.store(0, 1);
    },
  };
  const scenario: Scenario = { name: "even", actors: [waits, stores], patient: true };

  const any = await search(scenario);
  const even = await search({ ...scenario, even: true });

  assertEquals([...any.outcomes].sort(), ["A() B()", "A(in time 1) B()"]);
  assertEquals([...even.outcomes], ["A(in time 1) B()"]);
});
