// Copyright 2026 the Weft authors. MIT license.

/** A port of 127.0.0.1 that nobody listens at. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Waits until somebody listens at a port. */
export async function waitForPort(port: number, timeout = 60_000): Promise<void> {
  const deadline = performance.now() + timeout;
  for (;;) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
      if (performance.now() > deadline) throw new Error(`Nobody listens at port ${port}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Whether there is a program of this name. */
export function isInstalled(program: string): boolean {
  const folders = [...(Deno.env.get("PATH") ?? "").split(":"), "/usr/sbin", "/usr/local/sbin"];
  return folders.some((folder) => {
    try {
      return Deno.statSync(`${folder}/${program}`).isFile;
    } catch {
      return false;
    }
  });
}
