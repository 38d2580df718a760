// Copyright 2026 the Weft authors. MIT license.

/**
 * Rejects a connection to a manager whose other side does not have the same key.
 *
 * @example Connect with a wrong key
 * ```ts
 * import { AuthenticationError, connectManager, serveManager } from "@weft/concurrency/cluster";
 * import { assertRejects } from "@std/assert";
 *
 * await using server = await serveManager({ port: 0, authKey: "correct horse battery", registry: {} });
 *
 * await assertRejects(
 *   () => connectManager({ port: server.port, authKey: "wrong horse battery staple" }),
 *   AuthenticationError,
 * );
 * ```
 */
export class AuthenticationError extends Error {
  /** Always `"AuthenticationError"`. */
  override readonly name = "AuthenticationError";
}

/**
 * Rejects a call to a manager that has ended, or to which the connection was lost; whether the call was carried out is
 * not known.
 *
 * @example The manager has ended
 * ```ts
 * import { Queue } from "@weft/concurrency/channel";
 * import { connectManager, ManagerLostError, serveManager } from "@weft/concurrency/cluster";
 * import { assertRejects } from "@std/assert";
 *
 * const authKey = "correct horse battery";
 * const queue = new Queue<number>();
 * const server = await serveManager({ port: 0, authKey, registry: { get_queue: () => queue } });
 * await using client = await connectManager({ port: server.port, authKey });
 * const remote = await client.get<Queue<number>>("get_queue");
 * await server.close();
 *
 * await assertRejects(() => remote.put(1), ManagerLostError);
 * ```
 */
export class ManagerLostError extends Error {
  /** Always `"ManagerLostError"`. */
  override readonly name = "ManagerLostError";
}

/**
 * Rejects a call that the other side of a manager did not understand or carry out, as a name is not known there; an
 * error that the called function threw comes as itself.
 *
 * @example Ask for something that is not served
 * ```ts
 * import { connectManager, RemoteError, serveManager } from "@weft/concurrency/cluster";
 * import { assertRejects } from "@std/assert";
 *
 * const authKey = "correct horse battery";
 * await using server = await serveManager({ port: 0, authKey, registry: {} });
 * await using client = await connectManager({ port: server.port, authKey });
 *
 * await assertRejects(() => client.get("get_queue"), RemoteError);
 * ```
 */
export class RemoteError extends Error {
  /** Always `"RemoteError"`. */
  override readonly name = "RemoteError";
}
