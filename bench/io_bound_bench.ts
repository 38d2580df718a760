// Copyright 2026 the Weft authors. MIT license.

/*
 * Work that waits most of the time, in all ways: the sleeping of the tutorials, and many requests to a server that
 * takes its time. Pools have a worker for each call. All ways beat the sequence, but those that start threads, as
 * that takes longer than what is to be done; coroutines cost least.
 */

import { fetchPages, pause } from "./fixtures/pool_tasks.ts";
import { benchWays } from "./fixtures/ways.ts";

const times = 6;
/** Milliseconds that each sleeps. */
const sleep = 50;
/** Milliseconds until the server answers. */
const delay = 5;
const pages = 10;

const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async ({ url }) => {
  await new Promise((resolve) => setTimeout(resolve, delay));
  return new Response(`${url}\n`.repeat(100));
});
// It does not keep the program alive.
server.unref();

benchWays("6 times 50 ms of sleep", pause, Array(times).fill([sleep]), times);
benchWays(
  "6 times 10 requests",
  fetchPages,
  Array(times).fill([`http://127.0.0.1:${server.addr.port}/`, pages]),
  times,
);
