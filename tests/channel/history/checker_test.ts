// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertLess } from "@std/assert";
import { Random } from "../../fixtures/stress_random.ts";
import { seeded } from "../../sync/stress/_helpers.ts";
import { check, type History, type Move, type Span } from "./_checker.ts";

/**
 * Reads a history: `+1` and `-1` put and get a value, `0` finds the queue empty; an operation lasts from its first
 * to its second mention.
 */
function historyOf(text: string): History {
  const history = { puts: [] as Move[], gets: [] as Move[], empties: [] as Span[] };
  const called = new Map<string, number>();
  for (const [ticket, word] of text.split(" ").entries()) {
    const name = word.replace(/'$/, "");
    const start = called.get(word);
    if (start === undefined) {
      called.set(word, ticket);
      continue;
    }
    called.delete(word);
    const value = Number(name.slice(1));
    const span = { called: start, ended: ticket };
    if (name === "0") history.empties.push(span);
    else history[name[0] === "+" ? "puts" : "gets"].push({ ...span, value });
  }
  assertEquals(called.size, 0);
  return history;
}

const possible = {
  "nothing at all": "0 0",
  "one after the other": "+1 +1 +2 +2 -1 -1 -2 -2 0 0",
  "puts at once come out in either order": "+1 +2 +1 +2 -2 -2 -1 -1",
  "gets at once end in either order": "+1 +1 +2 +2 -1 -2 -2 -1",
  "a get that lasts as long as its put": "+1 -1 -1 +1",
  "a get that was called before its put": "-1 +1 +1 -1",
  "some are left": "+1 +1 +2 +2 +3 +3 -1 -1",
  "empty while it is being put": "+1 0 0 +1 -1 -1",
  "empty while it is being got": "+1 +1 -1 0 0 -1",
  "empty for a moment between two": "+1 +1 0 -1 -1 +2 +2 0 -2 -2",
  "empty though it is never so when none is at work": "+1 +1 0 -1 +2 -1 +2 0 -2 -2",
};

for (const [what, text] of Object.entries(possible)) {
  Deno.test(`check() finds nothing wrong: ${what}`, () => {
    assertEquals(check(historyOf(text)), undefined);
  });
}

const impossible = {
  "got but not put": { "of nowhere": "-1 -1", "too early": "-1 -1 +1 +1" },
  "got twice": {
    "by two": "+1 +1 -1 -1 -1' -1'",
    "at once": "+1 +1 -1 -1' -1 -1'",
  },
  "got out of order": {
    "the later first": "+1 +1 +2 +2 -2 -2 -1 -1",
    "the earlier never": "+1 +1 +2 +2 -2 -2",
    "with others between": "+1 +1 +3 +4 +3 +4 +2 +2 -3 -3 -4 -2 -2 -4 -1 -1",
  },
  "empty while something was inside": {
    "one": "+1 +1 0 0 -1 -1",
    "one that is never got": "+1 +1 0 0",
    "one after the other": "+1 +1 0 +2 +2 -1 -1 0 -2 -2",
    "three in turn": "+1 +1 0 +2 +2 -1 +3 -1 +3 -2 -2 0 -3 -3",
  },
} as const;

for (const [violation, cases] of Object.entries(impossible)) {
  for (const [what, text] of Object.entries(cases)) {
    Deno.test(`check() finds what was ${violation}: ${what}`, () => {
      assertEquals(check(historyOf(text))?.violation, violation);
    });
  }
}

/** A history of a real queue: each operation takes effect at some moment between its tickets. */
function realHistory(random: Random, length: number): History {
  const history = { puts: [] as Move[], gets: [] as Move[], empties: [] as Span[] };
  const inside: number[] = [];
  for (let i = 0; i < length; i++) {
    const moment = i * 10;
    const span = {
      called: moment - 1 - random.below(60) - random.next(),
      ended: moment + 1 + random.below(60) + random.next(),
    };
    if (random.chance(50)) {
      inside.push(i);
      history.puts.push({ ...span, value: i });
    } else {
      const value = inside.shift();
      if (value === undefined) history.empties.push(span);
      else history.gets.push({ ...span, value });
    }
  }
  return history;
}

Deno.test("check() finds nothing wrong in histories of a queue, and what is planted in them", async () => {
  await seeded((seed) => {
    const random = new Random(seed);
    for (let round = 0; round < 200; round++) {
      const { puts, gets, empties } = realHistory(random, 200);
      assertEquals(check({ puts, gets, empties }), undefined, `round ${round}`);

      const victim = random.of(gets);
      const last = Math.max(...puts.map(({ ended }) => ended), ...gets.map(({ ended }) => ended));
      const late = { value: victim.value, called: last + 1, ended: last + 2 };
      const others = gets.filter((get) => get !== victim);
      const twice = check({ puts, gets: [...gets, late], empties });
      const unput = check({
        puts: puts.filter(({ value }) => value !== victim.value),
        gets,
        empties,
      });
      assertEquals([twice?.violation, unput?.violation], ["got twice", "got but not put"]);

      // Those that were put wholly after it and got show that it is too late or lost.
      const put = puts.find(({ value }) => value === victim.value)!;
      const isOvertaken = puts.some(({ called, value }) =>
        called > put.ended && others.some((get) => get.value === value)
      );
      for (const left of [[...others, late], others]) {
        const violation = check({ puts, gets: left, empties: [] })?.violation;
        assertEquals(violation, isOvertaken ? "got out of order" : undefined);
        assertEquals(check({ puts, gets: left, empties: [] }, false), undefined);
      }
      const during = { called: put.ended + 0.1, ended: put.ended + 0.2 };
      const wrong = check({ puts, gets: others, empties: [during] }, false);
      assertEquals(wrong?.violation, "empty while something was inside");
    }
    return Promise.resolve();
  });
});

Deno.test("check() takes long histories", () => {
  const history = realHistory(new Random(1), 300_000);

  const start = performance.now();
  const finding = check(history);

  assert(finding === undefined, finding?.details);
  // Where it took the square of their length it would be minutes.
  assertLess(performance.now() - start, 20_000);
});
