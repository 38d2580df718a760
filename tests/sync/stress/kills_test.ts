// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals } from "@std/assert";
import { Process } from "../../../process/mod.ts";
import { Event } from "../../../sync/event.ts";
import type { Scope } from "../../../sync/memory/memory.ts";
import { Semaphore } from "../../../sync/semaphore.ts";
import { SharedArray } from "../../../sync/shared_array.ts";
import { doorOf, type Gate, gates, isFree, words } from "../../fixtures/stress_doors.ts";
import {
  churn,
  churnOnce,
  churnWord,
  hold,
  mourn,
  mournAgain,
  type Scene,
  toldWord,
  wait,
} from "../../fixtures/stress_kill_tasks.ts";
import { Random } from "../../fixtures/stress_random.ts";
import {
  deathBound,
  join,
  kill,
  linuxOnly,
  scopes,
  seeded,
  spawn,
  stress,
  timeFactor,
  untilDead,
  watch,
  withoutLeaks,
} from "./_helpers.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

interface Case {
  readonly name: "Lock" | "RLock" | "RWLock";
  readonly kills: number;
  readonly recover?: boolean;
  /** What the victim does with an `RWLock`. */
  readonly side?: "read" | "write";
}

const short: Case[] = [
  { name: "Lock", recover: true, kills: 4 },
  { name: "RLock", kills: 4 },
  { name: "RWLock", kills: 4 },
  { name: "RWLock", side: "read", kills: 4 },
];

const groups: { victims: Scope; scope: Scope; cases: Case[] }[] = [
  { victims: "process", scope: "process", cases: [{ name: "Lock", kills: 40 }, ...short] },
  { victims: "thread", scope: "thread", cases: [{ name: "Lock", kills: 10 }, ...short] },
  { victims: "thread", scope: "process", cases: [{ name: "Lock", kills: 4 }, short[3]!] },
];

for (const { victims, scope, cases } of groups) {
  for (const one of cases) {
    const { name, kills, recover, side } = one;
    const title = `${name} of scope ${scope} is free within ${deathBound} ms of the death of a ` +
      `${victims} that ${side === "read" ? "reads" : "holds it"}, ${
        kills * stress
      } times in a row` +
      (recover ? " (recover)" : "");
    Deno.test(title, linuxOnly, () => {
      return withoutLeaks(() => seeded((seed) => killHolders(one, victims, scope, seed)));
    });
  }
}

async function killHolders(
  { name, kills, recover = false, side = "write" }: Case,
  victims: Scope,
  scope: Scope,
  seed: number,
): Promise<void> {
  const times = kills * stress;
  const random = new Random(seed);
  const scene = sceneOf(gates[name]({ scope }), recover);
  const { gate, ready, turn, held, asked, done, section } = scene;
  const go = [1, 2].map(() => new Semaphore(0, { scope }));
  const mourners = [
    spawn("thread", mournAgain, scene, go[0]!, 1, times, "write"),
    spawn(scope, mournAgain, scene, go[1]!, 2, times, side === "read" ? "write" : "read"),
  ];
  const delays: number[] = [];
  let told = 0;

  let next = spawn(victims, hold, scene, side);
  const objects = [gate, ready, turn, held, asked, done];
  const see = <T>(wait: Promise<T>) => watch(wait, 30, { units: [...mourners, next], objects });
  await see(ready.acquire());
  for (let i = 0; i < times; i++) {
    const victim = next;
    turn.release();
    await see(held.acquire());
    next = spawn(victims, hold, scene, side);
    for (const semaphore of go) semaphore.release();
    const here = mourn(scene, 0, "acquire", "write");
    for (let n = 0; n < 3; n++) await see(asked.acquire());
    // So that nothing else is going on when it is measured.
    await see(ready.acquire());
    await new Promise((resolve) => setTimeout(resolve, random.next() * 10));

    const end = kill(victim);
    await (victim instanceof Process ? untilDead(victim.pid) : end);
    const died = Date.now();
    await see(Promise.all([here, ...[1, 2, 3].map(() => done.acquire())]));
    await end;

    delays.push(...scene.times.view.map((time) => time - died));
    const newly = section.view[toldWord]! - told;
    assertEquals(newly, recover || side === "read" ? 0 : 1, `told of death ${i} of ${name}`);
    told += newly;
  }
  await kill(next);
  await join(mourners, 30, objects);

  delays.sort((a, b) => a - b);
  assert(delays.at(-1)! <= deathBound, `Waits for ${name} ended ${delays} ms after the death`);
  assertEquals(section.view[words.torn], 0);
  assert(isFree(gate), Deno.inspect(gate));
}

