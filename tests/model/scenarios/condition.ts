// Copyright 2026 the Weft authors. MIT license.

import type { End, Scenario } from "../checker.ts";
import type { Load } from "../plant.ts";
import { actorsOf, conditionWord, itemsWord, lockWord } from "./condition_actors.ts";

const turnWord = conditionWord + 1;
const firstSlot = conditionWord + 8;
const slots = 4;
const slotWords = 8;
const grantedWord = 1;
const finishedWord = 3;

/** One at a time; as many go on as were notified; at the end nobody is left. */
const exact = {
  invariant: (total) => total("inside") > 1 ? "two have the lock" : undefined,
  final: (end) => {
    const woken = end.total("woken");
    if (woken !== end.total("given")) return `${woken} of ${end.total("given")} have gone on`;
    return atRest(end);
  },
} satisfies Partial<Scenario>;

function atRest({ word }: End): string | undefined {
  if (word(lockWord) !== 0) return "the lock is held at the end";
  for (let i = 0; i < slots; i++) {
    if (word(firstSlot + i * slotWords) !== 0) return "somebody is in line at the end";
  }
  return undefined;
}

export async function conditionScenarios(load: Load): Promise<Scenario[]> {
  const {
    waits,
    waitsTwiceHeld,
    asyncWaits,
    notifies,
    notifiesOwner,
    rescues,
    takes,
    asyncTakes,
    puts,
  } = await actorsOf(load);
  return [
    {
      name: "one waits",
      actors: [waits(), notifies([1], { after: 1 })],
      budget: { spurious: 1 },
      ...exact,
    },
    {
      name: "two wait, one is notified",
      outcomes: ["A(sections 1, waiting 1, woken 1) B(late 1, sections 1, timed out 1, waiting 1)"],
      preemptions: 1,
      actors: [waits({ timeout: 250 }), waits({ timeout: 250 }), notifies([1], { after: 2 })],
      patient: true,
      ...exact,
    },
    {
      name: "two wait, all are notified",
      preemptions: 1,
      actors: [waits(), waits(), notifies([Infinity], { after: 2 })],
      ...exact,
    },
    {
      name: "two wait, two are notified one by one",
      preemptions: 1,
      actors: [waits(), waits(), notifies([1, 1], { after: 2 })],
      ...exact,
    },
    {
      name: "who has waited longest goes on",
      preemptions: 1,
      actors: [waits(), waits({ after: 1, timeout: 250 }), notifies([1], { after: 2 })],
      patient: true,
      invariant: exact.invariant,
      final: (end) => end.count(0, "woken") === 1 ? exact.final(end) : "another one has gone on",
    },
    {
      name: "who has waited longest goes on where the turns change their sign",
      preemptions: 1,
      initial: { [turnWord]: 2 ** 31 - 1 },
      actors: [waits(), waits({ after: 1, timeout: 250 }), notifies([1], { after: 2 })],
      patient: true,
      invariant: exact.invariant,
      final: (end) => end.count(0, "woken") === 1 ? exact.final(end) : "another one has gone on",
    },
    {
      name: "who has waited longest goes on where the turns begin anew",
      preemptions: 1,
      initial: { [turnWord]: -1 },
      actors: [waits(), waits({ after: 1, timeout: 250 }), notifies([1], { after: 2 })],
      patient: true,
      invariant: exact.invariant,
      final: (end) => end.count(0, "woken") === 1 ? exact.final(end) : "another one has gone on",
    },
    {
      name: "two coroutines wait, the first goes on",
      outcomes: ["A(first 1, sections 2, timed out 1, waiting 2, woken 1)"],
      preemptions: 1,
      actors: [asyncWaits({ coroutines: 2, timeout: 50 }), notifies([1], { after: 2 })],
      patient: true,
      invariant: exact.invariant,
      final: (end) => end.total("first") === 1 ? exact.final(end) : "the second has gone on",
    },
    {
      name: "two coroutines and a thread wait",
      preemptions: 1,
      actors: [asyncWaits({ coroutines: 2 }), waits(), notifies([2, 1], { after: 3 })],
      ...exact,
    },
    {
      name: "two coroutines wait, they are notified one by one",
      preemptions: 1,
      actors: [asyncWaits({ coroutines: 2 }), notifies([1, 1], { after: 2 })],
      ...exact,
    },
    {
      name: "a time is over while it is notified",
      outcomes: [
        "A(late 1, sections 1, timed out 1, waiting 1)",
        "A(sections 1, waiting 1, woken 1)",
      ],
      preemptions: 2,
      actors: [{ ...waits({ timeout: 50 }), late: true }, notifies([1])],
      budget: { timeouts: 2 },
      patient: true,
      ...exact,
    },
    {
      name: "a coroutine's time is over while it is notified",
      outcomes: ["A(sections 1, timed out 1, waiting 1)", "woken 1)"],
      preemptions: 2,
      actors: [asyncWaits({ timeout: 50 }), notifies([1])],
      budget: { timeouts: 2 },
      patient: true,
      ...exact,
    },
    {
      name: "one time is over while one of two is notified",
      preemptions: 1,
      actors: [waits({ timeout: 50 }), waits({ timeout: 250 }), notifies([1], { after: 2 })],
      budget: { timeouts: 1 },
      patient: true,
      ...exact,
    },
    {
      name: "a coroutine's time is over while one of two is notified",
      preemptions: 1,
      actors: [asyncWaits({ coroutines: 2, timeout: 50 }), notifies([1], { after: 2 })],
      budget: { timeouts: 1 },
      patient: true,
      ...exact,
    },
    {
      name: "an abort while one of two is notified",
      outcomes: ["A(aborted 1, sections 1, waiting 1) B(sections 1, waiting 1, woken 1)"],
      preemptions: 1,
      actors: [
        asyncWaits({ aborts: true, timeout: 50 }),
        waits({ timeout: 250 }),
        notifies([1], { after: 2 }),
      ],
      budget: { aborts: 1 },
      patient: true,
      ...exact,
    },
    {
      name: "an abort of one of two coroutines while one is notified",
      outcomes: ["A(aborted 1, sections 2, waiting 2, woken 1)"],
      preemptions: 1,
      actors: [
        asyncWaits({ coroutines: 2, aborts: true, timeout: 50 }),
        notifies([1], { after: 2 }),
      ],
      budget: { aborts: 1 },
      patient: true,
      invariant: exact.invariant,
      final: (end) => {
        const { total } = end;
        // The timer of the other may go off before it is notified in place of the first.
        const ends = total("woken") + total("timed out") + total("aborted");
        if (ends !== 2 || total("woken") > total("given")) return "an end without a reason";
        return atRest(end);
      },
    },
    {
      name: "one of two who wait dies",
      outcomes: ["A!(waiting 1) B(sections 1, waiting 1, woken 1)"],
      preemptions: 1,
      actors: [
        { ...waits({ timeout: 150 }), mortal: true },
        waits({ timeout: 150 }),
        notifies([1], { after: 1 }),
      ],
      budget: { deaths: 1 },
      patient: true,
      invariant: exact.invariant,
      final: (end) => {
        if (!end.dead(0)) return exact.final(end);
        if (end.count(1, "late") === 0) return undefined;
        for (let slot = firstSlot; slot < firstSlot + slots * slotWords; slot += slotWords) {
          const unused = end.word(slot + grantedWord) - end.word(slot + finishedWord);
          if (unused !== 0) return "what was meant for one who died is lost";
        }
        return undefined;
      },
    },
    {
      name: "who notifies dies",
      preemptions: 1,
      actors: [{ ...notifies([1], { after: 1 }), mortal: true }, waits(), rescues()],
      budget: { deaths: 1 },
      invariant: exact.invariant,
    },
    {
      name: "who notifies dies, a coroutine waits",
      preemptions: 1,
      actors: [{ ...notifies([1], { after: 1 }), mortal: true }, asyncWaits(), rescues()],
      budget: { deaths: 1 },
      invariant: exact.invariant,
    },
    {
      name: "a lock that is held twice",
      preemptions: 2,
      actors: [waitsTwiceHeld(), notifiesOwner({ after: 1 })],
      ...exact,
    },
    {
      name: "two take what one puts",
      preemptions: 1,
      actors: [takes(), takes(), puts(2)],
      final: ({ word }) => word(itemsWord) === 0 ? undefined : "something is left over",
    },
    {
      name: "a coroutine and a thread take what one puts",
      preemptions: 1,
      actors: [asyncTakes(), takes(), puts(2)],
      final: ({ word }) => word(itemsWord) === 0 ? undefined : "something is left over",
    },
  ];
}

export async function conditionMixes(load: Load): Promise<Scenario[]> {
  const { waits, asyncWaits, notifies } = await actorsOf(load);
  return [
    {
      name: "many wait, some are notified",
      actors: [
        { ...waits({ timeout: 150 }), late: true },
        asyncWaits({ coroutines: 3, timeout: 50 }),
        waits({ timeout: 150 }),
        notifies([1, 2, Infinity]),
      ],
      budget: { timeouts: 3, spurious: 3 },
      patient: true,
      ...exact,
    },
  ];
}
