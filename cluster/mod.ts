// Copyright 2026 the Weft authors. MIT license.

/**
 * More than one machine, and programs in other languages.
 *
 * | what is needed | choose |
 * | --- | --- |
 * | queues, locks, dictionaries of one program for others, in Python too | {@linkcode serveManager}, {@linkcode connectManager} |
 * | items that outlive programs, through a Redis server | {@linkcode RedisQueue} |
 * | the same through RabbitMQ, with programs in any language | {@linkcode AmqpQueue} |
 * | functions that run on other machines | {@linkcode ClusterPool}, {@linkcode serveCluster} |
 *
 * A manager keeps what it serves in the memory of its program: it is fast and simple, and gone with the program. The
 * others need a server, which keeps the items until somebody says that they are done.
 *
 * Whatever comes over the network is taken as plain data; none of it is executed or looked up.
 *
 * @example Share work, as the tutorials do
 * ```ts
 * import { Queue } from "@weft/concurrency/channel";
 * import { connectManager, serveManager } from "@weft/concurrency/cluster";
 * import { assertEquals } from "@std/assert";
 *
 * const authKey = "correct horse battery";
 *
 * // The master:
 * const tasks = new Queue<number>();
 * const results = new Queue<string>();
 * await using server = await serveManager({
 *   port: 0,
 *   authKey,
 *   registry: { get_task_queue: () => tasks, get_result_queue: () => results },
 * });
 * await tasks.put(12);
 *
 * // A worker, elsewhere, or one in Python:
 * await using client = await connectManager({ port: server.port, authKey });
 * const task = await client.get<Queue<number>>("get_task_queue");
 * const result = await client.get<Queue<string>>("get_result_queue");
 * const n = await task.get({ timeout: 1000 });
 * await result.put(`${n} * ${n} = ${n * n}`);
 *
 * assertEquals(await results.get(), "12 * 12 = 144");
 * ```
 *
 * @module
 */

export type { WaitOptions } from "../sync/wait.ts";
export * from "./amqp_queue.ts";
export type {
  BrokerBackoff,
  BrokerCloseOptions,
  BrokerFormat,
  BrokerQueueOptions,
} from "./broker_options.ts";
export * from "./broker_queue.ts";
export * from "./cluster_pool.ts";
export * from "./manager_client.ts";
export * from "./manager_errors.ts";
export * from "./manager_server.ts";
export { PickleError } from "./pickle_error.ts";
export {
  FrozenSet,
  isTuple,
  PyFloat,
  pyFloat,
  PythonError,
  type PythonErrorOptions,
  type Tuple,
  tuple,
} from "./python_values.ts";
export type { MethodNames, Remote, RemoteMethods } from "./remote.ts";
export * from "./remote_data.ts";
export * from "./remote_event.ts";
export * from "./remote_lock.ts";
export { RemoteObject, RemoteProxy } from "./remote_object.ts";
export * from "./remote_queue.ts";
export * from "./redis_queue.ts";
export * from "./report_progress.ts";
export * from "./serve_cluster.ts";
export * from "./unknown_task_error.ts";
