// Copyright 2026 the Weft authors. MIT license.

/**
 * A model checker for what is built on `Memory`: the code itself runs, unchanged, and each operation
 * of its memory waits until a scheduler lets it go on.
 *
 * Synchronous code cannot be suspended. It is stopped by an exception and run again from its start with
 * the answers that it got before, so that an actor is an automaton: the answers so far determine what it
 * does next. Each state of it is computed once, so that whole state spaces can be searched.
 *
 * @module
 */

import { type Actor, type Entry, explore, knownAnswer, Point, Suspended } from "./actor.ts";
import type { Operation } from "./memory.ts";

export type { Actor, Context } from "./actor.ts";

/** How often the scheduler may interfere in one schedule. */
export interface Budget {
  /** Waits whose time runs out although others can run, and `late` actors whose time is over. */
  readonly timeouts?: number;
  /** Waits that end for no reason. */
  readonly spurious?: number;
  /** Actors that die. */
  readonly deaths?: number;
  /** Signals that abort. */
  readonly aborts?: number;
}

export interface Scenario {
  readonly name: string;
  /** Number of words. */
  readonly length?: number;
  /** Words that do not begin with 0. */
  readonly initial?: Readonly<Record<number, number>>;
  readonly actors: readonly Actor[];
  readonly budget?: Budget;
  /**
   * Whether waits may have to run out for the others to go on, as when nobody releases. They may after a
   * death in any case.
   */
  readonly patient?: boolean;
  /** Looks at the tallies of those alive after each step; gives what is wrong. */
  readonly invariant?: (total: (name: string) => number) => string | undefined;
  /** Looks at a state in which everybody has ended; gives what is wrong. */
  readonly final?: (end: End) => string | undefined;
}

export interface End {
  readonly words: readonly number[];
  /** The tally of an actor. */
  readonly count: (actor: number, name: string) => number;
  /** The tally of all. */
  readonly total: (name: string) => number;
  readonly dead: (actor: number) => boolean;
}

/** What a search has found. */
export interface Report {
  /** Schedules that came to an end, or to a state seen before. */
  readonly schedules: number;
  readonly states: number;
  readonly failure?: Failure;
  /** Whether it ended as it had reached its limit. */
  readonly cut: boolean;
  /** The tallies of all, as they were at the ends of schedules. */
  readonly outcomes: ReadonlySet<string>;
}

export interface Failure {
  readonly reason: string;
  /** What `replay` takes. */
  readonly schedule: string;
}

type Life = "runs" | "sleeps" | "ended" | "dead";

interface Sleep {
  readonly id: number;
  readonly index: number;
  readonly woken: boolean;
}

interface ActorState {
  readonly point: Point;
  readonly life: Life;
  /** Waits of its event loop. */
  readonly sleeps: readonly Sleep[];
  /** Words that it has read since any word changed. */
  readonly read: number;
  /** Loads of such words since then. */
  readonly stutter: number;
  /** Words whose wake-ups it has to hand on. */
  readonly handOns: readonly number[];
}

interface State {
  readonly words: readonly number[];
  readonly actors: readonly ActorState[];
  /** Who ran last. */
  readonly last: number;
  readonly timeouts: number;
  readonly spurious: number;
  readonly deaths: number;
  readonly aborts: number;
  /** Waits that ran out since any word changed, as nobody could run. */
  readonly lull: number;
}

interface Transition {
  readonly label: string;
  readonly actor: number;
  readonly kind: "step" | "late" | "spurious" | "timeout" | "death" | "event" | "handOn";
  /** The event, or the sleep it is about. */
  readonly what?: string;
  /** Those that a notify wakes. */
  readonly wakes?: readonly (readonly [actor: number, sleep: number])[];
  /** Whether it takes the turn of an actor that could go on. */
  readonly preempts: boolean;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const letters = "ABCDEFGH";

class Model {
  readonly #scenario: Scenario;
  readonly #roots: readonly Point[];
  readonly #length: number;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#length = scenario.length ?? 16;
    this.#roots = scenario.actors.map(() => new Point());
  }

