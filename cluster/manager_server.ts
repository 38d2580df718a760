// Copyright 2026 the Weft authors. MIT license.

import { refuseInstances } from "../channel/codec.ts";
import { AuthKey } from "./_auth_key.ts";
import type { ManagerListener, ServeSettings } from "./_manager_listener.ts";
import type { Refusal } from "./_refusals.ts";
import type { Keywords } from "./_served.ts";
import { checkLimits, type ManagerLimits } from "./manager_limits.ts";

export type { ManagerLimits, Refusal };

/** Gives an object that clients ask for by name, with what they send along; the same one, or a new one each time. */
// deno-lint-ignore no-explicit-any
export type ManagerProvider = (...args: any[]) => object | Promise<object>;

/** Options of {@linkcode serveManager}. */
export interface ServeManagerOptions {
  /**
   * Name or address of the machine to be reached at; `"0.0.0.0"` for all that it has.
   *
   * @default {"127.0.0.1"}
   */
  readonly hostname?: string | undefined;
  /**
   * Port to listen at; 0 for one that is free.
   *
   * @default {0}
   */
  readonly port?: number | undefined;
  /** What clients must have as well: at least 16 bytes, but for addresses of this machine alone. */
  readonly authKey: string | Uint8Array;
  /** What is served, by name. */
  readonly registry: Readonly<Record<string, ManagerProvider>>;
  /**
   * Whether the key may be shorter, or empty.
   *
   * @default {false}
   */
  readonly insecureAuthKey?: boolean | undefined;
  /**
   * Whether clients may show that they have the key by MD5, as those with Python up to 3.11 do.
   *
   * @default {true}
   */
  readonly legacyMd5?: boolean | undefined;
  /**
   * Whether clients may end the server, as Python's may.
   *
   * @default {false}
   */
  readonly allowShutdown?: boolean | undefined;
  /** What clients are allowed; for what is left out, the defaults are with {@linkcode ManagerLimits}. */
  readonly limits?: ManagerLimits | undefined;
  /**
   * Called with what was refused, each reason and address once a minute.
   *
   * @default {prints a warning}
   */
  readonly onRefusal?: ((refusal: Refusal) => void) | undefined;
}

const create = Symbol("create");

/**
 * Serves objects to other programs; made by {@linkcode serveManager}.
 *
 * **Cleanup:** disposal (`await using`) closes it. Until then it keeps the program running.
 *
 * @example See where it listens, and close it
 * ```ts
 * import { serveManager } from "@weft/concurrency/cluster";
 * import { assert } from "@std/assert";
 *
 * const registry = { get_settings: () => new Map([["depth", 3]]) };
 * const server = await serveManager({ port: 0, authKey: "correct horse battery", registry });
 * assert(server.port > 0 && !server.closed);
 *
 * await server.close();
 * assert(server.closed);
 * ```
 */
export class ManagerServer implements AsyncDisposable {
  readonly #listener: ManagerListener;

  private constructor(listener: ManagerListener) {
    this.#listener = listener;
  }

  /** @internal */
  static [create](listener: ManagerListener): ManagerServer {
    return new ManagerServer(listener);
  }

  /** Where it listens. */
  get addr(): Deno.NetAddr {
    return this.#listener.addr;
  }

  /** The address that it listens at. */
  get hostname(): string {
    return this.addr.hostname;
  }

  /** The port that it listens at. */
  get port(): number {
    return this.addr.port;
  }

  /** Number of connections that are open. */
  get connections(): number {
    return this.#listener.connections;
  }

  /** Number of objects that clients refer to. */
  get objects(): number {
    return this.#listener.objects;
  }

  /** Whether it is closed. */
  get closed(): boolean {
    return this.#listener.closed;
  }

  /** Resolves when it is closed and nothing of it runs any more. */
  get finished(): Promise<void> {
    return this.#listener.finished;
  }

  /**
   * Ends it: calls that are done are still answered, and those that wait reject at the clients with a
   * {@linkcode ManagerLostError}. What clients hold, as locks, is released; the objects are as they are.
   *
   * @returns When nothing of it runs any more; the same each time.
   */
  close(): Promise<void> {
    return this.#listener.close();
  }

  /** The same as {@linkcode ManagerServer.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Its state, for `Deno.inspect`. */
  [Symbol.for("Deno.customInspect")](): string {
    const state = this.closed ? "closed" : `${this.connections} connections`;
    return `ManagerServer { ${this.hostname}:${this.port}, ${state} }`;
  }
}

