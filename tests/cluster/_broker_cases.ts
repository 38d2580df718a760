// Copyright 2026 the Weft authors. MIT license.

import type { BrokerQueueOptions } from "../../cluster/broker_options.ts";
import type { BrokerQueue } from "../../cluster/broker_queue.ts";

/** A server that a test can end and start again. */
export interface BrokerServer extends AsyncDisposable {
  readonly url: string;
  stop(signal?: Deno.Signal): Promise<void>;
  start(): Promise<void>;
}

/** A class of queues. */
export interface BrokerCase {
  /** Name of the class. */
  readonly name: string;
  /** URL of the module that has it. */
  readonly module: string;
  /** Scheme of its URLs, with the colon. */
  readonly protocol: string;
  /** Why there is no server; tests that need one are ignored. */
  readonly missing: string | undefined;
  /** Why there is no server that a test can end. */
  readonly ownMissing: string | undefined;
  /**
   * Whether a server that is killed may not remember what it was told last, and tells nobody what it was told: what was
   * acknowledged can come again then, and an item be put twice.
   */
  readonly forgetful?: boolean;
  /** A server that is not ended by a test. */
  use(): Promise<{ readonly url: string } & AsyncDisposable>;
  /** A server that a test can end. */
  start(): Promise<BrokerServer>;
  /** Creates a handle. */
  make<T>(name: string, options: BrokerQueueOptions): BrokerQueue<T>;
}

/** Options but for where the server is. */
export type Rest = Omit<BrokerQueueOptions, "url">;

/** Makes handles for one test, on a queue that no other test uses. */
export type Maker = <T = number>(options?: Rest) => BrokerQueue<T>;

/** Defines a test, whose handles are disposed of at its end. */
export type DefineTest = (
  name: string,
  body: (make: Maker) => Promise<void>,
  options?: { readonly sanitizeOps?: boolean; readonly sanitizeResources?: boolean },
) => void;

/** Has a server started for the tests of a file, and gives what defines them. */
export function prepareTests(broker: BrokerCase): DefineTest {
  const { name: kind, missing } = broker;
  let server: Awaited<ReturnType<BrokerCase["use"]>>;

  if (missing === undefined) {
    Deno.test.beforeAll(async () => void (server = await broker.use()));
    Deno.test.afterAll(async () => await server[Symbol.asyncDispose]());
  } else console.warn(`${kind} is not tested as ${missing}`);

  return (name, body, options = {}) => {
    Deno.test({
      ...options,
      name: `${kind}${name}`,
      ignore: missing !== undefined,
      fn: async () => {
        const queue = `test {${crypto.randomUUID()}`;
        await using stack = new AsyncDisposableStack();
        await body((options = {}) => {
          return stack.use(broker.make(queue, { url: server.url, ...options }));
        });
      },
    });
  };
}