  async start(): Promise<State> {
    const { initial, budget = {} } = this.#scenario;
    const words = new Array<number>(this.#length).fill(0);
    for (const [index, value] of Object.entries(initial ?? {})) words[Number(index)] = value | 0;
    const state: State = {
      words,
      actors: this.#roots.map((point) => ({
        point,
        life: "runs",
        sleeps: [],
        read: 0,
        stutter: 0,
        handOns: [],
      })),
      last: -1,
      timeouts: budget.timeouts ?? 0,
      spurious: budget.spurious ?? 0,
      deaths: budget.deaths ?? 0,
      aborts: budget.aborts ?? 0,
      lull: 0,
    };
    return await this.#settle(state);
  }

  key(state: State): string {
    let key = `${state.words}|${state.last}|${state.timeouts},${state.spurious},${state.deaths},` +
      `${state.aborts},${state.lull}`;
    for (const { point, life, sleeps, read, stutter, handOns } of state.actors) {
      key += `|${point.id}${life[0]}${life[1]}${read},${stutter}`;
      for (const { id, woken } of sleeps) key += `;${id}${woken ? "w" : ""}`;
      if (handOns.length > 0) key += `:${handOns}`;
    }
    return key;
  }

  /** What can happen next. */
  next(state: State): Transition[] {
    const progress: Transition[] = [];
    const interference: Transition[] = [];
    const { last } = state;
    const lastCanGoOn = last >= 0 && this.#canGoOn(state, last);
    state.actors.forEach((actor, i) => {
      const preempts = lastCanGoOn && last !== i;
      const name = letters[i]!;
      const add = (transition: Omit<Transition, "actor" | "preempts">) => {
        progress.push({ ...transition, actor: i, preempts });
      };
      if (actor.life === "runs" && !this.#spins(state, actor)) {
        const next = actor.point.next;
        if (next === undefined) {
          for (const { id, woken } of actor.sleeps) {
            if (woken) add({ label: `${name}:sleep${id}`, kind: "event", what: `sleep${id}` });
          }
          for (const event of actor.point.events) {
            if (event.startsWith("turn")) {
              add({ label: `${name}:${event}`, kind: "event", what: event });
            }
          }
        } else if (next.kind === "notify") {
          for (const wakes of choose(sleepers(state, next.index), next.count)) {
            const names = wakes.map(([j, sleep]) => `${letters[j]}${sleep < 0 ? "" : sleep}`);
            add({
              label: names.length > 0 ? `${name}>${names.join("")}` : name,
              kind: "step",
              wakes,
            });
          }
        } else {
          add({ label: name, kind: "step" });
          if (next.kind === "now" && state.timeouts > 0) add({ label: `${name}+`, kind: "late" });
        }
      }
      actor.handOns.forEach((index) => {
        if (actor.point.next !== undefined) return;
        for (const wakes of choose(sleepers(state, index), 1)) {
          const names = wakes.map(([j, sleep]) => `${letters[j]}${sleep < 0 ? "" : sleep}`);
          add({
            label: `${name}^${index}>${names.join("")}`,
            kind: "handOn",
            what: `${index}`,
            wakes,
          });
        }
      });
    });

    // With nobody left to run, waits that run out are the only way on.
    const stuck = progress.length === 0;
    const patient = this.#scenario.patient || state.actors.some(({ life }) => life === "dead");
    const sleeping = state.actors.filter(({ life, sleeps }) =>
      life === "sleeps" || sleeps.length > 0
    );
    const runOut = stuck ? patient && state.lull < 4 * sleeping.length : state.timeouts > 0;
    if (stuck && !runOut) return [];
    state.actors.forEach((actor, i) => {
      const name = letters[i]!;
      const add = (transition: Omit<Transition, "actor" | "preempts">) => {
        interference.push({ ...transition, actor: i, preempts: false });
      };
      if (actor.life === "sleeps") {
        if (runOut) add({ label: `${name}%`, kind: "timeout" });
        if (state.spurious > 0) add({ label: `${name}?`, kind: "spurious" });
      }
      if (actor.life === "runs" && actor.point.next === undefined) {
        for (const { id, woken } of actor.sleeps) {
          if (woken || state.spurious === 0) continue;
          add({ label: `${name}?${id}`, kind: "spurious", what: `${id}` });
        }
        for (const event of actor.point.events) {
          const abort = event.startsWith("abort");
          if (abort ? state.aborts === 0 : !/^(timer|interval)/.test(event) || !runOut) continue;
          add({ label: `${name}:${event}`, kind: "event", what: event });
        }
      }
      const alive = actor.life === "runs" || actor.life === "sleeps";
      if (alive && state.deaths > 0 && this.#scenario.actors[i]!.mortal) {
        add({ label: `${name}!`, kind: "death" });
      }
    });
    // Who ran last goes on first, so that the first schedules are those of fewest switches.
    progress.sort((a, b) => Number(a.preempts) - Number(b.preempts));
    return [...progress, ...interference];
  }

  #canGoOn(state: State, i: number): boolean {
    const actor = state.actors[i]!;
    if (actor.life !== "runs") return false;
    if (actor.point.next === undefined) return false;
    return actor.stutter === 0 || this.#known(state, actor) === undefined;
  }

  /** Whether it would only read again, for ever, what it has read. */
  #spins(state: State, actor: ActorState): boolean {
    return actor.point.endless && this.#known(state, actor) !== undefined;
  }

  /** The words that it knows, if it is about to read one of them again. */
  #known(state: State, { point, read }: ActorState): Map<number, number> | undefined {
    if (point.next === undefined || read === 0) return undefined;
    const words = new Map<number, number>();
    for (let index = 0; index < this.#length; index++) {
      if (read & (1 << index)) words.set(index, state.words[index]!);
    }
    return knownAnswer(point.next, words) === undefined ? undefined : words;
  }

  /** The state after a transition. */
  async apply(state: State, transition: Transition): Promise<State> {
    const after: Mutable<State> & { words: number[]; actors: ActorState[] } = {
      ...state,
      words: [...state.words],
      actors: [...state.actors],
    };
    const { actor: i, kind, what } = transition;
    const actor = state.actors[i]!;
    const change = (j: number, part: Partial<ActorState>) => {
      after.actors[j] = { ...after.actors[j]!, ...part };
    };
    const answer = (j: number, entry: Entry, part: Partial<ActorState> = {}) => {
      change(j, { life: "runs", point: after.actors[j]!.point.after(entry), ...part });
    };
    const wake = () => {
      for (const [j, sleep] of transition.wakes ?? []) {
        if (sleep < 0) answer(j, "ok");
        else change(j, { sleeps: mark(after.actors[j]!.sleeps, sleep) });
      }
    };
    const write = (index: number, value: number) => {
      if (after.words[index] === value) return;
      after.words[index] = value;
      after.lull = 0;
      after.actors.forEach((_, j) => change(j, { read: 0, stutter: 0 }));
    };

    switch (kind) {
      case "late":
        after.timeouts--;
        after.last = i;
        answer(i, "late");
        break;
      case "spurious":
        after.spurious--;
        if (what === undefined) answer(i, "ok");
        else change(i, { sleeps: mark(actor.sleeps, Number(what)) });
        break;
      case "timeout":
        this.#spend(state, after);
        answer(i, "timed-out");
        break;
      case "death":
        after.deaths--;
        change(i, { life: "dead", sleeps: [], handOns: [] });
        break;
      case "event":
        if (what!.startsWith("abort")) after.aborts--;
        else if (/^(timer|interval)/.test(what!)) this.#spend(state, after);
        else after.last = i;
        answer(i, { event: what! }, {
          sleeps: actor.sleeps.filter(({ id }) => what !== `sleep${id}`),
        });
        break;
      case "handOn":
        after.last = i;
        wake();
        change(i, { handOns: actor.handOns.toSpliced(actor.handOns.indexOf(Number(what)), 1) });
        break;
      case "step":
        after.last = i;
        this.#step(after, i, actor.point.next!, { answer, change, wake, write });
    }
    return await this.#settle(after);
  }

  #spend(state: State, after: Mutable<State>): void {
    if (this.#stuck(state)) after.lull++;
    else after.timeouts--;
  }

  #stuck(state: State): boolean {
    return state.actors.every((actor) => {
      if (actor.handOns.some((index) => sleepers(state, index).length > 0)) return false;
      if (actor.life !== "runs" || this.#spins(state, actor)) return true;
      if (actor.point.next !== undefined) return false;
      return !actor.sleeps.some(({ woken }) => woken) &&
        !actor.point.events.some((event) => event.startsWith("turn"));
    });
  }

  #step(
    after: Mutable<State> & { words: number[] },
    i: number,
    next: Operation,
    { answer, change, wake, write }: {
      answer: (j: number, entry: Entry, part?: Partial<ActorState>) => void;
      change: (j: number, part: Partial<ActorState>) => void;
      wake: () => void;
      write: (index: number, value: number) => void;
    },
  ): void {
    const actor = after.actors[i]!;
    const known = this.#known(after, actor);
    if (known !== undefined) {
      if (actor.stutter > 0) return answer(i, { words: known });
      change(i, { stutter: 1 });
    }
    const look = (index: number) => {
      change(i, { read: after.actors[i]!.read | (1 << index) });
      return after.words[index]!;
    };
    switch (next.kind) {
      case "load":
        return answer(i, look(next.index));
      case "store":
        write(next.index, next.value | 0);
        return answer(i, 0);
      case "add":
      case "exchange": {
        const before = after.words[next.index]!;
        write(next.index, (next.kind === "add" ? before + next.value : next.value) | 0);
        return answer(i, before);
      }
      case "compareExchange": {
        const before = look(next.index);
        if (before === (next.expected | 0)) write(next.index, next.value | 0);
        return answer(i, before);
      }
      case "wait":
        if (after.words[next.index] !== (next.expected | 0)) return answer(i, "not-equal");
        if (next.timeout <= 0) return answer(i, "timed-out");
        return change(i, { life: "sleeps" });
      case "waitAsync": {
        if (after.words[next.index] !== (next.expected | 0)) return answer(i, "not-equal");
        const sleep = { id: next.id, index: next.index, woken: false };
        return answer(i, "sleeps", { sleeps: [...actor.sleeps, sleep] });
      }
      case "cancel": {
        const sleep = actor.sleeps.find(({ id }) => id === next.id)!;
        return answer(i, "cancelled", {
          sleeps: actor.sleeps.filter((other) => other !== sleep),
          handOns: sleep.woken ? [...actor.handOns, sleep.index] : actor.handOns,
        });
      }
      case "notify":
        wake();
        return answer(i, 0);
      case "isAlive": {
        const j = after.actors.findIndex((_, j) => this.#token(j) === next.token);
        return answer(i, j >= 0 && after.actors[j]!.life !== "dead" ? 1 : 0);
      }
      case "now":
      case "pause":
        return answer(i, "goes on");
    }
  }

  #token(i: number): number {
    return this.#scenario.actors[i]!.token ?? i + 1;
  }

  /** Lets those that have got answers say what they do next. */
  async #settle(state: State): Promise<State> {
    const actors = state.actors as ActorState[];
    for (let i = 0; i < actors.length; i++) {
      const { point } = actors[i]!;
      if (!point.ready) {
        const pending = explore(this.#scenario.actors[i]!, this.#length, this.#token(i), point);
        if (pending !== undefined) await pending;
      }
      const { life } = actors[i]!;
      if (life === "runs" && point.ended && point.next === undefined) {
        if (actors[i]!.sleeps.every(({ woken }) => !woken)) {
          actors[i] = { ...actors[i]!, life: "ended" };
        }
      }
    }
    return state;
  }

  /** What is wrong with a state. */
  wrong(state: State): string | undefined {
    for (let i = 0; i < state.actors.length; i++) {
      const { point } = state.actors[i]!;
      if (point.failed) return `${letters[i]} has thrown ${point.error}`;
    }
    return this.#scenario.invariant?.((name) => {
      let total = 0;
      for (const { point, life } of state.actors) {
        if (life !== "dead") total += point.counts.get(name) ?? 0;
      }
      return total;
    });
  }

  /** What is wrong with a state after which nothing can happen. */
  wrongAtEnd(state: State): string | undefined {
    const { actors, words } = state;
    const left = actors.flatMap(({ life }, i) => life === "runs" || life === "sleeps" ? [i] : []);
    if (left.length > 0) {
      const who = left.map((i) => `${letters[i]} at ${describe(actors[i]!.point.next)}`);
      const spins = left.some((i) => actors[i]!.point.endless);
      return `${spins ? "livelock" : "deadlock"}: ${who.join(", ")}; ${show(words)}`;
    }
    for (let i = 0; i < actors.length; i++) {
      if (actors[i]!.life === "dead") continue;
      const rest = actors[i]!.point.events;
      if (rest.some((event) => !event.startsWith("abort"))) return `${letters[i]} has left ${rest}`;
    }
    return this.#scenario.final?.({
      words,
      count: (i, name) => actors[i]!.point.counts.get(name) ?? 0,
      total: (name) => {
        return actors.reduce((sum, { point }) => sum + (point.counts.get(name) ?? 0), 0);
      },
      dead: (i) => actors[i]!.life === "dead",
    });
  }

  /** The tallies and the deaths of an end. */
  outcome({ actors }: State): string {
    return actors.map(({ point, life }, i) => {
      const counts = [...point.counts].filter(([, count]) => count !== 0);
      return `${letters[i]}${life === "dead" ? "!" : ""}(${
        counts.map(([name, count]) => `${name} ${count}`).sort().join(", ")
      })`;
    }).join(" ");
  }
}

