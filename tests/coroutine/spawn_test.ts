// Copyright 2026 the Weft authors. MIT license.

// deno-lint-ignore-file require-yield -- also generators that end at once are run

import { assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { type Coroutine, joinAll, sleep, spawn } from "../../coroutine/mod.ts";
import { microtasks } from "./_helpers.ts";

Deno.test("spawn() begins when the caller waits, not at once", async () => {
  const log: string[] = [];
  const bodies = [
    () => void log.push("plain"),
    async () => void await log.push("async"),
    function* () {
      log.push("generator");
    },
    async function* () {
      log.push("async generator");
    },
  ];

  const coroutines = bodies.map((body) => spawn(body as () => unknown));
  assertEquals(log, []);
  await Promise.all(coroutines);

  assertEquals(log, ["plain", "async", "generator", "async generator"]);
});

Deno.test("spawn() passes arguments and gives results of each form of function", async () => {
  const results = await Promise.all([
    spawn((a: number, b: number) => a - b, 5, 3),
    spawn(async (a: number, b: number) => await Promise.resolve(a - b), 6, 3),
    spawn(
      function* (a: number, b: number) {
        const c: number = yield Promise.resolve(b);
        return a - c;
      },
      7,
      3,
    ),
    spawn(
      async function* (a: number, b: number) {
        const c: number = yield Promise.resolve(b);
        return a - c;
      },
      8,
      3,
    ),
    spawn(() => {}),
  ]);

  assertEquals(results, [2, 3, 4, 5, undefined]);
});

Deno.test("spawn() gives what each form of function throws, the same object", async () => {
  const error = new Error("broken");
  const coroutines: Coroutine[] = [
    spawn(() => {
      throw error;
    }),
    spawn(() => Promise.reject(error)),
    spawn(function* () {
      throw error;
    }),
    spawn(function* () {
      yield;
      throw error;
    }),
    spawn(async function* () {
      yield sleep(1);
      throw error;
    }),
  ];

  for (const coroutine of coroutines) {
    assertStrictEquals(await assertRejects(() => coroutine.join()), error);
    assertEquals([coroutine.done, coroutine.cancelled], [true, false]);
  }
});

const yields: Record<string, [() => unknown, unknown]> = {
  "a promise": [() => Promise.resolve(1), 1],
  "a thenable": [() => ({ then: (resolve: (n: number) => void) => resolve(2) }), 2],
  "a coroutine": [() => spawn(() => 3), 3],
  "a sleep": [() => sleep(1), undefined],
  "a plain value": [() => "four", "four"],
  "zero": [() => 0, 0],
  "null": [() => null, null],
  "nothing": [() => undefined, undefined],
  "a function": [() => Math.max, Math.max],
};

for (const [name, [make, expected]] of Object.entries(yields)) {
  Deno.test(`spawn() gives a generator what ${name} comes to that it yields`, async () => {
    const one = spawn(function* () {
      return [yield make(), yield make()];
    });
    const other = spawn(async function* () {
      return [yield make(), yield make()];
    });

    assertEquals(await one, [expected, expected]);
    assertEquals(await other, [expected, expected]);
  });
}

Deno.test("spawn() throws into a generator what it yields rejects with", async () => {
  const error = new Error("broken");
  const attempts = [
    () => Promise.reject(error),
    () => spawn(() => Promise.reject(error)),
    () => sleep(-1),
  ];
  const expected = ["broken", "broken", "Cannot wait as the timeout is not"];

  for (const [i, attempt] of attempts.entries()) {
    const one = spawn(function* () {
      try {
        yield attempt();
      } catch (error) {
        yield;
        return (error as Error).message;
      }
      return "";
    });
    const other = spawn(async function* () {
      try {
        yield attempt();
      } catch (error) {
        yield;
        return (error as Error).message;
      }
      return "";
    });

    assertEquals((await one).startsWith(expected[i]!), true);
    assertEquals((await other).startsWith(expected[i]!), true);
  }
});

Deno.test("spawn() fails with an error that a generator does not catch", async () => {
  const log: string[] = [];
  const coroutine = spawn(function* () {
    try {
      yield Promise.reject(new RangeError("too far"));
    } finally {
      yield sleep(1);
      log.push("cleaned up");
    }
  });

  await assertRejects(() => coroutine.join(), RangeError, "too far");
  assertEquals(log, ["cleaned up"]);
});

Deno.test("spawn() has yield* run a generator as a part", async () => {
  function* inner(n: number) {
    const [a, b]: [number, number] = yield Promise.all([n, n + 1]);
    return a * b;
  }

  const coroutine = spawn(function* () {
    return (yield* inner(2)) + (yield* inner(3));
  });

  assertEquals(await coroutine, 18);
});

Deno.test("spawn() refuses what is no function, and says what it is", () => {
  for (const [value, shown] of [[undefined, "undefined"], [3, "3"], ["name", "name"]] as const) {
    const error = assertThrows(() => spawn(value as never), TypeError);
    assertEquals(error.message.includes("it needs a function"), true);
    assertEquals(error.message.includes(shown), true);
  }
});

Deno.test("spawn() has a promise that it gives not rejected before it is joined", async () => {
  const coroutine = spawn(() => Promise.reject(new Error("late")));

  await microtasks(30);
  await sleep(1);

  await assertRejects(() => coroutine.join(), Error, "late");
});

Deno.test("spawn() begins any number of coroutines in the order of the calls, and none is forgotten", async () => {
  const begun: number[] = [];
  let ended = 0;
  function* work(n: number) {
    begun.push(n);
    yield;
    ended++;
  }
  const numbers = Array.from({ length: 9001 }, (_, n) => n);
  const all = numbers.map((n) => spawn(work, n));
  all[4321]!.cancel();

  await joinAll(all);

  assertEquals(begun, numbers.filter((n) => n !== 4321));
  assertEquals(ended, 9000);
});
