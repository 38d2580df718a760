// Copyright 2026 the Weft authors. MIT license.

import type { Mutant } from "../plant.ts";

const meeting = "channel/_meeting.ts";
const place = "channel/_meeting_place.ts";
const offers = "channel/_offers.ts";

/** Bugs of the rendezvous and of its offers. */
export const rendezvousMutants: Record<string, Mutant> = {
  "a receiver that gives up although an item was given to it": {
    file: meeting,
    from: `return mustTake && this.takeLocked();`,
    to: `return mustTake && false;`,
    scenario: "who takes gives up for good",
    within: 20_000,
  },
  "a put that gives up although its item was taken": {
    file: meeting,
    from: `    return this.withdraw();`,
    to: `    return this.withdraw() && false;`,
    scenario: "who puts gives up",
    within: 20_000,
  },
  "nobody is told of an offer": {
    file: meeting,
    from: `      place.items.wake();
    }
    return`,
    to: `    }
    return`,
    scenario: "one puts, one takes",
    within: 1000,
  },
  "nobody is told that an item was taken": {
    file: meeting,
    from: `  #tell(): void {
    this.place.room.wakeEach();`,
    to: `  #tell(): void {`,
    scenario: "one puts, one takes",
    within: 1000,
  },
  "an item is given to a receiver that has one": {
    file: place,
    from: `return this.receivers.size > this.offers.size;`,
    to: `return this.receivers.size > 0;`,
    scenario: "one tries to put twice",
    within: 1000,
  },
  "an item is given to a receiver that comes to an offer first": {
    file: place,
    from: `return this.receivers.size > this.offers.size;`,
    to: `return this.receivers.size > Number(this.offers.hasGiven);`,
    scenario: "one takes an offer or what it was given",
    within: 20_000,
  },
  "an offer that stays although it was withdrawn": {
    file: offers,
    from: `    this.#memory.store(offer.slot + stateWord, idle);
    this.#memory.store(offer.slot, 0);
    return taken;`,
    to: `    return taken;`,
    scenario: "who puts gives up",
    within: 20_000,
  },
};
