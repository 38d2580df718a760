// Copyright 2026 the Weft authors. MIT license.

// The house as it is meant to be: who may import whom, and how large a file grows.

import { assert, assertEquals } from "@std/assert";

/** The folders of the package, each with its floor; those of one floor do not import each other. */
const floors = {
  sync: 2,
  channel: 3,
  task: 4,
  thread: 5,
  process: 5,
  coroutine: 5,
  cluster: 6,
} as const;
type Folder = keyof typeof floors;
const folders = Object.keys(floors) as Folder[];

/** Lines of code of a file, and its lines with documentation. */
const longest = { code: 330, all: 450 };

const root = new URL("../", import.meta.url);

interface Import {
  /** Path of the file that imports, from the root of the project. */
  readonly from: string;
  /** Path of what it imports, or its specifier if it is not of the project. */
  readonly to: string;
  /** Whether it is loaded by a call. */
  readonly dynamic: boolean;
}

/** What every module of the package imports, types included. */
const imports = await readImports();

async function readImports(): Promise<Import[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", new URL("mod.ts", root).href],
  }).output();
  const graph: {
    modules: {
      specifier: string;
      dependencies?: {
        code?: { specifier?: string };
        type?: { specifier?: string };
        isDynamic?: boolean;
      }[];
    }[];
  } = JSON.parse(new TextDecoder().decode(stdout));
  return graph.modules.flatMap(({ specifier, dependencies = [] }) =>
    dependencies.flatMap(({ code, type, isDynamic = false }) =>
      [...new Set([code?.specifier, type?.specifier])].filter((to) => to !== undefined)
        .map((to) => ({ from: pathOf(specifier), to: pathOf(to), dynamic: isDynamic }))
    )
  );
}

function pathOf(specifier: string): string {
  return specifier.startsWith(root.href) ? specifier.slice(root.href.length) : specifier;
}

function folderOf(path: string): Folder | undefined {
  return folders.find((folder) => path.startsWith(`${folder}/`));
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Every TypeScript file in a folder and those below it, from the root of the project. */
function filesIn(folder: string): string[] {
  const files: string[] = [];
  for (const entry of Deno.readDirSync(new URL(`${folder}/`, root))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) files.push(...filesIn(path));
    else if (entry.name.endsWith(".ts")) files.push(path);
  }
  return files.sort();
}

