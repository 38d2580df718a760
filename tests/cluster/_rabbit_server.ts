// Copyright 2026 the Weft authors. MIT license.

// A RabbitMQ server for tests: the one that WEFT_TEST_AMQP_URL names, or an own one in a temporary folder.

import { freePort, isInstalled, waitForPort } from "./_ports.ts";

const given = Deno.env.get("WEFT_TEST_AMQP_URL");
const installed = isInstalled("rabbitmq-server");
// What Debian has in its path insists on an own user; this is the script behind it.
const script = "/usr/lib/rabbitmq/bin/rabbitmq-server";

/** Why there is no server to test with; `undefined` if there is one. */
export const noRabbit: string | undefined = given !== undefined || installed
  ? undefined
  : "no rabbitmq-server is installed, and WEFT_TEST_AMQP_URL is not set";

/** Why there is no server that a test can stop and start again. */
export const noOwnRabbit: string | undefined = installed
  ? undefined
  : "no rabbitmq-server is installed";

/** A server of the test's own, which keeps what it has been told in files. It starts in about 6 seconds. */
export class RabbitServer implements AsyncDisposable {
  readonly #folder: string;
  readonly #port: number;
  #child: Deno.ChildProcess | undefined;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
  }

  /** Starts one. */
  static async start(): Promise<RabbitServer> {
    const server = new RabbitServer(await Deno.makeTempDir(), freePort());
    await server.start();
    return server;
  }

  /** Where it is. */
  get url(): string {
    return `amqp://guest:guest@127.0.0.1:${this.#port}`;
  }

  /** Starts it again, with what it had. */
  async start(): Promise<void> {
    const child = new Deno.Command(isFile(script) ? script : "rabbitmq-server", {
      cwd: this.#folder,
      env: {
        HOME: this.#folder, // There is the file that nodes know each other by.
        ERL_CRASH_DUMP_SECONDS: "0",
        RABBITMQ_ALLOW_INPUT: "1", // The script becomes the server: a signal to it is one to the server.
        RABBITMQ_CONF_ENV_FILE: "/dev/null",
        RABBITMQ_CONFIG_FILE: `${this.#folder}/none`,
        RABBITMQ_ADVANCED_CONFIG_FILE: `${this.#folder}/none`,
        RABBITMQ_ENABLED_PLUGINS_FILE: `${this.#folder}/none`,
        RABBITMQ_LOGS: "-",
        RABBITMQ_MNESIA_BASE: this.#folder,
        RABBITMQ_NODENAME: nodeName,
        RABBITMQ_NODE_IP_ADDRESS: "127.0.0.1",
        RABBITMQ_NODE_PORT: `${this.#port}`,
        RABBITMQ_SERVER_START_ARGS: nodeArguments(),
        RABBITMQ_USE_LONGNAME: "true",
      },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    this.#child = child;
    const ended = child.status.then(({ code }) => {
      throw new Error(`The server ended with code ${code} instead of listening`);
    });
    await Promise.race([waitForPort(this.#port), ended]);
    ended.catch(() => {});
  }

  /** Ends it; without a chance to say goodbye if `signal` is SIGKILL. */
  async stop(signal: Deno.Signal = "SIGTERM"): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    child.kill(signal);
    await child.status;
  }

  /** Stops it for a while, as a network does that lets nothing through; or lets it go on. */
  pause(paused: boolean): void {
    this.#child?.kill(paused ? "SIGSTOP" : "SIGCONT");
  }

  /** Ends it and removes what it had. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop("SIGKILL");
    await Deno.remove(this.#folder, { recursive: true });
  }
}

let shared: Promise<RabbitServer> | undefined;
let users = 0;

/** The server that was given, or an own one, which all of a file share; for tests that leave it running. */
export async function useRabbit(): Promise<{ readonly url: string } & AsyncDisposable> {
  if (given !== undefined) {
    return { url: given, [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  users++;
  const server = await (shared ??= RabbitServer.start());
  return {
    url: server.url,
    [Symbol.asyncDispose]: async () => {
      if (--users === 0) await server[Symbol.asyncDispose]();
    },
  };
}

const nodeName = "weft@127.0.0.1";

/** Makes a node that needs no daemon which maps names of nodes to ports, and that nobody else can reach. */
function nodeArguments(): string {
  return [
    "-noinput",
    `-name ${nodeName}`,
    `-start_epmd false -erl_epmd_port ${freePort()}`,
    "-kernel inet_dist_use_interface {127,0,0,1}",
    "+S 2:2 +SDcpu 1:1 +SDio 2 +A 2",
  ].join(" ");
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
