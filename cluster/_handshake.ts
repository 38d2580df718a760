// Copyright 2026 the Weft authors. MIT license.

/*
 * The handshake of CPython's `multiprocessing.connection`: each side sends the other a challenge, and gets it back with
 * a code that only who has the key can make. Both its forms: that of Python 3.12, in which challenge and answer begin
 * with the name of a digest, and the older one, in which the digest is MD5.
 */

import type { AuthKey } from "./_auth_key.ts";
import { FrameError, type FrameStream } from "./_frames.ts";
import { AuthenticationError } from "./manager_errors.ts";

/** The longest message of a handshake. */
const mostBytes = 256;
const nonceBytes = 40;
/** Of the challenges and answers of Python up to 3.11. */
const legacyChallenge = 20;
const legacyAnswer = 16;
const ourDigest = "sha256";
/** Digests by the names that they have on the wire. */
const digests: ReadonlyMap<string, string> = new Map([
  ["md5", "md5"],
  ["sha256", "sha256"],
  ["sha384", "sha384"],
  ["sha3_256", "sha3-256"],
  ["sha3_384", "sha3-384"],
]);

const challengeMark = latin("#CHALLENGE#");
const welcome = latin("#WELCOME#");
const failure = latin("#FAILURE#");

/** How one side of a handshake is done. */
export interface HandshakeOptions {
  readonly key: AuthKey;
  /** Whether the other side may use MD5, as Python up to 3.11 does. */
  readonly legacyMd5: boolean;
  /** Called before the other side is told that its key is wrong. */
  readonly onFailure?: (() => Promise<void>) | undefined;
}

interface Crypto {
  createHmac(digest: string, key: Uint8Array): {
    update(message: Uint8Array): { digest(): Uint8Array };
  };
  timingSafeEqual(a: Uint8Array, b: Uint8Array): boolean;
}

/*
 * The challenges of the clients, and of the servers, of this isolate that wait for their answer. Without a look at them,
 * who has not the key could send one back in another connection to have it answered: each client makes several.
 */
type Challenges = Set<string>;
const ofClients: Challenges = new Set();
const ofServers: Challenges = new Set();

/** Does it as the one who has accepted the connection. */
export async function shakeAsServer(stream: FrameStream, options: HandshakeOptions): Promise<void> {
  await deliverChallenge(stream, options, ofServers);
  await answerChallenge(stream, options, ofServers);
}

/** Does it as the one who has made the connection. */
export async function shakeAsClient(stream: FrameStream, options: HandshakeOptions): Promise<void> {
  await answerChallenge(stream, options, ofClients);
  await deliverChallenge(stream, options, ofClients);
}

async function deliverChallenge(
  stream: FrameStream,
  options: HandshakeOptions,
  open: Challenges,
): Promise<void> {
  const prefix = latin(`{${ourDigest}}`);
  const message = concat(prefix, crypto.getRandomValues(new Uint8Array(nonceBytes)));
  const name = nameOf(message);
  open.add(name);
  try {
    await stream.write(concat(challengeMark, message));
    const answer = await read(stream);
    if (isRight(answer, message, options)) return await stream.write(welcome);
  } finally {
    open.delete(name);
  }
  await options.onFailure?.();
  // The other side may have gone meanwhile, which is no news then.
  await stream.write(failure).catch(() => {});
  throw new AuthenticationError("The other side does not have the same authKey");
}

async function answerChallenge(
  stream: FrameStream,
  options: HandshakeOptions,
  own: Challenges,
): Promise<void> {
  const frame = await read(stream);
  if (!startsWith(frame, challengeMark)) {
    throw new AuthenticationError("The other side does not send the challenge of a manager");
  }
  const message = frame.slice(challengeMark.length);
  if (own.has(nameOf(message))) {
    throw new AuthenticationError("The other side sends back a challenge of ours");
  }
  await stream.write(answerTo(message, options));
  if (!isEqual(await read(stream), welcome)) {
    throw new AuthenticationError("The other side does not accept the authKey");
  }
}

function answerTo(message: Uint8Array, { key, legacyMd5 }: HandshakeOptions): Uint8Array {
  const digest = message.length === legacyChallenge ? undefined : digestOf(message);
  if (message.length !== legacyChallenge && digest === undefined) {
    throw new AuthenticationError("The other side sends a challenge that nobody can answer");
  }
  if (digest === undefined || digest === "md5") {
    if (!legacyMd5) {
      throw new AuthenticationError("The other side wants MD5, which is refused without legacyMd5");
    }
  }
  if (digest === undefined) return codeOf("md5", key, message);
  return concat(latin(`{${digest}}`), codeOf(digest, key, message));
}

function isRight(
  answer: Uint8Array,
  message: Uint8Array,
  { key, legacyMd5 }: HandshakeOptions,
): boolean {
  const isLegacy = answer.length === legacyAnswer;
  const digest = isLegacy ? "md5" : digestOf(answer);
  if (digest === undefined || (digest === "md5" && !legacyMd5)) return false;
  const code = isLegacy ? answer : answer.subarray(digest.length + 2);
  const expected = codeOf(digest, key, message);
  return code.length === expected.length && builtin().timingSafeEqual(code, expected);
}

/** The digest that bytes name in braces at their beginning; `undefined` if it is none of those allowed. */
function digestOf(bytes: Uint8Array): string | undefined {
  const [, name] = /^\{(\w{1,8})\}/.exec(String.fromCharCode(...bytes.subarray(0, 10))) ?? [];
  return name !== undefined && digests.has(name) ? name : undefined;
}

function codeOf(digest: string, key: AuthKey, message: Uint8Array): Uint8Array {
  return builtin().createHmac(digests.get(digest)!, key.bytes).update(message).digest();
}

async function read(stream: FrameStream): Promise<Uint8Array> {
  const frame = await stream.read(mostBytes);
  if (frame === undefined) throw new FrameError("The stream ended in the handshake");
  return frame;
}

/** The web's cryptography has no MD5; what has it is loaded when it is first used. */
function builtin(): Crypto {
  return (globalThis as unknown as {
    process: { getBuiltinModule(name: string): Crypto };
  }).process.getBuiltinModule("node:crypto");
}

function nameOf(message: Uint8Array): string {
  return String.fromCharCode(...message);
}

function latin(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(a.length + b.length);
  bytes.set(a);
  bytes.set(b, a.length);
  return bytes;
}

function startsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  return start.every((byte, i) => bytes[i] === byte);
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && startsWith(a, b);
}
