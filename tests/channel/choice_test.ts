// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals } from "@std/assert";
import { Choice } from "../../channel/_choice.ts";
import { ThreadMemory } from "../../sync/memory/thread_memory.ts";
import { Signal } from "../../sync/signal.ts";

const enough = new Error("enough");

Deno.test("Choice fails where a value cannot be offered", async () => {
  const memory = new ThreadMemory(256);
  let left = 0;
  const port = (index: number, offer: () => boolean) => ({
    signal: new Signal(memory, index),
    attempt: () => false,
    finish: () => {},
    leave: () => void left++,
    withdraw: () => false,
    offer,
  });
  const choice = new Choice([{ port: port(0, () => true) }, {
    port: port(16, () => {
      throw new RangeError("no memory");
    }),
  }].toReversed());

  const decision = await choice.wait();

  assertEquals((decision?.failure?.error as Error).message, "no memory");
  assert(left >= 2);
});

Deno.test("Choice does nothing any more when it is given up, whatever that brings about", async () => {
  const memory = new ThreadMemory(256);
  const signals = [new Signal(memory, 0), new Signal(memory, 16)] as const;
  let [isReady, taken] = [false, 0];
  const attempt = () => isReady && ++taken > 0;
  const choice = new Choice(signals.map((signal) => ({
    port: { signal, attempt, finish: () => {} },
  })));
  const decided = choice.wait();
  const controller = new AbortController();
  // Who is next in line tries, and has others try again.
  const next = signals[0].wait(() => (signals[1].serve(), false), controller);
  next.catch(() => {});
  isReady = true;

  choice.giveUp(enough);

  assertEquals([await decided, taken], [{ index: -1, failure: { error: enough } }, 0]);
  controller.abort();
  await choice.leave();
});

Deno.test("Choice passes on a wake-up for one that it has not chosen", async () => {
  const memory = new ThreadMemory(256);
  const signals = [new Signal(memory, 0), new Signal(memory, 16)] as const;
  let skipped = 0;
  const finish = () => {};
  const choice = new Choice([
    {
      port: {
        signal: signals[0],
        attempt: () => false,
        finish,
        offer: () => true,
        withdraw: () => true,
      },
    },
    { port: { signal: signals[1], attempt: () => false, finish, skip: () => void skipped++ } },
  ]);
  const decided = choice.wait();

  // It finds out that its offer was taken when it is woken for the other.
  signals[1].serve();

  assertEquals(await decided, { index: 0 });
  await choice.leave();
  assertEquals(skipped, 1);
});
