// Copyright 2026 the Weft authors. MIT license.

/** The processes that this thread started and that are alive, in the order of their start. */
export const children: Set<object> = new Set();

const daemons = new Set<Deno.ChildProcess>();
let listens = false;

/**
 * Has a daemon killed when the program or the thread that started it comes to its end, or calls
 * `Deno.exit`, so that even one in a busy loop ends that has no `--allow-ffi`.
 */
export function endWithStarter(daemon: Deno.ChildProcess): void {
  if (!listens) globalThis.addEventListener("unload", killDaemons);
  listens = true;
  daemons.add(daemon);
  daemon.status.then(() => daemons.delete(daemon));
}

function killDaemons(): void {
  for (const daemon of daemons) {
    try {
      daemon.kill("SIGKILL");
    } catch {
      // It ended by itself just now.
    }
  }
}
