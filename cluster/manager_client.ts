// Copyright 2026 the Weft authors. MIT license.

import { refuseInstances } from "../channel/codec.ts";
import { AuthKey } from "./_auth_key.ts";
import type { ManagerCalls } from "./_manager_calls.ts";
import type { LinkOptions } from "./_manager_link.ts";
import { isTuple } from "./python_values.ts";
import { RemoteError } from "./manager_errors.ts";
import { defaultLimits } from "./manager_limits.ts";
import { createRemote, type Remote } from "./remote.ts";
// What a manager gave can be in a queue, and who may not wait there cannot load it.
import "./_token.ts";

/** Options of {@linkcode connectManager}. */
export interface ConnectManagerOptions {
  /**
   * Name or address of the machine of the manager.
   *
   * @default {"127.0.0.1"}
   */
  readonly hostname?: string | undefined;
  /** Port of the manager. */
  readonly port: number;
  /** What the manager has as well: at least 16 bytes, but for addresses of this machine. */
  readonly authKey: string | Uint8Array;
  /**
   * Whether the key may be shorter, or empty.
   *
   * @default {false}
   */
  readonly insecureAuthKey?: boolean | undefined;
  /**
   * Whether the manager may show that it has the key by MD5, as those with Python up to 3.11 do.
   *
   * @default {true}
   */
  readonly legacyMd5?: boolean | undefined;
  /**
   * Milliseconds that connecting may take; for each connection, as a client makes several.
   *
   * @default {5000}
   */
  readonly connectTimeout?: number | undefined;
  /**
   * The most bytes of a reply.
   *
   * @default {67_108_864}
   */
  readonly maxMessageBytes?: number | undefined;
}

const create = Symbol("create");

/**
 * Uses what a manager serves; made by {@linkcode connectManager}.
 *
 * **Cleanup:** disposal (`await using`) closes it.
 *
 * @example Use a dictionary of another program
 * ```ts
 * import { connectManager, type ManagerClient, serveManager } from "@weft/concurrency/cluster";
 * import { assertEquals } from "@std/assert";
 *
 * async function depth(client: ManagerClient): Promise<number | undefined> {
 *   return await (await client.get<Map<string, number>>("get_settings")).get("depth");
 * }
 *
 * const authKey = "correct horse battery";
 * const registry = { get_settings: () => new Map([["depth", 3]]) };
 * await using server = await serveManager({ port: 0, authKey, registry });
 * await using client = await connectManager({ port: server.port, authKey });
 *
 * assertEquals(await depth(client), 3);
 * ```
 */
export class ManagerClient implements AsyncDisposable {
  readonly #calls: ManagerCalls;
  /** How often each object is referred to. */
  readonly #references: string[] = [];

  private constructor(calls: ManagerCalls) {
    this.#calls = calls;
  }

  /** @internal */
  static [create](calls: ManagerCalls): ManagerClient {
    return new ManagerClient(calls);
  }

  /** Whether it is closed. */
  get closed(): boolean {
    return this.#calls.closing.aborted;
  }

  /**
   * Gets an object that the manager serves.
   *
   * @typeParam T What it is over there: `Queue<number>`, `Map<string, number>`, `Lock`, …
   * @param name The name in its registry.
   * @param args What the function in the registry is called with.
   * @returns What stands for the object here.
   * @throws {RemoteError} If there is nothing by this name, or the function has failed.
   * @throws {AuthenticationError} If the manager is another one now, with another key.
   * @throws {ManagerLostError} If the manager has ended, or this client is closed.
   *
   * @example Get a queue
   * ```ts
   * import { Queue } from "@weft/concurrency/channel";
   * import { connectManager, serveManager } from "@weft/concurrency/cluster";
   * import { assertEquals } from "@std/assert";
   *
   * const authKey = "correct horse battery";
   * const queue = new Queue<string>();
   * await using server = await serveManager({ port: 0, authKey, registry: { get_queue: () => queue } });
   * await using client = await connectManager({ port: server.port, authKey });
   *
   * const remote = await client.get<Queue<string>>("get_queue");
   * await remote.put("a");
   * assertEquals(await remote.size, 1);
   * ```
   */
  async get<T = unknown>(name: string, ...args: unknown[]): Promise<Remote<T>> {
    const calls = this.#calls;
    const reply = await calls.manage("create", name, ...args);
    if (!isTuple(reply) || typeof reply[0] !== "string" || !isNames(reply[1])) {
      throw new RemoteError(`Cannot get ${name} as the reply is not that of a manager`);
    }
    const [ident, exposed] = reply;
    this.#references.push(ident);
    const release = async () => {
      const at = this.#references.indexOf(ident);
      if (at < 0 || this.closed) return;
      this.#references.splice(at, 1);
      await calls.manage("decref", ident);
    };
    let isReleased = false;
    const place = {
      calls,
      ident,
      exposed,
      release: async () => {
        if (isReleased) return;
        isReleased = true;
        await release();
      },
    };
    return createRemote(place) as Remote<T>;
  }

