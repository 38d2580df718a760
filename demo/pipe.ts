// Copyright 2026 the Weft authors. MIT license.

/**
 * Pipe: two ends, one for each of two processes.
 *
 * In a duplex pipe both ends send and receive; in a one-way pipe conn1 只负责接收消息, conn2 只负责发送消息.
 * Who receives when nobody holds the other end any more, because it was closed or its process has died,
 * gets what was sent before, and then an error: Python's EOFError.
 *
 * ```sh
 * deno task demo pipe
 * deno run --allow-run --allow-read=. --allow-net=127.0.0.1 --allow-ffi demo/pipe.ts
 * ```
 *
 * @module
 */

import { type Connection, ConnectionClosedError, pipe } from "@weft/concurrency/channel";
import { Process } from "@weft/concurrency/process";
import { Event } from "@weft/concurrency/sync";
import { task } from "@weft/concurrency/task";
import { runProgram, sleep } from "./_frame/program.ts";
import type { Context, Scenario } from "./_frame/scenario.ts";

/** S1.5: sends its urls, with pauses; gives what it was answered. */
export const procSend = task(
  import.meta,
  async function procSend(pipe: Connection<string>, urls: string[], ms: number) {
    for (const url of urls) {
      console.log(`Process ${Deno.pid} send: ${url}`);
      await pipe.send(url);
      await sleep(Math.random() * ms);
    }
    const answers: string[] = [];
    for (const _ of urls) answers.push(await pipe.receive());
    pipe.close();
    return answers;
  },
);

/** S1.5: receives urls, with pauses, and answers each, until nobody can send any more. */
export const procRecv = task(
  import.meta,
  async function procRecv(pipe: Connection<string>, ms: number) {
    const urls: string[] = [];
    try {
      while (true) {
        const url = await pipe.receive();
        console.log(`Process ${Deno.pid} recv: ${url}`);
        urls.push(url);
        await pipe.send(`${url} ok`);
        await sleep(Math.random() * ms);
      }
    } catch (error) {
      return { urls, error };
    }
  },
);

/** Sends its urls, closes its end if it is told to, and then never ends. */
export const sendAndHang = task(
  import.meta,
  function sendAndHang(
    pipe: Connection<string, never>,
    urls: string[],
    closes: boolean,
    sent: Event,
  ) {
    for (const url of urls) pipe.sendSync(url);
    if (closes) pipe.close();
    sent.set();
    new Event().waitSync();
  },
);

/** The scenario. */
export const scenario: Scenario = {
  name: "pipe",
  module: import.meta.url,
  seeds: "S1.5",
  title:
    "A duplex pipe between two processes; an end that is closed, and one whose process is killed.",
  claim: "ten urls arrive in order, answers go back; receive drains, then is an error",
  permissions: ["run", "read=.", "net=127.0.0.1", "ffi"],

  async run(ctx) {
    await showDuplex(ctx);
    await showEnd(ctx, "closed");
    await showEnd(ctx, "killed");
  },
};

async function showDuplex(ctx: Context): Promise<void> {
  ctx.say("— duplex: one process sends, the other receives and answers");
  const urls = Array.from({ length: 10 }, (_, i) => `url${i}`);
  const [conn1, conn2] = pipe<string>({ scope: "process" });
  const sender = new Process(procSend, { args: [conn1, urls, ctx.ms(1)] }).start();
  const receiver = new Process(procRecv, { args: [conn2, ctx.ms(1)] }).start();
  conn1.close(); // The children have the ends now. Held here, too,
  conn2.close(); // they would never be closed for the other side.

  const answers = await sender.join();
  const received = await receiver.join();
  ctx.say(`the receiver ended by\t${received.error}`);
  ctx.check("ten urls arrived in order", `${received.urls}` === `${urls}`, received.urls);
  const expected = urls.map((url) => `${url} ok`);
  ctx.check("ten answers went back in order", `${answers}` === `${expected}`, answers);
  const { error } = received;
  ctx.check("receive after the close is an error", error instanceof ConnectionClosedError, error);
}

async function showEnd(ctx: Context, how: "closed" | "killed"): Promise<void> {
  ctx.say(`— one-way: the end that sends is ${how}`);
  const [conn1, conn2] = pipe<string>({ duplex: false, scope: "process" });
  // @ts-expect-error What only receives has nothing to send.
  const refusal = await errorOf(conn1.send("url"));
  ctx.check("conn1 only receives", refusal instanceof TypeError, refusal);

  const sent = new Event({ scope: "process" });
  const urls = ["url1", "url2", "url3"];
  const closes = how === "closed";
  // It is terminated at the end of this function, however that comes.
  await using sender = new Process(sendAndHang, { args: [conn2, urls, closes, sent] }).start();
  conn2.close();
  await sent.wait();
  if (!closes) {
    sender.kill();
    await errorOf(sender.join());
  }
  const received: string[] = [];
  for await (const url of conn1) received.push(url);
  const end = await errorOf(conn1.receive()); // 如果管道已经被关闭,那么recv 方法会抛出 EOFError
  ctx.say(`received ${received}, then ${end}`);
  ctx.check("what was sent before arrived", `${received}` === `${urls}`, received);
  ctx.check("and then receive is an error", end instanceof ConnectionClosedError, end);
  if (closes) ctx.check("its process is alive", sender.isAlive);
  else ctx.check("its process was killed", sender.exitSignal === "SIGKILL", sender.exitSignal);
}

function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(() => undefined, (error) => error);
}

if (import.meta.main) await runProgram(scenario);