/** Those who die at any moment. */
const deaths = 40 * stress;

/** What can be waited for. */
const targets = {
  Lock: gates.Lock,
  RLock: gates.RLock,
  Semaphore: gates.Semaphore,
  RWLock: gates.RWLock,
  Event: (options: { scope: Scope }) => new Event(options),
};

for (const scope of scopes) {
  const title = `${Object.keys(targets).join(", ")} forget who has died while it waited (${scope})`;
  Deno.test(title, linuxOnly, () => {
    return withoutLeaks(() =>
      seeded(async (seed) => {
        await Promise.all(
          Object.values(targets).map((create, i) => {
            return killWaiters(() => create({ scope }), scope, new Random(seed + i));
          }),
        );
      })
    );
  });
}

async function killWaiters(
  create: () => Gate | Event,
  scope: Scope,
  random: Random,
): Promise<void> {
  for (let i = 0; i < stress; i++) {
    const target = create();
    const [asked, had] = [new Semaphore(0, { scope }), new Semaphore(0, { scope })] as const;
    const guard = "set" in target ? undefined : await doorOf(target).acquire();
    const start = (form: "acquire" | "acquireSync") => {
      return spawn(scope, wait, target, form, asked, had, true);
    };

    const doomed = (["acquire", "acquireSync"] as const).map(start);
    const survivors = (["acquireSync", "acquire"] as const).map(start);
    const units = [...doomed, ...survivors];
    const objects = [target, asked, had];
    for (const _unit of units) await watch(asked.acquire(), 30, { units, objects });
    await new Promise((resolve) => setTimeout(resolve, random.next() * 20));
    await Promise.all(doomed.map(kill));
    if ("set" in target) target.set();
    guard?.[Symbol.dispose]();
    await join(survivors, 30, objects);

    assertEquals(had.value, 2);
    if (!("set" in target)) assert(isFree(target), Deno.inspect(target));
  }
}

Deno.test(`Locks can be had again after ${deaths} deaths at any moment`, linuxOnly, () => {
  return withoutLeaks(() =>
    seeded(async (seed) => {
      const scope = "process";
      const random = new Random(seed);
      const locks = [gates.Lock({ scope }), gates.RLock({ scope }), gates.RWLock({ scope })];
      const section = new SharedArray("i32", 16, { scope });
      const ready = new Semaphore(0, { scope });
      const { view } = section;
      let identity = 1;
      const start = (rest: number) => spawn(scope, churn, locks, section, ready, ++identity, rest);
      const survivor = start(0.2);
      const victims = [start(0), start(0.05)];
      for (let i = 0; i < 3; i++) await watch(ready.acquire(), 30, { objects: locks });

      let slowest = 0;
      for (let i = 0; i < deaths; i++) {
        await new Promise((resolve) => setTimeout(resolve, random.next() * 10));
        await kill(victims.shift()!);
        const started = performance.now();
        churnOnce(locks, view, 1);
        slowest = Math.max(slowest, performance.now() - started);
        victims.push(start(i % 2 === 0 ? 0 : 0.05));
        await watch(ready.acquire(), 30, { units: [survivor, ...victims], objects: locks });
      }
      view[words.inside] = 1;
      await join([survivor, ...victims], 30, locks);
      const told = view[toldWord]!;
      churnOnce(locks, view, 1);

      assert(slowest <= 1000 * timeFactor, `${slowest} ms`);
      assertEquals([view[words.torn], ...view.subarray(churnWord, churnWord + 3)], [0, 1, 1, 1]);
      assert(told > 0 && told <= deaths * locks.length, `${told}`);
      assert(locks.every(isFree), Deno.inspect(locks));
    })
  );
});

function sceneOf(gate: Gate, recover: boolean): Scene {
  const { scope } = gate;
  const semaphore = () => new Semaphore(0, { scope });
  return {
    gate,
    recover,
    ready: semaphore(),
    turn: semaphore(),
    held: semaphore(),
    asked: semaphore(),
    done: semaphore(),
    section: new SharedArray("i32", 16, { scope }),
    times: new SharedArray("f64", 3, { scope }),
  };
}
