// Copyright 2026 the Weft authors. MIT license.

import type { TraceEvent } from "../record.ts";

/** Gives names to what is waited for: a Lock that has none is `Lock #2`, as the second that anybody waits for. */
export class Labels {
  readonly #numbers = new Map<string, number>();
  readonly #counts = new Map<string, number>();
  /** Number of each thing among those of its kind. */
  readonly #ranks = new Map<string, number>();

  /**
   * Names what an event is about.
   *
   * @returns Its name, and a number that is the same for the same thing; -1 if nothing tells it from others.
   */
  of(event: TraceEvent): [label: string, object: number] {
    const [kind, verb = ""] = `${event.what}`.split(".") as [string, string?];
    const object = `${event.object}`;
    const name = event.name as string | undefined;
    if (verb === "join" && name !== undefined && object !== "" && kind !== "Queue") {
      return [`join ${name}`, -1];
    }
    if (object === "") return [[kind, verb].filter(Boolean).join("."), -1];
    const number = this.#numberOf(object);
    const rank = this.#rankOf(kind, object);
    const thing = name === undefined ? `${kind} #${rank}` : `${kind} ${name}`;
    return [verb === "" ? thing : `${thing} ${verb}`, number];
  }

  #numberOf(object: string): number {
    let number = this.#numbers.get(object);
    if (number === undefined) this.#numbers.set(object, number = this.#numbers.size);
    return number;
  }

  #rankOf(kind: string, object: string): number {
    const key = `${kind} ${object}`;
    let rank = this.#ranks.get(key);
    if (rank === undefined) {
      rank = (this.#counts.get(kind) ?? 0) + 1;
      this.#counts.set(kind, rank);
      this.#ranks.set(key, rank);
    }
    return rank;
  }
}
