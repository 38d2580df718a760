// Copyright 2026 the Weft authors. MIT license.

/**
 * The far side of a process: its main module calls {@linkcode serve}. See `_link.ts` for what it
 * hears and says.
 *
 * @module
 */

import { setProcessContext } from "../task/context.ts";
import { executeJob, type JobOutcome, Revival } from "../task/job.ts";
import { joinNonDaemons, reportUnjoined } from "../task/lifecycle.ts";
import { dieWithParent } from "./_death_signal.ts";
import { connectLink, FrameType, type StartMessage, writeFrame } from "./_link.ts";

/**
 * Runs the job that the parent sends, and ends this process.
 *
 * @param load Imports the module of the job.
 */
export async function serve(load: () => Promise<Record<string, unknown>>): Promise<never> {
  const { start, payload } = readStart();
  const { context, reference } = start;
  setProcessContext(context);
  if (context.daemon) dieWithParent(context.parent!.pid);
  watchParent(context.daemon);
  const link = connectLink(start);
  let hasHandles = false;
  const outcome = await executeJob({ reference, payload }, {
    load: () => load().catch((error) => explain(error, context.configDenied)),
    revival: new Revival(context.name, context.daemon),
    encoding: { destination: "process", onHandle: () => hasHandles = true },
  });
  await deliver(link, outcome, hasHandles);
  await joinNonDaemons();
  reportUnjoined();
  Deno.exit(outcome.ok ? 0 : 1);
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

async function deliver(
  link: ReturnType<typeof connectLink>,
  { ok, payload }: JobOutcome,
  hasHandles: boolean,
): Promise<void> {
  try {
    const conn = await link;
    const type = ok ? FrameType.returned : FrameType.threw;
    if (conn === undefined) return;
    await writeFrame(conn, { type, body: payload });
    // What they are handles on is here, until the parent has it as well and closes the connection.
    if (hasHandles) await conn.read(new Uint8Array(1));
  } catch {
    // The parent is gone, and nobody else wants to know.
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
