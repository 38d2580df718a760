// Copyright 2026 the Weft authors. MIT license.

/** Thrown through the body of an actor to stop it where it is. */
export class Suspended {}

let ignored = false;

/**
 * Lets asynchronous code that was stopped throw where nobody catches. From then on, as the platform tells
 * of a rejection at a time of its own.
 */
export function ignoreSuspended(): void {
  if (ignored) return;
  ignored = true;
  addEventListener("unhandledrejection", (event) => {
    if (event.reason instanceof Suspended) event.preventDefault();
  });
  addEventListener("error", (event) => {
    if (event.error instanceof Suspended) event.preventDefault();
  });
}
