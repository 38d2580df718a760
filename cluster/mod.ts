// Copyright 2026 the Weft authors. MIT license.

/**
 * More than one machine: objects that other programs use over the network, in Python as well.
 *
 * @module
 */

export type { WaitOptions } from "../sync/wait.ts";
export * from "./amqp_queue.ts";
export type { BrokerCloseOptions, BrokerQueueOptions } from "./_broker_options.ts";
export { BrokerQueue } from "./_broker_queue.ts";
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
