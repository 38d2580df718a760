// Copyright 2026 the Weft authors. MIT license.

/**
 * Crawler: 进程池、线程池、协程池对比.
 *
 * The same pages are fetched by a pool of processes, one of threads, and one of coroutines. One page is
 * slow (google页面会卡住): it is asked for first, and answered when all the others have arrived. So who
 * waits for it before going on to the next page waits in vain. Coroutines do as well as the others here, in
 * this one thread; 进程池: 浪费资源.
 *
 * ```sh
 * deno task demo crawler
 * deno run --allow-run --allow-read=. --allow-net=127.0.0.1 demo/crawler.ts
 * ```
 *
 * @module
 */

import { CoroutinePool, currentCoroutine } from "@weft/concurrency/coroutine";
import { ProcessPool } from "@weft/concurrency/process";
import { task } from "@weft/concurrency/task";
import { currentThread, ThreadPool } from "@weft/concurrency/thread";
import { runProgram, sleep } from "./_frame/program.ts";
import type { Context, Scenario } from "./_frame/scenario.ts";

/** How many pages are fetched at once. */
const size = 3;
/** The first of them is slow. */
const paths = [
  "/google",
  "/baidu",
  "/chouti",
  "/github",
  "/deno",
  "/jsr",
  "/npm",
  "/pypi",
  "/crates",
];
/** Milliseconds that the slow page waits for the others at most. */
const patience = 15_000;

/** S3.1.5: fetches a page; tells where that was done. */
export const fetchRequest = task(import.meta, async function fetchRequest(url: string) {
  const result = await fetch(url);
  const text = await result.text();
  return {
    path: new URL(url).pathname,
    text,
    pid: Deno.pid,
    thread: currentThread().id,
    coroutine: currentCoroutine()?.id,
  };
});

type Page = Awaited<ReturnType<typeof fetchRequest>>;

/** Fetches all, and calls `call` with each page as soon as it is there. */
type Crawl = (urls: string[], call: (page: Page) => void) => Promise<void>;

const byProcesses: Crawl = async (urls, call) => {
  const pool = new ProcessPool(size);
  for (const url of urls) pool.submit(fetchRequest, url).then(call);
  pool.close();
  await pool.join();
};

const byThreads: Crawl = async (urls, call) => {
  await using pool = new ThreadPool(size);
  for (const url of urls) pool.submit(fetchRequest, url).then(call);
};

const byCoroutines: Crawl = async (urls, call) => {
  await using pool = new CoroutinePool(size);
  for (const url of urls) pool.submit(fetchRequest, url).then(call);
};

/** The scenario. */
export const scenario: Scenario = {
  name: "crawler",
  module: import.meta.url,
  seeds: "S3.1.5 S3",
  title: "Nine pages, one of them slow, by a process pool, a thread pool and a coroutine pool.",
  claim: "every page arrives, and the fast ones do not wait for the slow one",
  permissions: ["run", "read=.", "net=127.0.0.1"],

  async run(ctx) {
    const processes = await crawl(ctx, "process pool", byProcesses);
    const threads = await crawl(ctx, "thread pool", byThreads);
    const coroutines = await crawl(ctx, "coroutine pool", byCoroutines);
    ctx.say("\tfast pages\tslow page");
    for (const { name, fast, slow } of [processes, threads, coroutines]) {
      ctx.say(`${name}\t${fast.toFixed(0)} ms\t${slow.toFixed(0)} ms`);
    }

    const elsewhere = processes.pages.filter(({ pid }) => pid !== Deno.pid);
    ctx.check(
      "the process pool fetched in other processes",
      elsewhere.length === paths.length,
      processes,
    );
    const aside = threads.pages.filter(({ pid, thread }) => pid === Deno.pid && thread !== 0);
    ctx.check(
      "the thread pool in other threads of this one",
      aside.length === paths.length,
      threads,
    );
    const here = coroutines.pages.filter(({ pid, thread }) => pid === Deno.pid && thread === 0);
    ctx.check("the coroutine pool in this thread", here.length === paths.length, coroutines);
    const own = new Set(coroutines.pages.map(({ coroutine }) => coroutine));
    ctx.check(
      "by a coroutine for each page",
      own.size === paths.length && !own.has(undefined),
      coroutines,
    );
  },
};

/** Serves the pages, has them fetched, and measures when they come. */
async function crawl(ctx: Context, name: string, fetchAll: Crawl) {
  const requests: string[] = [];
  const pages: Page[] = [];
  const others = Promise.withResolvers<void>();
  let running = 0;
  let most = 0;

  // The slow page is answered some time after all others have come.
  async function answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    requests.push(pathname);
    most = Math.max(most, ++running);
    if (pathname === paths[0]) await others.promise.then(() => ctx.sleep(5));
    else await sleep(10);
    running--;
    return new Response(`This is ${pathname}`);
  }
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
  const giveUp = setTimeout(others.resolve, patience);

  const begin = performance.now();
  let fast = 0;
  await fetchAll(paths.map((path) => `http://127.0.0.1:${server.addr.port}${path}`), (page) => {
    pages.push(page);
    if (pages.length !== paths.length - 1) return;
    fast = performance.now() - begin;
    others.resolve();
  });
  const slow = performance.now() - begin;
  clearTimeout(giveUp);

  const order = pages.map(({ path }) => path);
  ctx.say(`${name}\t${order.join(" ")}`);
  ctx.check(`${name}: the slow page came last`, order.at(-1) === paths[0], order);
  const whole = pages.every(({ path, text }) => text === `This is ${path}`);
  ctx.check("every page is there", whole && `${order.toSorted()}` === `${paths.toSorted()}`, pages);
  ctx.check(
    "each was asked for once",
    `${requests.toSorted()}` === `${paths.toSorted()}`,
    requests,
  );
  ctx.check(`${size} at most at once`, most <= size && most > 1, most);
  return { name, pages, fast, slow };
}

if (import.meta.main) await runProgram(scenario);
