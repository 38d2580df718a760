// Copyright 2026 the Weft authors. MIT license.

// Runs a program for each row of the table in docs/permissions.md: with exactly the flags of the row it does all, and
// without one of them it does what the row says. The programs stand in a folder of their own, as those of users do.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Queue } from "../channel/mod.ts";
import { serveManager } from "../cluster/mod.ts";
import { Semaphore } from "../sync/mod.ts";
import { writePackage } from "../tools/directory_registry.ts";
import { readOwnPackage } from "../tools/own_package.ts";
import { type RegistryServer, serveRegistry } from "../tools/serve_registry.ts";
import { freePort, isInstalled } from "../tools/servers/ports.ts";
import { noRabbit, useRabbit } from "../tools/servers/rabbit_server.ts";
import { noRedis, useRedis } from "../tools/servers/redis_server.ts";
import { type Effect, type PermissionRow, readRows } from "./_permission_rows.ts";
import { fixturePath, runProgram, TemporaryFolder } from "./process/_helpers.ts";

const library = decodeURIComponent(new URL("..", import.meta.url).pathname).replace(/\/$/, "");
const rows = readRows(Deno.readTextFileSync(`${library}/docs/permissions.md`));
const deno = Deno.execPath();

/** What a program is given, beside its flags. */
interface Setting {
  /** The folder that it stands in. */
  readonly folder: string;
  readonly env: Record<string, string>;
  /** Where its server is, as host and port, and as a URL. */
  readonly server?: { readonly host: string; readonly url: string } & AsyncDisposable;
}

