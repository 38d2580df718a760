// Copyright 2026 the Weft authors. MIT license.

/** Command of a Chromium that is installed; `undefined` if none is. */
export const chromium: string | undefined = ["chromium", "chromium-browser", "google-chrome"]
  .find((command) => {
    try {
      return new Deno.Command(command, { args: ["--version"], stderr: "null" }).outputSync()
        .success;
    } catch {
      return false;
    }
  });

const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * Opens a page in a headless Chromium.
 *
 * @returns What has become of it when its scripts have run, and the paths that it has asked its server for.
 */
export async function dumpDom(page: string): Promise<{ dom: string; requests: string[] }> {
  const profile = await Deno.makeTempDir();
  const requests: string[] = [];
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      requests.push(new URL(request.url).pathname);
      return new Response(page, { headers: { "content-type": "text/html; charset=utf-8" } });
    },
  );
  try {
    const { success, stdout } = await new Deno.Command(chromium!, {
      args: [
        ...flags,
        `--user-data-dir=${profile}`,
        "--dump-dom",
        `http://127.0.0.1:${server.addr.port}/`,
      ],
      stdin: "null",
      stderr: "null",
    }).output();
    if (!success) throw new Error("Chromium has failed");
    return { dom: new TextDecoder().decode(stdout), requests };
  } finally {
    await Deno.remove(profile, { recursive: true });
  }
}
