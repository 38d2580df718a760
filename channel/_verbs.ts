// Copyright 2026 the Weft authors. MIT license.

import type { Label } from "../sync/observer.ts";

/** What waits are called at both ends of a lane, for who observes. */
export interface Verbs {
  /** A wait for an item, such as `Queue.get`. */
  readonly take: string;
  /** A wait for room. */
  readonly put: string;
  /** Name of what it is part of, if it has one. */
  readonly name: string | undefined;
  /** The first word of what it is part of. */
  readonly index: number;
}

/** What a wait for items is called, if there are names. */
export function takeLabel(verbs: Verbs | undefined): Label | undefined {
  return verbs && { what: verbs.take, name: verbs.name, index: verbs.index };
}

/** What a wait for room is called, if there are names. */
export function putLabel(verbs: Verbs | undefined): Label | undefined {
  return verbs && { what: verbs.put, name: verbs.name, index: verbs.index };
}
