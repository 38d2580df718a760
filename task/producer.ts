// Copyright 2026 the Weft authors. MIT license.

/*
 * How a subclass of `Future` that makes its results itself tells what comes of them: by methods, since three functions
 * for each future would be most of what it costs.
 */

/** Stands in place of an executor. */
export const bare: unique symbol = Symbol("bare");

/** Key of the method that marks a future as running; tells whether it is not done. */
export const start: unique symbol = Symbol("start");

/** Key of the method that gives a future its value, which is no promise. */
export const fulfill: unique symbol = Symbol("fulfill");

/** Key of the method that gives a future its error. */
export const fail: unique symbol = Symbol("fail");

/** Key of the method that marks a future as cancelled. */
export const markCancelled: unique symbol = Symbol("markCancelled");