refuseInstances(ManagerServer);

/**
 * Serves objects to programs on this and other machines, as a `BaseManager` of Python's `multiprocessing.managers` does
 * and in its protocol: so the clients can be programs in Python as well as those of {@linkcode connectManager}.
 *
 * What is served works there as Python's object of its kind: a `Queue` as `queue.Queue`, also the other queues; `Lock`,
 * `RLock`, `Semaphore`, `Event`, `Condition` and `Barrier`; a `Map` as `dict`, an array as `list`, a `SharedValue` as
 * `Value`; any other object by its public methods. Values go as copies: `null`, booleans, numbers, strings, bytes,
 * arrays, plain objects, maps and sets. Nothing that comes from a client is ever executed or looked up.
 *
 * **Security:** client and server show each other that they have the same key, which itself is not sent. What follows is
 * neither encrypted nor protected: use it on one machine, in a network that you trust, or through a tunnel. Python
 * programs that have the key trust what they are sent with all that they can do.
 *
 * **Cleanup:** what a client waits for when its connection ends, it waits for no more; an item that was on its way to it
 * then is put back, at the end; locks that it holds are released.
 *
 * **Runtime:** needs `--allow-net` for its address.
 *
 * @param options Where to listen, the key, and what to serve.
 * @returns The server, which listens already.
 * @throws {TypeError} If the key or an entry of the registry is not what it should be.
 * @throws {RangeError} If the key is too short, or a limit is not a positive number.
 * @throws {Deno.errors.AddrInUse} If somebody else listens at the port.
 * @throws {Deno.errors.NotCapable} If `--allow-net` is missing.
 *
 * @example Serve a queue
 * ```ts
 * import { Queue } from "@weft/concurrency/channel";
 * import { connectManager, serveManager } from "@weft/concurrency/cluster";
 * import { assertEquals } from "@std/assert";
 *
 * const authKey = "correct horse battery";
 * const tasks = new Queue<number>();
 * await using server = await serveManager({
 *   hostname: "127.0.0.1",
 *   port: 0,
 *   authKey,
 *   registry: { get_task_queue: () => tasks },
 * });
 *
 * // In another program, or in Python:
 * await using client = await connectManager({ port: server.port, authKey });
 * const remote = await client.get<Queue<number>>("get_task_queue");
 * await remote.put(42);
 *
 * assertEquals(await tasks.get(), 42);
 * ```
 */
export async function serveManager(options: ServeManagerOptions): Promise<ManagerServer> {
  const { hostname = "127.0.0.1", port = 0 } = options;
  const key = new AuthKey(options.authKey);
  key.check(hostname, options.insecureAuthKey ?? false);
  const registry = checkRegistry(options.registry);
  const settings: ServeSettings = {
    handshake: { key, legacyMd5: options.legacyMd5 ?? true },
    limits: checkLimits(options.limits),
    create: (name, args, keywords) => provide(registry, name, args, keywords),
    onRefusal: options.onRefusal,
    allowShutdown: options.allowShutdown ?? false,
  };
  const { ManagerListener } = await import("./_manager_listener.ts");
  const listener = new ManagerListener(Deno.listen({ hostname, port }), settings);
  return ManagerServer[create](listener);
}

function checkRegistry(registry: unknown): ReadonlyMap<string, ManagerProvider> {
  if (typeof registry !== "object" || registry === null) {
    throw new TypeError("Cannot serve a manager as its registry is not an object");
  }
  const entries = Object.entries(registry);
  for (const [name, provide] of entries) {
    if (typeof provide === "function") continue;
    throw new TypeError(
      `Cannot serve ${name} as it is not a function: write ${name}: () => …, which gives the object`,
    );
  }
  return new Map(entries);
}

function provide(
  registry: ReadonlyMap<string, ManagerProvider>,
  name: unknown,
  args: readonly unknown[],
  keywords: Keywords,
): unknown {
  const provide = registry.get(name as string);
  if (provide === undefined) {
    const shown = typeof name === "string" ? JSON.stringify(name.slice(0, 100)) : typeof name;
    throw new RangeError(`nothing is served by the name ${shown}`);
  }
  return provide(...args, ...(Object.keys(keywords).length > 0 ? [keywords] : []));
}
