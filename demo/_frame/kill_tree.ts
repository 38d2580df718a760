// Copyright 2026 the Weft authors. MIT license.

/** Kills a process and all that descend from it, as far as `ps` knows them. */
export function killTree(root: number): void {
  const doomed = [root];
  const parents = readParents();
  // The list grows while it is walked, generation by generation.
  for (const parent of doomed) {
    doomed.push(...parents.filter(([, ppid]) => ppid === parent).map(([pid]) => pid!));
  }
  for (const pid of doomed) {
    try {
      Deno.kill(pid, "SIGKILL");
    } catch {
      // It has ended in the meantime.
    }
  }
}

/** Reads the pid and the parent's pid of every process; nothing where there is no `ps`. */
function readParents(): number[][] {
  try {
    const { stdout } = new Deno.Command("ps", { args: ["-e", "-o", "pid=,ppid="] }).outputSync();
    const lines = new TextDecoder().decode(stdout).trim().split("\n");
    return lines.map((line) => line.trim().split(/\s+/).map(Number));
  } catch {
    return [];
  }
}