/** The modules that a file names in its imports and exports, as they are written. */
function specifiersIn(path: string): string[] {
  const text = Deno.readTextFileSync(new URL(path, root));
  return [...text.matchAll(/^(?:import|export|\})[^"\n]*? from "([^"]+)"|^import "([^"]+)"/gm)]
    .map((match) => match[1] ?? match[2]!);
}

/** Where a relative specifier leads to, from the root of the project. */
function resolve(specifier: string, path: string): string {
  return pathOf(new URL(specifier, new URL(path, root)).href);
}

/** The modules on a way that comes back to where it began; empty if there is none. */
function cycleIn(edges: readonly Import[]): string[] {
  const next = Map.groupBy(edges, ({ from }) => from);
  const done = new Set<string>();
  const way: string[] = [];

  function visit(path: string): string[] {
    if (way.includes(path)) return [...way.slice(way.indexOf(path)), path];
    if (done.has(path)) return [];
    way.push(path);
    for (const { to } of next.get(path) ?? []) {
      const cycle = visit(to);
      if (cycle.length > 0) return cycle;
    }
    way.pop();
    done.add(path);
    return [];
  }
  for (const path of next.keys()) {
    const cycle = visit(path);
    if (cycle.length > 0) return cycle;
  }
  return [];
}

Deno.test("Every module of the package is reached from its root", () => {
  const reached = new Set(imports.flatMap(({ from, to }) => [from, to]));
  // What a child process or a thread of a pool loads is named by its address alone.
  const named = new Set(["process/_pool_worker.ts", "thread/_pool_worker.ts"]);

  const missing = folders.flatMap(filesIn).filter((path) => !reached.has(path) && !named.has(path));

  assertEquals(missing, []);
});

Deno.test("A module imports only from its own folder and from floors below it", () => {
  const upward = imports.filter(({ from, to }) => {
    const [own, other] = [folderOf(from), folderOf(to)];
    return own !== undefined && other !== undefined && own !== other &&
      floors[other] >= floors[own];
  });

  assertEquals(upward, []);
});

Deno.test("The ground floor imports nothing of the algorithms above it", () => {
  const isGround = (path: string) =>
    path.startsWith("sync/memory/") || ["sync/isolate.ts", "sync/thread_table.ts"].includes(path);

  const upward = imports.filter(({ from, to }) =>
    isGround(from) && folderOf(to) !== undefined && !isGround(to)
  );

  assertEquals(upward, []);
});

Deno.test("No import comes back to where it began", () => {
  assertEquals(cycleIn(imports.filter(({ dynamic }) => !dynamic)), []);
});

Deno.test("A cycle of imports is found", () => {
  const edge = (from: string, to: string): Import => ({ from, to, dynamic: false });

  assertEquals(cycleIn([edge("a", "b"), edge("b", "c"), edge("a", "c")]), []);
  assertEquals(cycleIn([edge("a", "b"), edge("b", "c"), edge("c", "b")]), ["b", "c", "b"]);
});

Deno.test("No module of the package imports the root", () => {
  const others = imports.filter(({ to }) => to === "mod.ts");

  assertEquals(others, []);
});

Deno.test("A module whose name begins with _ is imported in its folder alone", () => {
  const strangers = imports.filter(({ from, to }) =>
    nameOf(to).startsWith("_") &&
    to.slice(0, -nameOf(to).length) !== from.slice(0, -nameOf(from).length)
  );

  assertEquals(strangers, []);
});

Deno.test("The package imports nothing but itself and what the platform has", () => {
  const foreign = imports.filter(({ to }) => folderOf(to) === undefined && !to.startsWith("node:"));

  assertEquals(foreign.filter(({ from }) => from !== "mod.ts"), []);
});

Deno.test("Demo and benches use the package as a user would", () => {
  // The codec has no public face of its own.
  const files = ["demo", "bench"].flatMap(filesIn).filter((path) =>
    path !== "bench/codec_bench.ts"
  );

  const internals = files.flatMap((path) =>
    specifiersIn(path).filter((specifier) => specifier.startsWith(".")).map((specifier) =>
      resolve(specifier, path)
    )
      .filter((to) => folderOf(to) !== undefined && nameOf(to) !== "mod.ts")
      .map((to) => `${path} imports ${to}`)
  );

  assertEquals(internals, []);
});

Deno.test("What a file exports is used by another, or is public", () => {
  const files = [...folders, "demo", "bench", "tools", "tests"].flatMap(filesIn);
  const texts = new Map(files.map((path) => [path, Deno.readTextFileSync(new URL(path, root))]));
  const exported = /^export (?:abstract )?(?:async )?(?:function\*?|class|const|let) (\w+)/gm;

  const unused: string[] = [];
  for (const path of folders.flatMap(filesIn)) {
    for (const [, name] of texts.get(path)!.matchAll(exported)) {
      const word = new RegExp(`\\b${name}\\b`);
      if (!files.some((other) => other !== path && word.test(texts.get(other)!))) {
        unused.push(`${path}: ${name}`);
      }
    }
  }

  assertEquals(unused, []);
});

Deno.test(`No file of the package has more than ${longest.code} lines of code`, () => {
  const long = folders.flatMap(filesIn).map((path) => {
    const text = Deno.readTextFileSync(new URL(path, root));
    const code = text.replaceAll(/^ *\/\*[^]*?\*\/$/gm, "").split("\n")
      .filter((line) => !/^ *(?:\/\/.*)?$/.test(line));
    return { path, code: code.length, all: text.split("\n").length - 1 };
  });

  assertEquals(long.filter(({ code, all }) => code > longest.code || all > longest.all), []);
});

Deno.test("Every file says whose it is", () => {
  const files = ["mod.ts", ...[...folders, "demo", "bench", "tools", "tests"].flatMap(filesIn)];

  for (const path of files) {
    const text = Deno.readTextFileSync(new URL(path, root));
    assert(text.startsWith("// Copyright 2026 the Weft authors. MIT license.\n"), path);
  }
});
