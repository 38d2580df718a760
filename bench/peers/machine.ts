// Copyright 2026 the Weft authors. MIT license.

/** Says on what is measured: the machine, the versions, the commit. */
export async function describeMachine(): Promise<string> {
  return [
    `${Deno.build.target} with ${navigator.hardwareConcurrency} cores`,
    `Deno ${Deno.version.deno}`,
    await outputOf("python3", "--version") ?? "no Python",
    `Node ${await outputOf("node", "--version") ?? "missing"}`,
    `commit ${await outputOf("git", "describe", "--always", "--dirty") ?? "unknown"}`,
  ].join(", ");
}

/** What a program prints; `undefined` if there is no such program, or it fails. */
export async function outputOf(program: string, ...args: string[]): Promise<string | undefined> {
  try {
    const { success, stdout } = await new Deno.Command(program, { args, stderr: "null" }).output();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
