// Copyright 2026 the Weft authors. MIT license.

import { show } from "../sync/show.ts";
import { BufferTooShortError, NotBytesError } from "./errors.ts";

/**
 * The part of a buffer into which a message goes.
 *
 * @throws {TypeError} If the buffer is not a `Uint8Array`.
 * @throws {RangeError} If the offset is not a whole number from 0 to the length of the buffer.
 */
export function checkRoom(buffer: Uint8Array, offset = 0): Uint8Array {
  if (!(buffer instanceof Uint8Array)) {
    throw new TypeError(
      `Cannot receive into what is not a Uint8Array: current value is ${show(buffer)}`,
    );
  }
  if (Number.isInteger(offset) && offset >= 0 && offset <= buffer.length) {
    return buffer.subarray(offset);
  }
  throw new RangeError(
    `Cannot receive at an offset that is not within the buffer of ${buffer.length} bytes: ` +
      `current value is ${offset}`,
  );
}

/**
 * Stores a message that is bytes; gives their number.
 *
 * @throws {NotBytesError} If it is something else.
 * @throws {BufferTooShortError} If there is no room for it.
 */
export function storeMessage(message: unknown, room: Uint8Array): number {
  const bytes = bytesOf(message);
  if (bytes === undefined) {
    throw new NotBytesError(
      `Cannot receive a message into a buffer as it is not bytes: current value is ${
        show(message)
      }`,
      message,
    );
  }
  if (bytes.length > room.length) {
    throw new BufferTooShortError(
      `Cannot receive ${bytes.length} bytes as there is no room for so many: current value is ` +
        `${room.length} bytes`,
      message,
    );
  }
  room.set(bytes);
  return bytes.length;
}

function bytesOf(message: unknown): Uint8Array | undefined {
  if (message instanceof ArrayBuffer) return new Uint8Array(message);
  if (!ArrayBuffer.isView(message)) return undefined;
  return new Uint8Array(message.buffer, message.byteOffset, message.byteLength);
}