  /**
   * Ends the client: what waits rejects with a {@linkcode ManagerLostError}, and the manager learns that its objects are
   * not referred to any more.
   *
   * @returns When its connections have ended; the same each time.
   */
  close(): Promise<void> {
    return this.#calls.close(() => this.#references);
  }

  /** The same as {@linkcode ManagerClient.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Its state, for `Deno.inspect`. */
  [Symbol.for("Deno.customInspect")](): string {
    return `ManagerClient { ${this.#calls.place}${this.closed ? ", closed" : ""} }`;
  }
}

refuseInstances(ManagerClient);

/**
 * Connects to a manager: one of {@linkcode serveManager}, or of a `BaseManager` or `SyncManager` of Python's
 * `multiprocessing.managers`.
 *
 * It makes further connections as they are needed: one for each wait, up to 64, and some for other calls.
 *
 * **Security:** as that of {@linkcode serveManager}. Who does not have the key, but can pass on what both sides send,
 * can be taken for the manager; through a tunnel it cannot.
 *
 * **Runtime:** needs `--allow-net` for the address of the manager.
 *
 * @param options Where the manager is, and the key.
 * @returns The client.
 * @throws {AuthenticationError} If the manager has another key.
 * @throws {ManagerLostError} If there is no manager, or it does not answer in time.
 * @throws {Deno.errors.NotCapable} If `--allow-net` is missing.
 * @throws {TypeError} If the key is neither a string nor bytes.
 * @throws {RangeError} If the key is too short.
 *
 * @example Get numbers and put back their squares
 * ```ts
 * import { Queue } from "@weft/concurrency/channel";
 * import { connectManager, serveManager } from "@weft/concurrency/cluster";
 * import { assertEquals } from "@std/assert";
 *
 * const authKey = "correct horse battery";
 * const tasks = new Queue<number>();
 * const results = new Queue<number>();
 * const registry = { get_task_queue: () => tasks, get_result_queue: () => results };
 * await using server = await serveManager({ port: 0, authKey, registry });
 * await tasks.put(7);
 *
 * await using client = await connectManager({ port: server.port, authKey });
 * const task = await client.get<Queue<number>>("get_task_queue");
 * const result = await client.get<Queue<number>>("get_result_queue");
 * const n = await task.get({ timeout: 1000 });
 * await result.put(n * n);
 *
 * assertEquals(await results.get(), 49);
 * ```
 */
export async function connectManager(options: ConnectManagerOptions): Promise<ManagerClient> {
  const { hostname = "127.0.0.1", port, connectTimeout = 5000 } = options;
  const key = new AuthKey(options.authKey);
  key.check(hostname, options.insecureAuthKey ?? false);
  const link: LinkOptions = {
    hostname,
    port,
    handshake: { key, legacyMd5: options.legacyMd5 ?? true },
    connectTimeout,
    maxMessageBytes: options.maxMessageBytes ?? defaultLimits.maxMessageBytes,
    pickleLimits: { maxDepth: defaultLimits.maxDepth, maxObjects: defaultLimits.maxValues },
  };
  const { ManagerCalls } = await import("./_manager_calls.ts");
  const calls = new ManagerCalls(link);
  await calls.check();
  return ManagerClient[create](calls);
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === "string");
}
