// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals } from "@std/assert";
import { type Scope, Semaphore, SharedArray } from "../../sync/mod.ts";
import { isMain, type Kind, kinds } from "../fixtures/queue_kinds.ts";
import {
  demand,
  demandHere,
  demandInTurn,
  type Ledger,
  type Load,
  sums,
  supply,
  supplyHere,
  supplyInTurn,
  survivors,
} from "../fixtures/queue_kill_tasks.ts";
import { Random } from "../fixtures/stress_random.ts";
import { linuxOnly } from "../process/_helpers.ts";
import { kill, seeded, spawn, stress, type Unit, watch } from "../sync/stress/_helpers.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new SharedArray("i32", 1, { scope: "process" });

/** Most items inside. */
const maxSize = 32;
/** Victims that have started, of which all but one wait for their turn. */
const crowd = 3;
/** Most items of each producer that lives to the end. */
const mostItems = 2 ** 21;

// `WEFT_STRESS` has more of them.
const plans = [
  { scope: "process", kills: 60, killsOfOthers: 20 },
  { scope: "thread", kills: 10, killsOfOthers: 1 },
] as const;

for (const kind of kinds) {
  for (const plan of plans) {
    const { scope } = plan;
    // The others stand on the same engine.
    const kills = (isMain(kind) ? plan.kills : plan.killsOfOthers) * stress;
    for (const what of ["put", "get"] as const) {
      const whose = what === "put" ? "of those who put" : "of those who get";
      const title = `${kind.name} outlives ${kills} deaths ${whose} while others go on`;
      Deno.test(`${title} (${scope})`, linuxOnly, async () => {
        await seeded((seed) => killThem(kind, scope, what, kills, seed));
      });
    }
  }
}

/** A death: of the items of each survivor, from where to where it can have had one in its hand. */
type Death = readonly (readonly [from: number, to: number])[];

async function killThem(
  kind: Kind,
  scope: Scope,
  what: "put" | "get",
  kills: number,
  seed: number,
): Promise<void> {
  const random = new Random(seed);
  const ledger = ledgerOf(kind, scope, kills);
  const { queue, put, taken, signs } = ledger;
  const seedOf = () => random.below(2 ** 31);
  const producers = [
    supplyHere(ledger, 0, seedOf(), "async", 2),
    spawn(scope, supply, ledger, 1, seedOf(), "sync", 1),
  ] as const;
  const consumers = [
    demandHere(ledger, 0, "async"),
    spawn(scope, demand, ledger, 1, "sync"),
  ] as const;
  const units: Unit[] = [producers[1], consumers[1]];
  const start = (i: number) => {
    const turn = new Semaphore(0, { scope });
    const [number, form] = [survivors + i, i % 4 === 3 ? "async" : "sync"] as const;
    const unit = what === "put"
      ? spawn(scope, supplyInTurn, turn, ledger, number, seedOf(), form)
      : spawn(scope, demandInTurn, turn, ledger, number, form);
    unit.join().catch(() => {});
    return { unit, turn };
  };
  const { view } = what === "put" ? put : taken;
  const options = { units, objects: [put] };
  const surely = () => Array.from({ length: survivors }, (_, i) => Atomics.load(put.view, i));

  const deaths: Death[] = [];
  const victims = Array.from({ length: crowd }, (_, i) => start(i));
  for (let i = 0; i < kills; i++) {
    const { unit: victim, turn } = victims.shift()!;
    turn.release();
    const enough = 1 + random.below(60);
    const isAtWork = comesTo(() => Atomics.load(view, survivors + i) >= enough);
    await watch(isAtWork, 60, {
      ...options,
      units: [...units, victim, ...victims.map(({ unit }) => unit)],
    });
    spin(random.next() * 0.5);
    await kill(victim);
    const at = (survivors + i) * survivors;
    deaths.push(
      surely().map((to, producer) => {
        // What it had got before is entered; and what was put before that came out before, if it is in order.
        return [kind.isFifo ? Atomics.load(ledger.reached.view, at + producer) : 0, to];
      }),
    );
    if (i + crowd < kills) victims.push(start(i + crowd));
    const soon = surely().map((n) => n + 1);
    const goesOn = comesTo(() => surely().every((n, producer) => n >= soon[producer]!));
    await watch(goesOn, 60, options);
  }
  Atomics.store(signs.view, 0, 1);
  await watch(Promise.all([producers[0], producers[1].join()]), 60, options);
  queue.close();
  await watch(Promise.all([consumers[0], consumers[1].join()]), 60, options);

  assertEquals([signs.view[1], queue.size], [0, 0], "garbled or out of order, and left");
  if (what === "put") {
    for (let i = 0; i < kills; i++) checkVictim(ledger, survivors + i);
  }
  checkSurvivors(ledger, what === "put" ? [] : deaths);
}

function ledgerOf(kind: Kind, scope: Scope, victims: number): Ledger {
  const count = survivors + victims;
  return {
    queue: kind.create<Load>({ scope, maxSize }),
    put: new SharedArray("i32", count, { scope }),
    got: new SharedArray("i32", count * sums, { scope }),
    taken: new SharedArray("i32", count, { scope }),
    reached: new SharedArray("i32", count * survivors, { scope }),
    noted: new SharedArray("i32", survivors * mostItems, { scope }),
    signs: new SharedArray("i32", 2, { scope }),
    isFifo: kind.isFifo,
  };
}

/** Sees that each item of one who died was got once, and the one in its hand at most once. */
function checkVictim({ put, got }: Ledger, producer: number): void {
  const surely = put.view[producer]!;
  const [count, ...rest] = got.view.subarray(producer * sums, (producer + 1) * sums);
  // The last one may be inside though its producer could not say so any more.
  assert(count === surely || count === surely + 1, `${count} items were got of ${surely}`);
  const expected = [0, 0];
  for (let n = 0; n < count; n++) {
    expected[0] = (expected[0]! + n) | 0;
    expected[1] = (expected[1]! + Math.imul(n, n)) | 0;
  }
  assertEquals(rest, expected, `items of producer ${producer}`);
}

/** Sees that each item of those who live was got once, but for at most one at each death. */
function checkSurvivors({ put, noted }: Ledger, deaths: readonly Death[]): void {
  const lost: { readonly producer: number; readonly number: number }[] = [];
  for (let producer = 0; producer < survivors; producer++) {
    const count = put.view[producer]!;
    assert(count < mostItems, "The producers are too fast for the ledger");
    const row = noted.view.subarray(producer * mostItems, (producer + 1) * mostItems);
    row.forEach((times, number) => {
      if (times === (number < count ? 1 : 0)) return;
      assertEquals(times, 0, `item ${number} of producer ${producer} was got too often`);
      lost.push({ producer, number });
    });
  }

  // Finds a death for each, by augmenting paths.
  const takenBy = new Map<Death, number>();
  const settle = (item: number, seen: Set<Death>): boolean => {
    const { producer, number } = lost[item]!;
    return deaths.some((death) => {
      const [from, to] = death[producer]!;
      if (number < from || number > to || seen.has(death)) return false;
      seen.add(death);
      const other = takenBy.get(death);
      if (other !== undefined && !settle(other, seen)) return false;
      takenBy.set(death, item);
      return true;
    });
  };
  for (const [item, what] of lost.entries()) {
    assert(settle(item, new Set()), `lost, and nobody died with it alone: ${Deno.inspect(what)}`);
  }
}

/** Waits until a condition holds that no event tells of. */
async function comesTo(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

function spin(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}
