// Copyright 2026 the Weft authors. MIT license.

/** What a manager allows its clients; what is beyond ends the connection of the one alone. */
export interface ManagerLimits {
  /**
   * The most connections at once; one more is refused.
   *
   * @default {256}
   */
  readonly maxConnections?: number | undefined;
  /**
   * The most connections at once whose other side has not shown that it has the key; for one more, the oldest of them is
   * ended. Those that have come within 2 seconds are ended only if there are `maxConnections` in all: many clients may come
   * at once.
   *
   * @default {32}
   */
  readonly maxUnauthenticated?: number | undefined;
  /**
   * Milliseconds that a handshake may take.
   *
   * @default {5000}
   */
  readonly handshakeTimeout?: number | undefined;
  /**
   * Milliseconds within which the other side must have sent something at all.
   *
   * @default {2000}
   */
  readonly firstByteTimeout?: number | undefined;
  /**
   * Milliseconds for which a connection may be without a call. One that waits in a call is not idle, nor is one that
   * holds a lock or a permit.
   *
   * @default {900_000}
   */
  readonly idleTimeout?: number | undefined;
  /**
   * Milliseconds that the other side may take to read a reply.
   *
   * @default {30_000}
   */
  readonly writeTimeout?: number | undefined;
  /**
   * The most bytes of a message, either way.
   *
   * @default {67_108_864}
   */
  readonly maxMessageBytes?: number | undefined;
  /**
   * The most values that one message has.
   *
   * @default {1_000_000}
   */
  readonly maxValues?: number | undefined;
  /**
   * How deep the values of a message may be nested.
   *
   * @default {200}
   */
  readonly maxDepth?: number | undefined;
  /**
   * The most objects that clients refer to at once.
   *
   * @default {100_000}
   */
  readonly maxObjects?: number | undefined;
  /**
   * Wrong keys a minute from one address, after which the answer to more of them takes a second.
   *
   * @default {10}
   */
  readonly maxFailures?: number | undefined;
  /**
   * Milliseconds after which the references of clients are forgotten when nothing of their host is connected.
   *
   * @default {900_000}
   */
  readonly leaseTime?: number | undefined;
}

/** The limits where nothing else is said. */
export const defaultLimits: Required<{ [K in keyof ManagerLimits]: number }> = {
  maxConnections: 256,
  maxUnauthenticated: 32,
  handshakeTimeout: 5000,
  firstByteTimeout: 2000,
  idleTimeout: 900_000,
  writeTimeout: 30_000,
  maxMessageBytes: 64 * 1024 * 1024,
  maxValues: 1_000_000,
  maxDepth: 200,
  maxObjects: 100_000,
  maxFailures: 10,
  leaseTime: 900_000,
};

/** The limits with their defaults. */
export type CheckedLimits = typeof defaultLimits;

/**
 * Fills in the defaults.
 *
 * @throws {TypeError} If there is no such limit.
 * @throws {RangeError} If a limit is not a positive number.
 */
export function checkLimits(limits: ManagerLimits = {}): CheckedLimits {
  for (const [name, value] of Object.entries(limits)) {
    if (!Object.hasOwn(defaultLimits, name)) {
      throw new TypeError(`Cannot serve a manager as there is no limit ${name}`);
    }
    if (value !== undefined && !(typeof value === "number" && value > 0)) {
      throw new RangeError(
        `Cannot serve a manager as ${name} is not a positive number: current value is ${value}`,
      );
    }
  }
  const given = Object.entries(limits).filter(([, value]) => value !== undefined);
  return { ...defaultLimits, ...Object.fromEntries(given) };
}
