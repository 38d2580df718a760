// Copyright 2026 the Weft authors. MIT license.

// What tests of pools over machines have in common.

import { ClusterPool, type ClusterPoolOptions } from "../../cluster/cluster_pool.ts";
import {
  type ClusterServer,
  serveCluster,
  type ServeClusterOptions,
} from "../../cluster/serve_cluster.ts";
import * as tasks from "../fixtures/cluster_tasks.ts";
import { noOwnRedis, noRedis, RedisServer, useRedis } from "./_redis_server.ts";

/** Milliseconds after which a test gives up. */
const limit = 60_000;

/** Where tests of pools over machines work. */
export interface Place {
  readonly url: string;
  /** Name of a queue that nobody else has. */
  readonly name: string;
  /** A folder of the test's own. */
  readonly folder: string;
}

/** Defines a test that has a Redis server, and is ignored where there is none. */
export function testCluster(name: string, body: (place: Place) => Promise<void>): void {
  const ignore = noRedis !== undefined;
  Deno.test({
    name: ignore ? `${name} (${noRedis})` : name,
    ignore,
    async fn() {
      await using redis = await useRedis();
      await within(inFolder((folder) => body({ url: redis.url, name: uniqueName(), folder })));
    },
  });
}

/** Defines a test that has a Redis server which it can stop. */
export function testOutage(
  name: string,
  body: (place: Place & { readonly redis: RedisServer }) => Promise<void>,
): void {
  const ignore = noOwnRedis !== undefined;
  Deno.test({
    name: ignore ? `${name} (${noOwnRedis})` : name,
    ignore,
    async fn() {
      await using redis = await RedisServer.start();
      await within(
        inFolder((folder) => body({ url: redis.url, redis, name: uniqueName(), folder })),
      );
    },
  });
}

/** Serves the tasks of the fixture in this program. */
export function serve(
  { url, name }: Place,
  options: Partial<ServeClusterOptions> = {},
): Promise<ClusterServer> {
  return serveCluster({ url, name, tasks, onError: ignoreError, ...options });
}

/** Creates a pool that prints nothing. */
export function makePool(
  { url, name }: Place,
  options: Partial<ClusterPoolOptions> = {},
): ClusterPool {
  return new ClusterPool({ url, name, onError: ignoreError, ...options });
}

/** A program that serves the tasks of the fixture. */
export class WorkerProgram implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #rest: Promise<void>;

  private constructor(child: Deno.ChildProcess, rest: Promise<void>) {
    this.#child = child;
    this.#rest = rest;
  }

  /** Starts one, and waits until it serves. */
  static async start(
    { url, name }: Place,
    options: object = {},
    permissions: readonly string[] = ["-A"],
  ): Promise<WorkerProgram> {
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--no-prompt", "--quiet", ...permissions],
        new URL("../fixtures/cluster_worker.ts", import.meta.url).href,
        JSON.stringify({ url, name, ...options }),
      ],
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const { value } = await output.read();
    if (value !== "ready\n") {
      await output.cancel();
      await child.stdin.close();
      await child.status;
      throw new Error(`The program did not serve: ${value}`);
    }
    return new WorkerProgram(child, drain(output));
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Ends it without a chance to say goodbye. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended();
  }

  /** Has it end by itself, when its work is done. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#ended();
  }

  async #ended(): Promise<void> {
    try {
      await this.#child.stdin.close();
    } catch {
      // It is closed already, or the program has ended.
    }
    await this.#rest;
    await this.#child.status;
  }
}

async function drain(output: ReadableStreamDefaultReader<string>): Promise<void> {
  while (!(await output.read()).done);
}

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Fails when a promise is still pending after a minute. */
export async function within<T>(promise: Promise<T>, time = limit): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`Not within ${time} ms`)), time);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function uniqueName(): string {
  return `test-${crypto.randomUUID()}`;
}

function ignoreError(): void {}
