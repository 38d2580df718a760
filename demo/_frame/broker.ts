// Copyright 2026 the Weft authors. MIT license.

import { Companion, denoRun } from "./companion.ts";

const variables = { redis: "WEFT_TEST_REDIS_URL", rabbitmq: "WEFT_TEST_AMQP_URL" } as const;

/** A Redis or RabbitMQ server: the one that the environment names, or one of our own if it is installed. */
export class Broker implements Disposable {
  readonly #given: string | undefined;
  readonly #program: Companion | undefined;

  /**
   * Starts it if none is given.
   *
   * @param name Which.
   * @param folder Where its own folder is made.
   */
  constructor(name: "redis" | "rabbitmq", folder: string) {
    this.#given = Deno.env.get(variables[name]);
    if (this.#given !== undefined) return;
    const permissions = ["run", "read", "write", "env", "net=127.0.0.1"] as const;
    this.#program = new Companion(denoRun("programs/broker_server.ts", permissions, [name]), {
      TMPDIR: folder,
    });
  }

  /**
   * Waits until it is there.
   *
   * @returns Where, or why there is none.
   */
  async ready(): Promise<{ readonly url: string } | { readonly missing: string }> {
    if (this.#given !== undefined) return { url: this.#given };
    const [state, text] = (await this.#program!.line("")).split(/: (.*)/s) as [string, string];
    return state === "missing" ? { missing: text } : { url: text };
  }

  /** Ends it, if it is our own. */
  async stop(): Promise<void> {
    this.#program?.terminate();
    await this.#program?.status;
  }

  /** Ends it, if it is our own and still there. */
  [Symbol.dispose](): void {
    this.#program?.[Symbol.dispose]();
  }
}
