// Copyright 2026 the Weft authors. MIT license.

import {
  connectManager,
  type ConnectManagerOptions,
  type ManagerClient,
  type ManagerServer,
  serveManager,
  type ServeManagerOptions,
} from "../../cluster/mod.ts";

/** The key of the tests; the programs in Python have it, too. */
export const authKey = "correct horse battery";

/** Serves on a free port of this machine; what is refused is a failure, unless a test says otherwise. */
export function serve(
  registry: ServeManagerOptions["registry"],
  options: Partial<ServeManagerOptions> = {},
): Promise<ManagerServer> {
  const onRefusal = ({ reason }: { readonly reason: string }) => {
    reportError(new Error(`The manager has refused: ${reason}`));
  };
  return serveManager({ port: 0, authKey, registry, onRefusal, ...options });
}

/** Connects to a manager of a test. */
export function connect(
  { port }: { readonly port: number },
  options: Partial<ConnectManagerOptions> = {},
): Promise<ManagerClient> {
  return connectManager({ port, authKey, ...options });
}

/** A server of one object, with a client and the object's proxy. */
export class Pair<P> implements AsyncDisposable {
  private constructor(
    readonly server: ManagerServer,
    readonly client: ManagerClient,
    readonly remote: P,
  ) {}

  /** Serves an object and gets it. */
  static async of<P = unknown>(target: object): Promise<Pair<P>> {
    const server = await serve({ get_target: () => target });
    const client = await connect(server);
    return new Pair(server, client, await client.get("get_target") as P);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
    await this.server.close();
  }
}

/** Waits until something holds that no event tells of. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`Not within 30 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
