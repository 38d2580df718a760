// Copyright 2026 the Weft authors. MIT license.

import type { Transition } from "./choices.ts";
import type { Operation } from "./memory.ts";
import type { Entry } from "./point.ts";
import {
  type ActorState,
  isAbort,
  isInterval,
  isKnownTo,
  isStuck,
  isTimer,
  knownTo,
  setWord,
  type Sleep,
  type State,
  wordOf,
} from "./state.ts";

/** Words that are known and yet read again one by one; after so many in a row it is a spin, which is one step. */
const mostStutter = 4;

/** The state that a transition makes of another. */
export class Step {
  readonly after: { -readonly [K in keyof State]: State[K] };
  readonly #before: State;
  readonly #words: number[];
  readonly #actors: ActorState[];
  readonly #tokens: readonly number[];

  constructor(before: State, tokens: readonly number[]) {
    this.#before = before;
    this.#words = [...before.words];
    this.#actors = [...before.actors];
    this.#tokens = tokens;
    this.after = { ...before, words: this.#words, actors: this.#actors };
  }

  take(transition: Transition): void {
    const { actor: i, kind, what } = transition;
    const actor = this.#before.actors[i]!;
    const { after } = this;
    switch (kind) {
      case "late":
        after.timeouts--;
        after.last = i;
        return this.#answer(i, "late");
      case "spurious":
        after.spurious--;
        if (what === undefined) return this.#answer(i, "ok");
        return this.#change(i, { sleeps: woken(actor.sleeps, Number(what)) });
      case "timeout":
        this.#spendTimeout(i);
        return this.#answer(i, "timed-out");
      case "death":
        after.deaths--;
        return this.#change(i, { life: "dead", sleeps: [], handOns: [] });
      case "event": {
        if (isAbort(what!)) after.aborts--;
        else if (isTimer(what!) || isInterval(what!)) this.#spendTimeout(i);
        else after.last = i;
        const sleeps = actor.sleeps.filter(({ id }) => what !== `sleep${id}`);
        return this.#answer(i, { event: what! }, { sleeps });
      }
      case "handOn":
        after.last = i;
        this.#wake(transition);
        return this.#change(i, {
          handOns: actor.handOns.toSpliced(actor.handOns.indexOf(Number(what)), 1),
        });
      case "step":
        after.last = i;
        return this.#operate(i, actor.point.next!, transition);
    }
  }

  #operate(i: number, next: Operation, transition: Transition): void {
    const actor = this.#actors[i]!;
    if (!isKnownTo(this.#words, actor)) this.#change(i, { stutter: 0 });
    else if (actor.stutter < mostStutter) this.#change(i, { stutter: actor.stutter + 1 });
    else return this.#answer(i, { words: knownTo(this.#words, actor) });
    switch (next.kind) {
      case "load":
        return this.#answer(i, this.#look(i, next.index));
      case "store":
        this.#write(next.index, next.value);
        return this.#answer(i, 0);
      case "add":
      case "exchange": {
        const before = wordOf(this.#words, next.index);
        this.#write(next.index, next.kind === "add" ? before + next.value : next.value);
        return this.#answer(i, before);
      }
      case "compareExchange": {
        const before = this.#look(i, next.index);
        if (before === (next.expected | 0)) this.#write(next.index, next.value);
        return this.#answer(i, before);
      }
      case "wait":
        if (!this.#has(next.index, next.expected)) return this.#answer(i, "not-equal");
        if (next.timeout <= 0) return this.#answer(i, "timed-out");
        return this.#change(i, { life: "sleeps" });
      case "waitAsync": {
        if (!this.#has(next.index, next.expected)) return this.#answer(i, "not-equal");
        const sleep = { id: next.id, index: next.index, woken: false };
        return this.#answer(i, "sleeps", { sleeps: [...actor.sleeps, sleep] });
      }
      case "cancel": {
        const sleep = actor.sleeps.find(({ id }) => id === next.id)!;
        return this.#answer(i, "cancelled", {
          sleeps: actor.sleeps.filter((other) => other !== sleep),
          handOns: sleep.woken ? [...actor.handOns, sleep.index] : actor.handOns,
        });
      }
      case "notify":
        this.#wake(transition);
        return this.#answer(i, 0);
      case "isAlive": {
        const j = this.#tokens.indexOf(next.token);
        return this.#answer(i, j >= 0 && this.#actors[j]!.life !== "dead" ? 1 : 0);
      }
      case "now":
      case "pause":
      case "until":
        return this.#answer(i, "goes on");
    }
  }

  #spendTimeout(i: number): void {
    if (isStuck(this.#before)) this.#change(i, { lull: this.#actors[i]!.lull + 1 });
    else this.after.timeouts--;
  }

  #wake({ wakes = [] }: Transition): void {
    for (const [j, sleep] of wakes) {
      if (sleep < 0) this.#answer(j, "ok");
      else this.#change(j, { sleeps: woken(this.#actors[j]!.sleeps, sleep) });
    }
  }

  #has(index: number, expected: number): boolean {
    return wordOf(this.#words, index) === (expected | 0);
  }

  #look(i: number, index: number): number {
    this.#change(i, { read: this.#actors[i]!.read | 1n << BigInt(index) });
    return wordOf(this.#words, index);
  }

  #write(index: number, value: number): void {
    if (this.#has(index, value)) return;
    setWord(this.#words, index, value);
    const bit = 1n << BigInt(index);
    this.#actors.forEach(({ read }, j) => {
      if (read & bit) this.#change(j, { read: read & ~bit, stutter: 0 });
    });
  }

  #answer(j: number, entry: Entry, part: Partial<ActorState> = {}): void {
    this.#change(j, { life: "runs", point: this.#actors[j]!.point.after(entry), ...part });
  }

  #change(j: number, part: Partial<ActorState>): void {
    this.#actors[j] = { ...this.#actors[j]!, ...part };
  }
}

function woken(sleeps: readonly Sleep[], id: number): Sleep[] {
  return sleeps.map((sleep) => sleep.id === id ? { ...sleep, woken: true } : sleep);
}
