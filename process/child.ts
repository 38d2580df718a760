// Copyright 2026 the Weft authors. MIT license.

/**
 * The far side of a process: its main module calls {@linkcode serve}. See `_link.ts` for what it
 * hears and says.
 *
 * @module
 */

import { setProcessContext } from "../task/context.ts";
import { executeJob, type JobOutcome, Revival } from "../task/job.ts";
import { joinNonDaemons } from "../task/lifecycle.ts";
import { reportUnjoined } from "../task/unjoined.ts";
import { setWire, type Wire } from "../task/wire.ts";
import { dieWithParent } from "./_death_signal.ts";
import { connectLink, FrameReader, FrameType, FrameWriter, type StartMessage } from "./_link.ts";

/**
 * Runs the job that the parent sends, and ends this process.
 *
 * @param load Imports the module of the job, by its URL.
 */
export async function serve(
  load: (module: string) => Promise<Record<string, unknown>>,
): Promise<never> {
  const { start, payload } = readStart();
  const { context, reference } = start;
  if (start.programArgs !== undefined) adoptArgs(start.programArgs);
  setProcessContext(context);
  if (context.daemon) dieWithParent(context.parent!.pid);
  watchParent(context.daemon);
  const link = new Link(connectLink(start));
  setWire(link);
  let holds = start.wired;
  const outcome = await executeJob({ reference, payload }, {
    load: async () => {
      const module = await load(reference.module).catch((error) =>
        explain(error, context.configDenied)
      );
      // What its task posts gets through even if it ends the process at once.
      if (start.wired) await link.opened;
      return module;
    },
    revival: new Revival(context.name, context.daemon),
    encoding: { destination: "process", onHandle: () => holds = true },
  });
  await link.deliver(outcome, holds);
  await joinNonDaemons();
  reportUnjoined();
  Deno.exit(outcome.ok ? 0 : 1);
}

/** Gives this compiled program the arguments of its parent: those that were compiled in it has twice. */
function adoptArgs(args: readonly string[]): void {
  const own = Deno.args as string[];
  // What has been read from Deno before is the same array.
  own.splice(0, own.length, ...args);
}

/** Says why the module of a task may not load, where the runtime cannot know it. */
function explain(error: unknown, configDenied: boolean): never {
  if (configDenied && error instanceof TypeError) {
    error.message +=
      " (the program's deno.json was not looked for, as that requires read access: " +
      "run again with the --allow-read flag)";
  }
  throw error;
}

/** What leads to the parent. */
class Link implements Wire {
  /** Resolves when the parent has proved itself, or is gone. */
  readonly opened: Promise<void>;
  readonly #conn: Promise<Deno.TcpConn | undefined>;
  readonly #writer = new FrameWriter();
  #onMessage: ((message: unknown) => void) | undefined;
  #reading: Promise<void> | undefined;
  #posts = false;

  constructor(conn: Promise<Deno.TcpConn | undefined>) {
    this.#conn = conn;
    this.opened = conn.then((conn) =>
      conn === undefined ? this.#writer.close() : this.#writer.open(conn)
    );
  }

  post(message: unknown): void {
    this.#writer.send({ type: FrameType.message, body: message as Uint8Array<ArrayBuffer> });
    if (this.#posts) return;
    this.#posts = true;
    globalThis.addEventListener("unload", () => this.#writer.flushNow());
  }

  listen(onMessage: (message: unknown) => void): void {
    this.#onMessage = onMessage;
    this.#reading ??= this.#read();
  }

  /**
   * Tells the parent what the task came to.
   *
   * @param holds Whether to stay until the parent hangs up: it has yet to find what the outcome has
   * handles on, or it may send messages, and if some were left unread what was sent here would be lost.
   */
  async deliver({ ok, payload }: JobOutcome, holds: boolean): Promise<void> {
    try {
      await this.opened;
      this.#writer.send({ type: ok ? FrameType.returned : FrameType.threw, body: payload });
      await this.#writer.flush();
      if (holds) await this.#untilEnd();
    } catch {
      // The parent is gone, and nobody else wants to know.
    }
  }

  /** Drops what comes from the parent until it hangs up. */
  #untilEnd(): Promise<void> {
    this.listen(() => {});
    return this.#reading!;
  }

  async #read(): Promise<void> {
    const conn = await this.#conn;
    if (conn === undefined) return;
    const reader = new FrameReader(conn);
    for (let frame = await reader.next(); frame !== undefined; frame = await reader.next()) {
      this.#onMessage!(frame.body);
    }
  }
}

/** Reads what the parent sends before anything else can happen here. */
function readStart(): { start: StartMessage; payload: Uint8Array<ArrayBuffer> } {
  const view = new DataView(readExactly(12).buffer);
  const message = new TextDecoder().decode(readExactly(view.getUint32(0, true)));
  const start: StartMessage = JSON.parse(message);
  return { start, payload: readExactly(view.getFloat64(4, true)) };
}

function readExactly(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let filled = 0; filled < length;) {
    const count = Deno.stdin.readSync(bytes.subarray(filled));
    // The parent was gone before it could say what to do.
    if (count === null) Deno.exit(1);
    filled += count;
  }
  return bytes;
}

/** Waits for the end of standard input, which the parent holds open as long as it lives. */
async function watchParent(daemon: boolean): Promise<void> {
  const byte = new Uint8Array(1);
  while (await Deno.stdin.read(byte) !== null);
  if (daemon) Deno.exit(1);
}
