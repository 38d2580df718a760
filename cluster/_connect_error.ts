// Copyright 2026 the Weft authors. MIT license.

import { hidePassword } from "./broker_options.ts";

/** Finds the permission that is missing as the reason of an error; trying again would not help. */
export function findDenial(error: unknown): Error | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof Deno.errors.NotCapable) return at;
  }
  return undefined;
}

/** Creates the error for a server that cannot be reached. */
export function connectError(
  { url, connectTimeout }: { readonly url: URL; readonly connectTimeout: number },
  cause: unknown,
): Error {
  const server = hidePassword(url);
  const denial = findDenial(cause);
  if (denial !== undefined) {
    const message = `Cannot connect to ${server}: ${denial.message}`;
    return new Deno.errors.NotCapable(message, { cause });
  }
  const { message } = cause as Error;
  return new Error(`Cannot connect to ${server} within ${connectTimeout} ms: ${message || cause}`, {
    cause,
  });
}
