// Copyright 2026 the Weft authors. MIT license.

// A Redis server for tests and the demo: the one that WEFT_TEST_REDIS_URL names, or an own one in a temporary folder.

import { freePort, isInstalled, waitForPort } from "./ports.ts";

const given = Deno.env.get("WEFT_TEST_REDIS_URL");

/** Why there is no server to test with; `undefined` if there is one. */
export const noRedis: string | undefined = given !== undefined || isInstalled("redis-server")
  ? undefined
  : "no redis-server is installed, and WEFT_TEST_REDIS_URL is not set";

/** Why there is no server that a test can stop and start again. */
export const noOwnRedis: string | undefined = isInstalled("redis-server")
  ? undefined
  : "no redis-server is installed";

/** A server of the test's own, which keeps what it has been told in a file. */
export class RedisServer implements AsyncDisposable, Disposable {
  readonly #folder: string;
  readonly #port: number;
  #child: Deno.ChildProcess | undefined;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
  }

  /** Starts one. */
  static async start(): Promise<RedisServer> {
    const server = new RedisServer(await Deno.makeTempDir(), freePort());
    await server.start();
    return server;
  }

  /** Where it is. */
  get url(): string {
    return `redis://127.0.0.1:${this.#port}`;
  }

  /** Starts it again, with what it had. */
  async start(): Promise<void> {
    this.#child = new Deno.Command("redis-server", {
      args: [
        ...["--bind", "127.0.0.1", "--port", `${this.#port}`, "--dir", this.#folder],
        ...["--appendonly", "yes", "--appendfsync", "no", "--save", ""],
        ...["--maxmemory-policy", "noeviction", "--loglevel", "warning"],
      ],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    await waitForPort(this.#port);
  }

  /** Ends it; without a chance to say goodbye if `signal` is SIGKILL. */
  async stop(signal: Deno.Signal = "SIGTERM"): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    child.kill(signal);
    await child.status;
  }

  /** Ends it and removes what it had, for when the program is about to end. */
  [Symbol.dispose](): void {
    this.#child?.kill("SIGKILL");
    Deno.removeSync(this.#folder, { recursive: true });
  }

  /** Ends it and removes what it had. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop("SIGKILL");
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** The server that was given, or an own one; for tests that leave it running. */
export async function useRedis(): Promise<{ readonly url: string } & AsyncDisposable> {
  if (given === undefined) return await RedisServer.start();
  return { url: given, [Symbol.asyncDispose]: () => Promise.resolve() };
}
