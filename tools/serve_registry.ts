// Copyright 2026 the Weft authors. MIT license.

/**
 * Serves a directory registry over http as JSR serves packages to Deno:
 *
 * ```sh
 * deno run -A tools/serve_registry.ts FOLDER
 * ```
 *
 * @module
 */

// Deno takes the language of a remote module from its content type.
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  js: "text/javascript",
  json: "application/json",
  jsx: "text/jsx",
  md: "text/markdown",
  ts: "text/typescript",
  tsx: "text/tsx",
};

/** A running server; disposing it closes it. */
export interface RegistryServer extends AsyncDisposable {
  /** Address to put into `JSR_URL`. */
  readonly url: string;
  /** Paths that were asked for so far. */
  readonly requests: readonly string[];
}

/**
 * Serves a directory registry on a free port of 127.0.0.1.
 *
 * @param root Folder of the registry.
 * @returns The server, which runs until the caller disposes it.
 */
export function serveRegistry(root: string): RegistryServer {
  const requests: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    // The parser of URLs has resolved every "..", so the path stays within the folder.
    const path = new URL(request.url).pathname;
    requests.push(path);
    return respond(`${root}${path}`);
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    requests,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

async function respond(path: string): Promise<Response> {
  try {
    const type = CONTENT_TYPES[path.slice(path.lastIndexOf(".") + 1)] ?? "text/plain";
    const headers = { "content-type": `${type}; charset=utf-8` };
    return new Response(await Deno.readFile(path), { headers });
  } catch {
    return new Response("Not found", { status: 404 });
  }
}

if (import.meta.main) {
  const [root] = Deno.args;
  if (root === undefined) {
    console.error("Usage: deno run -A tools/serve_registry.ts FOLDER");
    Deno.exit(2);
  }
  console.log(serveRegistry(root).url);
}
