// Copyright 2026 the Weft authors. MIT license.

/** What is used of amqplib. */

import { loadPackage } from "./_npm.ts";

/** The package. */
export interface AmqpLibrary {
  connect(url: string, socketOptions: object): Promise<AmqpConnection>;
}

/** A connection; it emits `"error"`, which must be listened to, and `"close"`. */
export interface AmqpConnection {
  on(event: "error" | "close", listener: (error?: Error) => void): unknown;
  createChannel(): Promise<AmqpChannel>;
  createConfirmChannel(): Promise<AmqpConfirmChannel>;
  close(): Promise<void>;
}

/** What a message says about itself. */
export interface AmqpProperties {
  readonly messageId?: unknown;
}

/** A message that was delivered. */
export interface AmqpMessage {
  readonly content: Uint8Array;
  readonly fields: { readonly deliveryTag: number; readonly redelivered: boolean };
  readonly properties: AmqpProperties;
}

/** A channel; it ends when the server finds fault with it, and all that is under way rejects then. */
export interface AmqpChannel {
  on(event: "error", listener: (error: Error & { readonly code?: number }) => void): unknown;
  on(event: "close", listener: () => void): unknown;
  assertQueue(
    name: string,
    options: AmqpQueueArguments,
  ): Promise<{ readonly messageCount: number }>;
  checkQueue(name: string): Promise<{ readonly messageCount: number }>;
  /** Limits the messages that are delivered and not acknowledged; for all consumers together if `global`. */
  prefetch(count: number, global: boolean): Promise<unknown>;
  /** Is called with `null` when the server ends it. */
  consume(
    name: string,
    listener: (message: AmqpMessage | null) => void,
  ): Promise<{ readonly consumerTag: string }>;
  cancel(consumerTag: string): Promise<unknown>;
  get(name: string): Promise<AmqpMessage | false>;
  ack(message: AmqpMessage): void;
  nack(message: AmqpMessage, allUpTo: boolean, requeue: boolean): void;
}

/** Properties of a queue at the server. */
export interface AmqpQueueArguments {
  readonly durable: boolean;
  readonly maxLength?: number;
  readonly arguments?: Readonly<Record<string, unknown>>;
}

/** A channel on which the server confirms what it keeps. */
export interface AmqpConfirmChannel extends AmqpChannel {
  on(event: "error", listener: (error: Error & { readonly code?: number }) => void): unknown;
  on(event: "close", listener: () => void): unknown;
  on(
    event: "return",
    listener: (message: { readonly properties: AmqpProperties }) => void,
  ): unknown;
  publish(
    exchange: string,
    routingKey: string,
    content: AmqpBytes,
    options: object,
    confirm: (error: Error | null) => void,
  ): boolean;
}

/** Bytes of Node, the only ones that amqplib takes. */
// deno-lint-ignore no-explicit-any
export type AmqpBytes = any;

/** Loads amqplib. */
export async function loadAmqp(): Promise<AmqpLibrary> {
  return await loadPackage<AmqpLibrary>("amqplib", "AmqpQueue");
}

/** Makes bytes of Node, of the same memory. */
export function toBuffer({ buffer, byteOffset, length }: Uint8Array): AmqpBytes {
  const { process } = globalThis as unknown as { process: Builtins };
  return process.getBuiltinModule("node:buffer").Buffer.from(buffer, byteOffset, length);
}

interface Builtins {
  getBuiltinModule(name: "node:buffer"): {
    Buffer: { from(memory: ArrayBufferLike, offset: number, length: number): AmqpBytes };
  };
}

/** The code of what a server has said, as `403`; in a handshake it is only in the text. */
export function replyCode(error: unknown): number | undefined {
  const { code, message } = (error ?? {}) as {
    readonly code?: unknown;
    readonly message?: unknown;
  };
  if (typeof code === "number") return code;
  const found = /^Handshake terminated by server: (\d{3}) /.exec(`${message}`);
  return found === null ? undefined : Number(found[1]);
}
