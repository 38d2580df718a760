// Copyright 2026 the Weft authors. MIT license.

import { Event } from "../sync/event.ts";
import { unwatch, watch } from "../sync/settlement.ts";
import { checkTimeout, startTimer } from "../sync/wait.ts";
import type { Chance } from "./_choice.ts";
import { type Port, receiving, sending, type Sink, type Source } from "./_port.ts";

/**
 * Makes what a case of `select` is waited for with.
 *
 * @throws {TypeError} If it is none.
 * @throws {RangeError} If its time is negative or not a number.
 * @throws {DOMException} Named `DataCloneError`, if its value cannot be cloned.
 */
export function chanceOf(theCase: unknown, index: number): Chance {
  if (typeof theCase === "object" && theCase !== null) {
    if (receiving in theCase) return { port: (theCase as Source<unknown>)[receiving]() };
    if (theCase instanceof Event) return eventChance(theCase);
    if ("then" in theCase) return promiseChance(theCase as PromiseLike<unknown>);
    if ("send" in theCase) return { port: sendPort(theCase as { send: unknown; value?: unknown }) };
    if ("after" in theCase) return timerChance(theCase.after as number);
  }
  throw new TypeError(
    `Cannot select case ${index} as it is none of a channel, queue, connection, event, promise, ` +
      `{ send, value } and { after }: current value is ${Deno.inspect(theCase)}`,
  );
}

function sendPort({ send, value }: { send: unknown; value?: unknown }): Port<void> {
  if (typeof send === "object" && send !== null && sending in send) {
    return (send as Sink<unknown>)[sending](value);
  }
  throw new TypeError(
    `Cannot send as the target is no channel, queue or connection: current value is ${
      Deno.inspect(send)
    }`,
  );
}

function eventChance(event: Event): Chance {
  return {
    hasCome: () => event.isSet,
    watch: (come) => {
      const controller = new AbortController();
      const waited = event.wait({ signal: controller.signal }).then(come, () => {});
      return () => {
        controller.abort();
        return waited;
      };
    },
    value: () => undefined,
  };
}

function promiseChance(promise: PromiseLike<unknown>): Chance {
  return {
    hasCome: () => {
      let settled = false;
      const note = () => {
        settled = true;
      };
      watch(promise, note);
      unwatch(promise, note);
      return settled;
    },
    watch: (come) => {
      watch(promise, come);
      return () => unwatch(promise, come);
    },
    value: () => promise,
  };
}

function timerChance(milliseconds: number): Chance {
  const delay = checkTimeout(milliseconds);
  return {
    hasCome: () => delay === 0,
    watch: (come) => startTimer(delay, come),
    value: () => undefined,
  };
}
