// Copyright 2026 the Weft authors. MIT license.

/**
 * Tells for how long the cores of this machine have had nothing to do.
 *
 * @returns Milliseconds since it was started, the sum of all cores; in steps of ten.
 */
export function idleTime(): number {
  // Deno itself reads this file with all permissions only.
  const { stdout } = new Deno.Command("cat", { args: ["/proc/stat"] }).outputSync();
  const [, , , , idle, waiting] = new TextDecoder().decode(stdout).split(/\s+/, 6).map(Number);
  return (idle! + waiting!) * 10;
}
