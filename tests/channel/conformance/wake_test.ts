// Copyright 2026 the Weft authors. MIT license.

/*
 * That whoever waits is woken: who was forgotten finds out for himself after a tenth of a second, which no other
 * test would notice. Here it would happen again and again.
 */

import { assertEquals } from "@std/assert";
import { Barrier, Event, SharedArray } from "../../../sync/mod.ts";
import { answer, takeAndMeet, waitForClosing } from "../../fixtures/queue_wake_tasks.ts";
import { join, scopes, spawn, watch } from "../../sync/stress/_helpers.ts";
import { comesTo, isMain, kinds } from "./_harness.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

/** How often each waits. */
const rounds = 120;
/** Seconds within which all is done: with wake-ups it takes half of one, without them ten. */
const limit = 6;

for (const kind of kinds) {
  for (const scope of isMain(kind) ? scopes : scopes.slice(1)) {
    for (const isSync of [true, false]) {
      const form = isSync ? "sync" : "async";
      const where = `(${scope}, ${form})`;

      Deno.test(`${kind.name} wakes who waits for an item ${where}`, async () => {
        const [questions, answers] = [0, 1].map(() => kind.create<number>({ scope }));
        const unit = spawn(scope, answer, questions!, answers!, isSync);

        const talk = async () => {
          for (let i = 0; i < rounds; i++) {
            await questions!.put(i);
            assertEquals(isSync ? answers!.getSync() : await answers!.get(), i);
          }
        };
        await talkFirst(questions!, answers!);
        await watchAll(talk(), [unit]);
        questions!.close();
        await join([unit], 60, []);
      });

      Deno.test(`${kind.name} wakes each of those who wait for an item ${where}`, async () => {
        const queue = kind.create<number>({ scope });
        const met = new Barrier(4, { scope });
        const units = [0, 1, 2].map(() =>
          spawn(scope, takeAndMeet, queue, met, rounds + 1, isSync)
        );

        const round = async (isBurst: boolean) => {
          // So that all sleep by then; those who have got theirs do not wait for more.
          await new Promise((resolve) => setTimeout(resolve, 2));
          for (let n = 0; n < 3; n++) {
            queue.putSync(n);
            if (!isBurst) await new Promise((resolve) => setTimeout(resolve, 1));
          }
          await met.wait();
        };
        const all = async () => {
          for (let i = 0; i < rounds; i++) await round(i % 2 === 0);
        };
        await round(true);
        await watchAll(all(), units);
        await join(units, 60, []);
      });

      Deno.test(`${kind.name} wakes who waits for room ${where}`, async () => {
        const questions = kind.create<number>({ scope });
        const answers = kind.create<number>({ scope, maxSize: 1 });
        const unit = spawn(scope, answer, questions, answers, isSync);
        await talkFirst(questions, answers);
        for (let i = 0; i < rounds; i++) questions.putSync(1);

        const talk = async () => {
          for (let i = 0; i < rounds; i++) {
            // So that it waits for room by then.
            if (i % 2 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
            assertEquals(isSync ? answers.getSync() : await answers.get(), 1);
          }
        };
        await watchAll(talk(), [unit]);
        questions.close();
        await join([unit], 60, []);
      });

      for (const what of isMain(kind) ? (["put", "get"] as const) : []) {
        Deno.test(`${kind.name}.close() wakes who waits in ${what}() ${where}`, async () => {
          const queues = Array.from({ length: rounds }, () => {
            return kind.create<number>({ scope, maxSize: 1 });
          });
          if (what === "put") { for (const queue of queues) queue.putSync(1); }
          const at = new SharedArray("i32", 1, { scope });
          const unit = spawn(scope, waitForClosing, queues, what, isSync, at);
          await comesTo("it has started", () => Atomics.load(at.view, 0) === 1);

          const closeEach = async () => {
            for (const [i, queue] of queues.entries()) {
              while (Atomics.load(at.view, 0) < i + 1) await new Promise((r) => setTimeout(r, 0));
              // So that it sleeps by then.
              await new Promise((resolve) => setTimeout(resolve, 1));
              queue.close();
            }
          };
          await watchAll(closeEach(), [unit]);
          await join([unit], 60, []);
        });
      }
    }
  }
}

/** Waits until the other side has started. */
async function talkFirst(
  questions: { put(item: number): Promise<void> },
  answers: { get(): Promise<number> },
): Promise<void> {
  await questions.put(-1);
  await answers.get();
}

function watchAll(talk: Promise<void>, units: Parameters<typeof join>[0]): Promise<void> {
  return watch(talk, limit, { units });
}
