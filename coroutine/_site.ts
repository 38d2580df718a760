// Copyright 2026 the Weft authors. MIT license.

/** The most places that are remembered at once: each takes a microsecond and 300 bytes. */
const most = 4_000;
let noted = 0;

/** Where a coroutine was spawned. */
export class Site {
  readonly stack: string = "";

  // deno-lint-ignore ban-types -- what the platform takes
  constructor(below: Function) {
    Error.captureStackTrace(this, below);
  }

  /** The lines of the stack. */
  get lines(): string {
    return this.stack.slice(this.stack.indexOf("\n") + 1);
  }
}

/**
 * Notes who calls, unless there are very many coroutines.
 *
 * @param below The function whose caller that is.
 */
// deno-lint-ignore ban-types -- what the platform takes
export function noteSite(below: Function): Site | undefined {
  if (noted >= most) return undefined;
  noted++;
  return new Site(below);
}

/** Forgets a place. */
export function forgetSite(site: Site | undefined): void {
  if (site !== undefined) noted--;
}
