// Copyright 2026 the Weft authors. MIT license.

import { startTimer } from "../sync/wait.ts";
import type { RedisClient, RedisPackage } from "./_cluster_types.ts";
import { loadPackage } from "./_npm.ts";

/** Milliseconds between two tries to connect again, at most. */
const longestPause = 2000;

/** Milliseconds that closing a connection may take. */
const closeTime = 1000;

/** Milliseconds after which ioredis closes a connection whose other side does not. */
const disconnectTimeout = 100;

/** Errors after which trying again would not help. */
const refusals = /^(WRONGPASS|NOAUTH|NOPERM|ERR (AUTH|Client sent AUTH|invalid password))/;

/**
 * Tells of what goes wrong with the connections of one pool or server: of an outage once, until all is well again.
 */
export class Troubles {
  readonly #onError: (error: Error) => void;
  #out = false;

  constructor(onError: (error: Error) => void) {
    this.#onError = onError;
  }

  /** Notes that the connection is there again. */
  clear(): void {
    this.#out = false;
  }

  /** Tells of an error. */
  tell(error: Error): void {
    if (isOutage(error)) {
      if (this.#out) return;
      this.#out = true;
    }
    try {
      this.#onError(plain(error));
    } catch (thrown) {
      console.error("Error in onError:", thrown);
    }
  }
}

/** What is needed to reach Redis. */
export interface RedisSettings {
  readonly url: string;
  /** Milliseconds that the first connection may take. */
  readonly connectTimeout: number;
}

/**
 * Opens a connection, which connects again by itself later.
 *
 * @param user Who needs it, for the errors.
 * @param signal Gives up when it aborts.
 * @throws {Error} If the server does not answer in time, or does not let one in.
 */
export async function connectRedis(
  { url, connectTimeout }: RedisSettings,
  user: string,
  troubles: Troubles,
  signal?: AbortSignal,
): Promise<RedisClient> {
  const { Redis } = await loadPackage<RedisPackage>("ioredis", user);
  const client = new Redis(url, {
    maxRetriesPerRequest: null,
    connectTimeout: Math.min(connectTimeout, 10_000),
    keepAlive: 30_000,
    disconnectTimeout,
    retryStrategy: (times: number) => Math.min(2 ** Math.min(times, 20) * 25, longestPause),
  });
  await waitUntilReady(client, new URL(url).host, connectTimeout, signal);
  watchTroubles(client, troubles);
  return client;
}

/** Opens one more connection, with the same rules. */
export async function connectAgain(
  client: RedisClient,
  { url, connectTimeout }: RedisSettings,
  troubles: Troubles,
  signal?: AbortSignal,
): Promise<RedisClient> {
  const another = client.duplicate();
  await waitUntilReady(another, new URL(url).host, connectTimeout, signal);
  watchTroubles(another, troubles);
  return another;
}

/** Closes a connection, whatever state it is in; what waits for it then may never settle. */
export async function closeRedis(client: RedisClient | undefined): Promise<void> {
  if (client === undefined || client.status === "end") return;
  const isReady = client.status === "ready";
  const { promise, resolve } = Promise.withResolvers<void>();
  client.on("end", resolve);
  client.disconnect();
  if (isReady) await within(promise, closeTime);
  // One that is about to connect does not always tell that it has ended, and has up to two timers one after the other.
  else await new Promise<void>((resolve) => startTimer(2 * disconnectTimeout + 50, resolve));
}

/** Waits for a promise for some time; tells whether it has settled. */
export async function within(promise: Promise<unknown>, time: number): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const cancelTimer = startTimer(time, () => late.resolve(false));
  try {
    return await Promise.race([promise.then(() => true, () => true), late.promise]);
  } finally {
    cancelTimer();
  }
}

/** Does something again as long as the connection is lost meanwhile. */
export async function insist<T>(
  action: () => Promise<T>,
  isEnded: () => boolean,
): Promise<T> {
  for (;;) {
    try {
      return await action();
    } catch (error) {
      if (isEnded() || !(error instanceof Error && isOutage(error))) throw error;
    }
    await new Promise<void>((resolve) => startTimer(100, resolve));
  }
}

/** Whether an error is one of the connection, not of the server. */
function isOutage(error: Error): boolean {
  const { code } = error as { code?: unknown };
  return error.name === "AbortError" || /onnection is closed/.test(error.message) ||
    (typeof code === "string" && /^(E[A-Z]+|.*TIMEDOUT)$/.test(code));
}

async function waitUntilReady(
  client: RedisClient,
  host: string,
  time: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const ready = Promise.withResolvers<void>();
  let last: Error | undefined;
  const onError = (error: Error) => {
    last = error;
    if (refusals.test(error.message)) ready.reject(refused(host, error));
  };
  const cancelTimer = startTimer(time, () => {
    ready.reject(
      new Error(
        `Cannot reach Redis at ${host} within ${time} ms`,
        last === undefined ? undefined : { cause: plain(last) },
      ),
    );
  });
  const onAbort = () => ready.reject(signal!.reason);
  // This stays: an error that nobody listens to would be thrown.
  client.on("error", onError);
  if (signal?.aborted) onAbort();
  else signal?.addEventListener("abort", onAbort, { once: true });
  if (client.status === "ready") ready.resolve();
  else client.on("ready", ready.resolve);
  try {
    await ready.promise;
  } catch (error) {
    await closeRedis(client);
    throw error;
  } finally {
    cancelTimer();
    signal?.removeEventListener("abort", onAbort);
    client.off("ready", ready.resolve);
  }
}

function refused(host: string, cause: Error): Error {
  return new Error(`Cannot use Redis at ${host} as it does not let this program in`, {
    cause: plain(cause),
  });
}

/** An error without the command that failed, in which there can be a password or the arguments of tasks. */
export function plain(error: unknown): Error {
  if (error instanceof Error) return "command" in error ? new Error(error.message) : error;
  return new Error(String(error));
}

function watchTroubles(client: RedisClient, troubles: Troubles): void {
  client.on("error", (error: Error) => troubles.tell(error));
  client.on("ready", () => troubles.clear());
}