/** Those who sleep on a word. */
function sleepers({ actors }: State, index: number): (readonly [number, number])[] {
  return actors.flatMap(({ life, point, sleeps }, i): (readonly [number, number])[] => {
    const next = point.next;
    if (life === "sleeps" && next?.kind === "wait" && next.index === index) return [[i, -1]];
    return sleeps.filter((sleep) => sleep.index === index && !sleep.woken)
      .map(({ id }) => [i, id] as const);
  });
}

function mark(sleeps: readonly Sleep[], id: number): Sleep[] {
  return sleeps.map((sleep) => sleep.id === id ? { ...sleep, woken: true } : sleep);
}

/** Every choice of some of them. */
function choose<T>(from: readonly T[], count: number): T[][] {
  if (count >= from.length) return [[...from]];
  if (count <= 0) return [[]];
  const [first, ...rest] = from;
  return [...choose(rest, count - 1).map((chosen) => [first!, ...chosen]), ...choose(rest, count)];
}

function describe(operation: Operation | undefined): string {
  if (operation === undefined) return "its event loop";
  const { kind, ...rest } = operation;
  return `${kind}(${Object.values(rest)})`;
}

/** The words that are not 0. */
function show(words: readonly number[]): string {
  const shown = words.flatMap((value, index) => value === 0 ? [] : `${index} = ${value}`);
  return `words ${shown.length === 0 ? "all 0" : shown.join(", ")}`;
}

