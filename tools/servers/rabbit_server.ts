// Copyright 2026 the Weft authors. MIT license.

// A RabbitMQ server for tests and the demo: the one that WEFT_TEST_AMQP_URL names, or an own one in a temporary folder.

import { freePort, isInstalled, waitForPort } from "./ports.ts";

const given = Deno.env.get("WEFT_TEST_AMQP_URL");
const installed = isInstalled("rabbitmq-server");
// What Debian has in its path insists on an own user; this is the script behind it.
const script = realPath("/usr/lib/rabbitmq/bin/rabbitmq-server");

/** Why there is no server to test with; `undefined` if there is one. */
export const noRabbit: string | undefined = given !== undefined || installed
  ? undefined
  : "no rabbitmq-server is installed, and WEFT_TEST_AMQP_URL is not set";

/** Why there is no server that a test can stop and start again. */
export const noOwnRabbit: string | undefined = installed
  ? undefined
  : "no rabbitmq-server is installed";

/**
 * Runs the server, and does what it reads: `go` starts it, the name of a signal is sent to it, `wait` says when it has
 * ended. It is this program that holds the server for a test, as the server can be started again in the middle of
 * a test without a child process that the test leaves behind; and it kills the server, and removes its folder, when the
 * test is gone.
 */
const supervisor = `
while read -r order; do
  case $order in
    go) "$0" </dev/null >/dev/null 2>&1 & pid=$! ;;
    wait) wait $pid 2>/dev/null; echo ended ;;
    *) kill -s "$order" $pid 2>/dev/null ;;
  esac
done
kill -s KILL $pid 2>/dev/null
wait $pid 2>/dev/null
cd / && rm -rf "$1"`;

/** A server of the test's own, which keeps what it has been told in files. It starts in about 6 seconds. */
export class RabbitServer implements AsyncDisposable {
  readonly #port: number;
  readonly #child: Deno.ChildProcess;
  readonly #orders: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #answers: ReadableStreamDefaultReader<Uint8Array>;
  #running = false;

  private constructor(folder: string, port: number) {
    this.#port = port;
    this.#child = new Deno.Command("sh", {
      args: ["-c", supervisor, script === undefined ? "rabbitmq-server" : lighten(folder), folder],
      cwd: folder,
      env: serverEnvironment(folder, port),
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
      // The end of `deno bench` kills what is not: the supervisor has to live on to see it.
      detached: true,
    }).spawn();
    this.#orders = this.#child.stdin.getWriter();
    this.#answers = this.#child.stdout.getReader();
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

  /** Starts it again, with what it had, if it does not run. */
  async start(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    await this.#order("go");
    await waitForPort(this.#port);
  }

  /** Ends it; without a chance to say goodbye if `signal` is SIGKILL. */
  async stop(signal: Deno.Signal = "SIGTERM"): Promise<void> {
    if (!this.#running) return;
    this.#running = false;
    await this.#order(signal.slice("SIG".length));
    await this.#order("wait");
    await this.#answers.read();
  }

  /** Lets it do nothing, as if the network let nothing through; or go on. */
  async pause(paused: boolean): Promise<void> {
    await this.#order(paused ? "STOP" : "CONT");
  }

  /** Ends it and removes what it had. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#orders.close();
    await this.#answers.cancel();
    await this.#child.status;
  }

  async #order(order: string): Promise<void> {
    await this.#orders.write(new TextEncoder().encode(`${order}\n`));
  }
}

/** Plugins, and what only they use. */
const needless = /^(rabbitmq_(?!prelaunch)|amqp_client|cowboy|cowlib|eetcd|gun|jose|prometheus)/;

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

/** Describes a node that needs no daemon which maps names of nodes to ports, and that nobody else can reach. */
function serverEnvironment(folder: string, port: number): Record<string, string> {
  return {
    HOME: folder, // There is the file that nodes know each other by.
    ERL_CRASH_DUMP_SECONDS: "0",
    // It looks for that daemon every minute, and would start it with another node.
    ERL_FLAGS: "-start_epmd false",
    RABBITMQ_ALLOW_INPUT: "1", // The script becomes the server: a signal to it is one to the server.
    RABBITMQ_CONF_ENV_FILE: "/dev/null",
    RABBITMQ_CONFIG_FILE: `${folder}/none`,
    RABBITMQ_ADVANCED_CONFIG_FILE: `${folder}/none`,
    RABBITMQ_ENABLED_PLUGINS_FILE: `${folder}/none`,
    RABBITMQ_LOGS: "-",
    RABBITMQ_MNESIA_BASE: folder,
    RABBITMQ_NODENAME: nodeName,
    RABBITMQ_NODE_IP_ADDRESS: "127.0.0.1",
    RABBITMQ_NODE_PORT: `${port}`,
    RABBITMQ_SERVER_START_ARGS: [
      "-noinput",
      `-name ${nodeName}`,
      `-erl_epmd_port ${freePort()}`,
      "-kernel inet_dist_use_interface {127,0,0,1}",
      "+S 2:2 +SDcpu 1:1 +SDio 2 +A 2",
    ].join(" "),
    RABBITMQ_USE_LONGNAME: "true",
  };
}

/** Leaves out what the server does not need: its code is looked for in every folder, which is half of its start. */
function lighten(folder: string): string {
  const from = script!.replace(/\/sbin\/[^/]*$/, "");
  const to = `${folder}/server`;
  Deno.mkdirSync(`${to}/plugins`, { recursive: true });
  Deno.symlinkSync(`${from}/sbin`, `${to}/sbin`);
  for (const { name } of Deno.readDirSync(`${from}/plugins`)) {
    if (needless.test(name)) continue;
    Deno.symlinkSync(`${from}/plugins/${name}`, `${to}/plugins/${name}`);
  }
  return `${to}/sbin/rabbitmq-server`;
}

function realPath(path: string): string | undefined {
  try {
    return Deno.realPathSync(path);
  } catch {
    return undefined;
  }
}
