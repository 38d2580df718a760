// Copyright 2026 the Weft authors. MIT license.

import type { Actor } from "./actor.ts";

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
  /** Words that do not begin with 0. */
  readonly initial?: Readonly<Record<number, number>>;
  readonly actors: readonly Actor[];
  readonly budget?: Budget;
  /**
   * Whether waits may have to run out for the others to go on, as when nobody releases. They may after a
   * death in any case.
   */
  readonly patient?: boolean;
  /** Whether no wait runs out again, as nobody can go on, before those of all others have. */
  readonly even?: boolean;
  /** Switches away from an actor that could go on that a search needs at most. */
  readonly preemptions?: number;
  /** Outcomes that a search must see, lest it never comes to what the scenario is for. */
  readonly outcomes?: readonly string[];
  /** Looks at the tallies of those alive, and at the words, after each step; gives what is wrong. */
  readonly invariant?: (
    total: (name: string) => number,
    word: (index: number) => number,
  ) => string | undefined;
  /** Looks at a state in which everybody has ended; gives what is wrong. */
  readonly final?: (end: End) => string | undefined;
}

export interface End {
  /** How many actors there are. */
  readonly actors: number;
  /** What is in a word. */
  readonly word: (index: number) => number;
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