/** How far a search goes. */
export interface SearchOptions {
  /** Switches away from an actor that could go on, at most, in one schedule. */
  readonly preemptions?: number;
  /** Schedules at most. */
  readonly limit?: number;
}

/** Searches every schedule, those with few switches first. */
export async function search(scenario: Scenario, options: SearchOptions = {}): Promise<Report> {
  const { preemptions = Infinity, limit = Infinity } = options;
  await using _quiet = ignoreSuspended();
  const model = new Model(scenario);
  const outcomes = new Set<string>();
  const start = await model.start();
  let schedules = 0;
  let states = 0;
  for (let bound = preemptions === Infinity ? Infinity : 0; bound <= preemptions; bound++) {
    const seen = new Map([[model.key(start), bound]]);
    const stack = [{ state: start, transitions: model.next(start), at: 0, left: bound, label: "" }];
    const fail = (reason: string) => {
      const schedule = stack.map(({ label }) => label).join(" ").trim();
      return {
        schedules,
        states: states + seen.size,
        cut: false,
        outcomes,
        failure: { reason, schedule },
      };
    };
    while (stack.length > 0) {
      const frame = stack.at(-1)!;
      const transition = frame.transitions[frame.at++];
      if (transition === undefined) {
        stack.pop();
        continue;
      }
      const left = frame.left - Number(transition.preempts);
      if (left < 0) continue;
      const state = await model.apply(frame.state, transition);
      const transitions = model.next(state);
      stack.push({ state, transitions, at: 0, left, label: transition.label });
      const wrong = model.wrong(state) ??
        (transitions.length === 0 ? model.wrongAtEnd(state) : undefined);
      if (transitions.length === 0) outcomes.add(model.outcome(state));
      if (wrong !== undefined) return { ...fail(wrong), schedules: schedules + 1 };
      const key = model.key(state);
      const known = seen.get(key);
      if (known === undefined || known < left) seen.set(key, left);
      if (transitions.length > 0 && (known === undefined || known < left)) continue;
      stack.pop();
      if (++schedules >= limit) {
        return { schedules, states: states + seen.size, cut: true, outcomes };
      }
    }
    states += seen.size;
    if (bound === Infinity) break;
  }
  return { schedules, states, cut: false, outcomes };
}