/** Folders of programs by where these have the library from; made when first used, and removed at the end. */
class Folders implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  #registry: Promise<{ env: Record<string, string>; server: RegistryServer }> | undefined;
  readonly #made = new Map<string, Promise<Setting>>();

  /** Gives the folder for a row. */
  get(id: string): Promise<Setting> {
    const kind = kindOf(id);
    let setting = this.#made.get(kind);
    if (setting === undefined) this.#made.set(kind, setting = this.#make(kind));
    return setting;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled([...this.#made.values()]);
    await this.#stack.disposeAsync();
  }

  async #make(kind: string): Promise<Setting> {
    const folder = this.#stack.use(new TemporaryFolder());
    const env = kind === "files" ? {} : (await (this.#registry ??= this.#serve())).env;
    for (const { name } of Deno.readDirSync(fixturePath("permissions"))) {
      const text = Deno.readTextFileSync(fixturePath(`permissions/${name}`));
      // Without a configuration, what is imported has its full name.
      const full = text.replaceAll('"@weft/concurrency', '"jsr:@weft/concurrency@^0.1');
      folder.write({ [name]: kind === "bare" ? full : text });
    }
    if (kind !== "bare") folder.write({ "deno.json": JSON.stringify(config(kind)) });
    if (kind === "files") {
      // The broker drivers are packages of npm, to be found where the tests of this project find them.
      folder.write({ "package.json": Deno.readTextFileSync(`${library}/package.json`) });
    }
    return { folder: folder.path, env: { ...env, PATH: pathWith(deno) } };
  }

  async #serve() {
    const folder = this.#stack.use(new TemporaryFolder());
    const cache = this.#stack.use(new TemporaryFolder());
    await writePackage(folder.path, await readOwnPackage());
    const server = this.#stack.use(serveRegistry(folder.path));
    const env = { JSR_URL: server.url, DENO_DIR: cache.path };
    cache.write({ "all.ts": 'import "jsr:@weft/concurrency@^0.1";' });
    // So that no two programs fetch the same at once.
    const { stderr, code } = await runProgram(cache.file("all.ts"), { flags: [], env });
    assertEquals(code, 0, stderr);
    return { env, server };
  }
}

/** Where a program has the library from: a registry, with or without a configuration, or files. */
function kindOf(id: string): "registry" | "bare" | "files" {
  if (id === "process-bare") return "bare";
  return id === "thread-files" || brokers.has(id) ? "files" : "registry";
}

function config(kind: string): unknown {
  const { exports } = JSON.parse(Deno.readTextFileSync(`${library}/deno.json`));
  const files = Object.entries<string>(exports).map(([name, file]) => {
    return [`@weft/concurrency${name.slice(1)}`, new URL(`../${file}`, import.meta.url).href];
  });
  return {
    lock: false,
    nodeModulesDir: "none",
    imports: kind === "files"
      ? Object.fromEntries(files)
      : { "@weft/concurrency": "jsr:@weft/concurrency@^0.1" },
  };
}

/** Has `deno` be found as this one, whatever it was started by. */
function pathWith(program: string): string {
  return `${program.replace(/\/[^/]*$/, "")}:${Deno.env.get("PATH")}`;
}

/** The rows whose programs need a broker: why there is none, and one. */
const brokers = new Map([
  ["redis-queue", { missing: noRedis, use: useRedis }],
  ["cluster-pool", { missing: noRedis, use: useRedis }],
  ["amqp-queue", { missing: noRabbit, use: useRabbit }],
]);

/** Starts what the program of a row connects to. */
async function serverFor(id: string): Promise<Setting["server"]> {
  const broker = brokers.get(id);
  if (broker !== undefined) {
    const server = await broker.use();
    const { host } = new URL(server.url);
    return { host, url: server.url, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
  }
  if (id === "manager-server") {
    const host = `127.0.0.1:${freePort()}`;
    return { host, url: "", [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  if (id !== "manager-client") return undefined;
  const tasks = new Queue<number>();
  const server = await serveManager({
    authKey: "at least sixteen bytes",
    registry: { get_tasks: () => tasks },
  });
  const close = () => server[Symbol.asyncDispose]();
  return { host: `127.0.0.1:${server.port}`, url: "", [Symbol.asyncDispose]: close };
}

/** Each program starts others; more at once would only wait for each other. */
const turns = new Semaphore(Math.max(3, Math.min(navigator.hardwareConcurrency, 4)));

/** Rows whose program is that of another, with its arguments. */
const variants: Record<string, [program: string, ...args: string[]]> = {
  "channel-process": ["channel", "process"],
  "process-bare": ["process"],
  "sync-process": ["sync", "process"],
  "thread-files": ["thread"],
};

/** The arguments of deno to run the program of a row with some flags. */
function argumentsOf(id: string, flags: readonly string[], { folder, server }: Setting): string[] {
  const filled = flags.map((flag) =>
    flag.replace("LIBRARY", library).replace("HOST:PORT", server?.host ?? "")
  );
  const [program, ...more] = variants[id] ?? [id];
  const path = `${folder}/${program.replaceAll("-", "_")}.ts`;
  const args = server === undefined ? more : [server.host, server.url];
  return ["run", "--quiet", ...filled, path, ...args];
}

/** Runs the program of a row with some flags. */
async function runWith(id: string, flags: readonly string[], setting: Setting) {
  using _ = await turns.acquire();
  const { code, stdout, stderr } = await new Deno.Command(deno, {
    args: argumentsOf(id, ["--no-prompt", ...flags], setting),
    cwd: setting.folder,
    env: { NO_COLOR: "1", ...setting.env },
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

/** Runs the program of a row on a terminal, where Deno asks the user for what it is not granted. */
async function checkTerminal({ id, flags, asks }: PermissionRow, setting: Setting): Promise<void> {
  using _ = await turns.acquire();
  const words = [deno, ...argumentsOf(id, flags, setting)].map((word) => `'${word}'`);
  const child = new Deno.Command("script", {
    args: ["-qec", words.join(" "), "/dev/null"],
    cwd: setting.folder,
    env: { NO_COLOR: "1", ...setting.env },
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  let output = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    output += text;
    // It waits for an answer.
    if (output.includes("Allow?")) break;
  }
  if (output.includes("Allow?")) child.kill("SIGKILL");
  await child.status;
  await child.stdin.close().catch(() => {});
  if (asks === undefined) assertEquals(output, "done\r\n", id);
  else assertMatch(output, new RegExp(`requests .* access to ".*${asks}"`), id);
}

async function checkAll(id: string, flags: readonly string[], setting: Setting): Promise<void> {
  const { code, stdout, stderr } = await runWith(id, flags, setting);
  assertEquals({ code, stdout, stderr }, { code: 0, stdout: "done\n", stderr: "" }, id);
}

async function checkEffect(row: PermissionRow, effect: Effect, setting: Setting): Promise<void> {
  const { code, stdout, stderr } = await runWith(row.id, effect.flags, setting);
  const what = `${row.id} with ${effect.flags.join(" ") || "no flags"}:\n${stdout}${stderr}`;
  assertEquals(stdout.includes("done"), false, what);
  if (effect.fails) {
    assertEquals(code, 1, what);
    assertStringIncludes(stderr, effect.text, what);
  } else {
    assertEquals([code, stdout, stderr], [0, `${effect.text}\n`, ""], what);
  }
}

Deno.test("docs/permissions.md has a row for each program, and a program for each row", () => {
  const programs = [...Deno.readDirSync(fixturePath("permissions"))]
    .map(({ name }) => name.slice(0, -".ts".length).replaceAll("_", "-"))
    .filter((name) => name !== "words");

  const expected = rows.map(({ id }) => id).filter((id) => variants[id] === undefined);
  assertEquals(expected.sort(), programs.sort());
});

Deno.test("docs/permissions.md says for each flag what happens without it", () => {
  for (const { id, flags, effects } of rows) {
    for (const flag of flags) {
      const rest = flags.filter((other) => other !== flag);
      const known = effects.some((effect) => effect.flags.join(" ") === rest.join(" "));
      assert(known, `${id} does not say what happens without ${flag}`);
    }
  }
});

Deno.test({
  name:
    "Every module works with the flags of docs/permissions.md, not with fewer, and asks for no more",
  ignore: Deno.build.os !== "linux",
  async fn(t) {
    await using folders = new Folders();
    await Promise.all(rows.map((row) => {
      const missing = brokers.get(row.id)?.missing;
      return t.step({
        name: missing === undefined ? row.id : `${row.id} (${missing})`,
        ignore: missing !== undefined,
        sanitizeOps: false,
        sanitizeResources: false,
        sanitizeExit: false,
        async fn() {
          await using server = await serverFor(row.id);
          const setting = {
            ...await folders.get(row.id),
            ...(server === undefined ? {} : { server }),
          };

          await checkAll(row.id, row.flags, setting);
          if (isInstalled("script")) await checkTerminal(row, setting);
          await Promise.all(row.effects.map((effect) => checkEffect(row, effect, setting)));
        },
      });
    }));
  },
});
