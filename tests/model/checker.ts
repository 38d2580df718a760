// Copyright 2026 the Weft authors. MIT license.

/**
 * A model checker for what is built on `Memory`: the code itself runs, unchanged, and each operation
 * of its memory waits until a scheduler lets it go on.
 *
 * Synchronous code cannot be suspended. It is stopped by an exception and run again from its start with
 * the answers that it got before, so that an actor is an automaton: the answers so far determine what it
 * does next. Each state of it is computed once, so that whole state spaces can be searched.
 *
 * ```text
 *   memory.ts   asks for each operation        actor.ts    runs a body up to a point.ts of it
 *   state.ts    words, and each actor's point  choices.ts  what can happen next
 *   step.ts     what it makes of the state     model.ts    all this, for one scenario.ts
 *   search.ts, walk.ts, replay.ts              ways through the states
 * ```
 *
 * @module
 */

export type { Actor, Context } from "./actor.ts";
export { replay } from "./replay.ts";
export type { Budget, End, Failure, Report, Scenario } from "./scenario.ts";
export { search, type SearchOptions } from "./search.ts";
export { walk, type WalkOptions } from "./walk.ts";
