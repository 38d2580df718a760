// Copyright 2026 the Weft authors. MIT license.

/** A way to a server that can fail as networks do. */
export class Proxy implements AsyncDisposable {
  readonly #target: number;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #links = new Set<Deno.TcpConn[]>();
  readonly #running: Promise<void>;
  #open = new Set<Promise<void>>();
  /** What the connections wait for that let nothing through. */
  #stalled: PromiseWithResolvers<void> | undefined;
  #generation = 0;

  /** Creates a way to a port of 127.0.0.1. */
  constructor(target: number) {
    this.#target = target;
    this.#running = this.#accept();
  }

  /** Where it begins. */
  get port(): number {
    return this.#listener.addr.port;
  }

  /** Number of connections. */
  get size(): number {
    return this.#links.size;
  }

  /** Ends all connections that there are. */
  cut(): void {
    this.#stalled?.resolve();
    this.#stalled = undefined;
    for (const ends of this.#links) for (const end of ends) close(end);
  }

  /** Lets nothing more through the connections that there are, until they are cut; new ones work. */
  stall(): void {
    this.#stalled ??= Promise.withResolvers();
    this.#generation++;
  }

  /** Ends all. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.cut();
    await this.#running;
    await Promise.all(this.#open);
  }

  async #accept(): Promise<void> {
    for await (const near of this.#listener) {
      const serving = this.#serve(near).finally(() => this.#open.delete(serving));
      this.#open.add(serving);
    }
  }

  async #serve(near: Deno.TcpConn): Promise<void> {
    let far: Deno.TcpConn;
    try {
      far = await Deno.connect({ hostname: "127.0.0.1", port: this.#target });
    } catch {
      return close(near);
    }
    const ends = [near, far];
    this.#links.add(ends);
    const generation = this.#generation;
    const pump = async (from: Deno.TcpConn, to: Deno.TcpConn) => {
      const bytes = new Uint8Array(65_536);
      try {
        for (;;) {
          const count = await from.read(bytes);
          if (generation !== this.#generation) await this.#stalled?.promise;
          if (count === null) break;
          for (let sent = 0; sent < count;) sent += await to.write(bytes.subarray(sent, count));
        }
      } catch {
        // It was cut.
      }
      close(to);
    };
    await Promise.all([pump(near, far), pump(far, near)]);
    for (const end of ends) close(end);
    this.#links.delete(ends);
  }
}

function close(end: Deno.TcpConn): void {
  try {
    end.close();
  } catch {
    // It is closed.
  }
}
