// Copyright 2026 the Weft authors. MIT license.

const PR_SET_PDEATHSIG = 1;
const SIGKILL = 9;

/**
 * Has the kernel kill this process when the thread that started it ends, so that even one in a busy
 * loop ends with its parent; where FFI is not granted or this is not Linux, does nothing.
 *
 * See prctl(2), PR_SET_PDEATHSIG.
 *
 * @param parent The pid of the parent; if it has ended already, so does this process.
 */
export function dieWithParent(parent: number): void {
  if (Deno.build.os !== "linux") return;
  if (Deno.permissions.querySync({ name: "ffi" }).state !== "granted") return;
  const libc = openLibc();
  libc?.symbols.prctl(PR_SET_PDEATHSIG, BigInt(SIGKILL), 0n, 0n, 0n);
  libc?.close();
  if (Deno.ppid !== parent) Deno.exit(1);
}

/**
 * Where a program of util-linux is that has the kernel do the same before it becomes the one that it is given. By its
 * path, as the command's own `PATH` may be another.
 */
const starters = ["/usr/bin/setpriv", "/bin/setpriv"];
const starterArgs = ["--pdeathsig", "KILL", "--"];
let starter: string | false | undefined;

/**
 * Makes a command one that ends as with {@linkcode dieWithParent}, for a child that holds no FFI; where it may not be
 * run or this is not Linux, gives it as it is. The pid is that of the command, too.
 */
export function dyingWithParent(
  command: string,
  args: readonly string[],
): readonly [command: string, args: readonly string[]] {
  if (Deno.build.os !== "linux") return [command, args];
  const { state, partial } = Deno.permissions.querySync({ name: "run" });
  if (state !== "granted" || partial) return [command, args];
  starter ??= starters.find(works) ?? false;
  return starter === false ? [command, args] : [starter, [...starterArgs, command, ...args]];
}

/** Tries it with nothing to run: other systems have one that knows less. */
function works(path: string): boolean {
  try {
    const args = [...starterArgs, "/bin/true"];
    return new Deno.Command(path, { args, stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

function openLibc() {
  try {
    return Deno.dlopen("libc.so.6", {
      prctl: { parameters: ["i32", "u64", "u64", "u64", "u64"], result: "i32" },
    });
  } catch {
    // Another C library, under another name.
    return undefined;
  }
}

/** Ends this process by a signal. */
export function endThisProcess(signal: Deno.Signal): never {
  try {
    Deno.kill(Deno.pid, signal);
  } catch {
    // Without --allow-run a process may not even signal itself.
  }
  Deno.exit(1);
}