/** Goes through schedules that chance takes. */
export async function walk(
  scenario: Scenario,
  options: { readonly seed: number; readonly runs: number },
): Promise<Report> {
  await using _quiet = ignoreSuspended();
  const model = new Model(scenario);
  const random = randomOf(options.seed);
  const outcomes = new Set<string>();
  const seen = new Set<string>();
  const start = await model.start();
  for (let schedules = 1; schedules <= options.runs; schedules++) {
    const labels: string[] = [];
    let state = start;
    for (;;) {
      const transitions = model.next(state);
      const ended = transitions.length === 0;
      const reason = model.wrong(state) ?? (ended ? model.wrongAtEnd(state) : undefined) ??
        (labels.length > 5000 ? "livelock: no end after 5,000 steps" : undefined);
      if (reason !== undefined) {
        const failure = { reason, schedule: labels.join(" ") };
        return { schedules, states: seen.size, cut: false, outcomes, failure };
      }
      if (ended) break;
      // To go on is likelier than a switch, and what interferes is rare.
      const weights = transitions.map(({ kind, preempts }) => {
        if (kind === "step" || kind === "event" || kind === "handOn") return preempts ? 3 : 6;
        return 1;
      });
      let at = random() * weights.reduce((sum, weight) => sum + weight, 0);
      const transition = transitions.find((_, i) => (at -= weights[i]!) < 0) ?? transitions[0]!;
      labels.push(transition.label);
      state = await model.apply(state, transition);
      seen.add(model.key(state));
    }
    outcomes.add(model.outcome(state));
  }
  return { schedules: options.runs, states: seen.size, cut: false, outcomes };
}

