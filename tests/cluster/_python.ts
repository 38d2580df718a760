// Copyright 2026 the Weft authors. MIT license.

/** Runs a program with the machine's `python3`, and gives what it writes. */
export async function runPython(
  code: string,
  input: Uint8Array<ArrayBuffer> = new Uint8Array(0),
): Promise<Uint8Array<ArrayBuffer>> {
  const child = new Deno.Command("python3", {
    args: ["-c", code],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = child.output();
  const writer = child.stdin.getWriter();
  // A program that fails may be gone before it has read everything; it is judged by its status.
  await writer.write(input).then(() => writer.close()).catch(() => {});
  const { success, stdout, stderr } = await output;
  if (!success) throw new Error(`python3 failed: ${new TextDecoder().decode(stderr)}`);
  return new Uint8Array(stdout);
}

/** Why there is no Python to test with; `undefined` if there is. */
export const noPython: string | undefined = (() => {
  try {
    const { success } = new Deno.Command("python3", { args: ["-c", "import pickle"] }).outputSync();
    return success ? undefined : "python3 does not run";
  } catch {
    return "there is no python3";
  }
})();
