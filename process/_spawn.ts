// Copyright 2026 the Weft authors. MIT license.

import { handleModule } from "../channel/codec.ts";
import { checkCompiled, type ChildRequests, childVariable } from "./_compiled.ts";
import { dyingWithParent } from "./_death_signal.ts";
import { linkHost, type StartMessage } from "./_link.ts";
import { holdsAll, permissionArgs, type ProcessPermissions, programs } from "./_permissions.ts";

/** What happens to an output of a child process. */
export type ProcessOutput = "inherit" | "piped" | "null";

/** Bytes that an empty pipe takes at once, by pipe(7); a multiple of its page. */
const pipeCapacity = 65536;

/** Flags with which a child may call native libraries. */
const nativeFlag = /^(?:-A|--allow-all|--allow-ffi)$/;

/** How to start the program of a child process. */
export interface SpawnOptions {
  readonly permissions?: ProcessPermissions | undefined;
  readonly runtimeArgs?: readonly string[] | undefined;
  readonly env?: Record<string, string> | undefined;
  readonly cwd?: string | URL | undefined;
  readonly stdout?: ProcessOutput | undefined;
  readonly stderr?: ProcessOutput | undefined;
}

/** What is part of a child's module graph beside the module of its task. */
export interface GraphAdditions {
  /** The kinds of the handles in its arguments; their modules are imported at once. */
  readonly handles: readonly string[];
  /** Modules that the task may import later. */
  readonly modules: readonly string[];
}

/**
 * Checks that this process may start others.
 *
 * @param what What is to be started, such as `process "Process-1"`.
 * @param requests What it is to get, which matters if this is a compiled program.
 * @throws {Deno.errors.NotCapable} If `--allow-run` is missing.
 */
export function checkRunPermission(what: string, requests: ChildRequests): void {
  if (Deno.build.standalone) return checkCompiled(what, requests);
  if (programs().some((command) => mayRun(command))) return;
  // Asks the user on a terminal, as Deno itself does.
  const command = Deno.execPath();
  if (Deno.permissions.requestSync({ name: "run", command }).state === "granted") return;
  throw new Deno.errors.NotCapable(
    `Cannot start ${what} as it requires run access to ${JSON.stringify(command)}: run ` +
      "again with the --allow-run flag",
  );
}

/** Starts a child that runs a job of `start.reference.module`. */
export function spawnChild(
  start: StartMessage,
  configArgs: readonly string[],
  additions: GraphAdditions,
  options: SpawnOptions,
): Deno.ChildProcess {
  const { permissions = "inherit", runtimeArgs = [], env, cwd } = options;
  const { stdout = "inherit", stderr = "inherit" } = options;
  const compiled = Deno.build.standalone;
  const flags = compiled
    ? []
    : permissionArgs(permissions, `${linkHost}:${start.port}`, cwd !== undefined);
  const childArgs = compiled ? Deno.args : [
    "run",
    ...flags,
    ...configArgs,
    ...runtimeArgs,
    mainModule(start.reference.module, additions),
    ...Deno.args,
  ];
  const program = (compiled ? undefined : programs().find(mayRun)) ?? Deno.execPath();
  const variables = compiled ? { ...env, [childVariable]: program } : env;
  const asksItself = compiled ? mayCallNative() : flags.some((flag) => nativeFlag.test(flag));
  const [command, args] = start.context.daemon && !asksItself
    ? dyingWithParent(program, childArgs)
    : [program, childArgs];
  return new Deno.Command(command, {
    args: [...args],
    stdin: "piped",
    stdout,
    stderr,
    ...(variables === undefined ? {} : { env: variables }),
    ...(cwd === undefined ? {} : { cwd }),
  }).spawn();
}

/**
 * Sends the start message and the payload, each behind its length. The stream stays open: its end
 * tells the child that the parent is gone.
 */
export async function sendStart(
  child: Deno.ChildProcess,
  writer: WritableStreamDefaultWriter<Uint8Array>,
  start: StartMessage,
  payload: Uint8Array,
): Promise<void> {
  // JSON and not the codec, which is still cold in a child that has just started.
  const message = new TextEncoder().encode(JSON.stringify(start));
  const bytes = new Uint8Array(12 + message.length + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, message.length, true);
  view.setFloat64(4, payload.length, true);
  bytes.set(message, 12);
  bytes.set(payload, 12 + message.length);
  if (writeAtOnce(child.pid, bytes)) return;
  try {
    await writer.write(bytes);
  } catch {
    // The child has ended; its status says how.
  }
}

/**
 * Writes to the standard input of a child without an event loop, so that the child goes on even if
 * this thread blocks right after it has started it.
 *
 * @returns Whether it was written; if not, nothing was: more bytes than the pipe takes without
 * blocking, or not Linux, or not the permission that Deno asks for here.
 */
function writeAtOnce(pid: number, bytes: Uint8Array): boolean {
  if (bytes.length > pipeCapacity || Deno.build.os !== "linux" || !holdsAll()) return false;
  try {
    using stdin = Deno.openSync(`/proc/${pid}/fd/0`, { write: true });
    for (let written = 0; written < bytes.length;) {
      written += stdin.writeSync(bytes.subarray(written));
    }
    return true;
  } catch {
    // The child has ended.
    return false;
  }
}

/**
 * The main module of a child: imports the module of the task literally, so that it is part of the
 * module graph and loads also where the child may read no file; so do the other modules.
 */
function mainModule(module: string, { handles, modules }: GraphAdditions): string {
  const child = JSON.stringify(import.meta.resolve("./child.ts"));
  const imports = handles.map((kind) => handleModule(kind))
    .map((url) => url === undefined ? "" : `import${JSON.stringify(url)};`);
  // Never called: code of the user may run only where `serve` guards it.
  const later = modules.map((url) => `()=>import(${JSON.stringify(url)});`);
  const code = `${imports.join("")}import{serve}from${child};${
    later.join("")
  }await serve(()=>import(${JSON.stringify(module)}))`;
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

function mayCallNative(): boolean {
  return Deno.permissions.querySync({ name: "ffi" }).state === "granted";
}

function mayRun(command: string): boolean {
  return Deno.permissions.querySync({ name: "run", command }).state === "granted";
}

/** Never called: a literal import puts the child's module into the module graph. */
export function child(): Promise<unknown> {
  return import("./child.ts");
}