/** Goes through one schedule, and tells what it comes to, step by step. */
export async function replay(
  scenario: Scenario,
  schedule: string,
): Promise<{ readonly reason: string | undefined; readonly steps: readonly string[] }> {
  await using _quiet = ignoreSuspended();
  const model = new Model(scenario);
  let state = await model.start();
  const steps: string[] = [];
  for (const label of schedule.split(" ").filter((label) => label !== "")) {
    const transition = model.next(state).find((transition) => transition.label === label);
    if (transition === undefined) throw new Error(`Cannot replay as ${label} is not possible here`);
    const { next } = state.actors[transition.actor]!.point;
    state = await model.apply(state, transition);
    const what = transition.kind === "step" ? describe(next) : transition.kind;
    steps.push(`${label}: ${what}; ${show(state.words)}`);
  }
  const ended = model.next(state).length === 0;
  return { reason: model.wrong(state) ?? (ended ? model.wrongAtEnd(state) : undefined), steps };
}

/** Numbers from 0 to 1 that a seed determines (mulberry32). */
function randomOf(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Lets asynchronous code that was stopped throw where nobody catches. */
function ignoreSuspended(): AsyncDisposable {
  const onRejection = (event: PromiseRejectionEvent) => {
    if (event.reason instanceof Suspended) event.preventDefault();
  };
  const onError = (event: ErrorEvent) => {
    if (event.error instanceof Suspended) event.preventDefault();
  };
  addEventListener("unhandledrejection", onRejection);
  addEventListener("error", onError);
  return {
    [Symbol.asyncDispose]: async () => {
      // The platform tells of a rejection when the event loop turns.
      await new Promise((resolve) => setTimeout(resolve));
      removeEventListener("unhandledrejection", onRejection);
      removeEventListener("error", onError);
    },
  };
}
