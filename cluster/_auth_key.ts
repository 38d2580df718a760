// Copyright 2026 the Weft authors. MIT license.

/** Keys with fewer bytes can be guessed from one handshake that was overheard. */
const safeLength = 16;

/** The key that both sides of a manager have; it shows itself nowhere. */
export class AuthKey {
  readonly #bytes: Uint8Array;

  /**
   * Takes a key.
   *
   * @throws {TypeError} If it is neither a string nor bytes.
   */
  constructor(key: unknown) {
    if (typeof key === "string") this.#bytes = new TextEncoder().encode(key);
    else if (key instanceof Uint8Array) this.#bytes = key.slice();
    else throw new TypeError("Cannot use the authKey as it is neither a string nor a Uint8Array");
  }

  /** Its bytes. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /**
   * Checks that it is good enough for where it is used.
   *
   * @param hostname Where the manager is.
   * @param isInsecure Whether the user has said that it need not be.
   * @throws {RangeError} If it is not.
   */
  check(hostname: string, isInsecure: boolean): void {
    const { length } = this.#bytes;
    if (isInsecure || length >= safeLength || (length > 0 && isLoopback(hostname))) return;
    const where = length === 0 ? "" : ` at ${hostname}`;
    throw new RangeError(
      `Cannot use an authKey of ${length} bytes${where} as ${safeLength} are the least for a network: ` +
        `take more, or set insecureAuthKey`,
    );
  }
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "::1" || hostname === "[::1]" ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
