// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { type Connection, ConnectionClosedError, pipe } from "../../channel/mod.ts";
import { Process } from "../../process/mod.ts";
import { Event } from "../../sync/mod.ts";
import { Thread } from "../../thread/mod.ts";
import {
  echoSync,
  exitAtOnce,
  holdForEver,
  killAfter,
  sendForEver,
} from "../fixtures/pipe_tasks.ts";

// The C library stays open once it is used, which the resource sanitizer would blame on a test.
new Event({ scope: "process" });

const big = 2 ** 20;

/** Starts what holds one end, in a process or thread; gives how to kill it. */
async function hold(
  kind: "process" | "thread",
  connection: Connection,
): Promise<() => Promise<unknown>> {
  const ready = new Event({ scope: kind });
  const args = [connection, ready] as const;
  const unit = kind === "process"
    ? new Process(holdForEver, { args })
    : new Thread(holdForEver, { args });
  unit.start().join().catch(() => {});
  await ready.wait();
  connection.close();
  return () => {
    if (unit instanceof Process) unit.kill();
    else unit.terminate();
    return unit.exited;
  };
}

for (const kind of ["process", "thread"] as const) {
  Deno.test(`Connection rejects who waits when the other end's ${kind} is killed`, async () => {
    const [here, there] = pipe<unknown>({ scope: kind });
    const kill = await hold(kind, there);
    const refused = assertRejects(() => here.receive(), ConnectionClosedError, "other end");
    const polled = here.poll({ timeout: Infinity });

    await kill();

    await refused;
    assertEquals(await polled, true);
    const error = await assertRejects(() => here.send("a"), ConnectionClosedError);
    assertEquals(error.value, "a");
  });

  Deno.test(`Connection.send() that has no room rejects when the other end's ${kind} is killed`, async () => {
    const [here, there] = pipe<Uint8Array>({ scope: kind });
    const kill = await hold(kind, there as Connection);
    await here.send(new Uint8Array(big));
    // They may reject before the end of the other side is known here.
    const refusals = [1, 2].map(() =>
      assertRejects(() => here.send(new Uint8Array(big)), ConnectionClosedError, "other end")
    );

    await kill();

    for (const error of await Promise.all(refusals)) {
      assertEquals((error.value as Uint8Array).length, big);
    }
  });

  Deno.test(`Connection that does not wait finds out in time that the other end's ${kind} was killed`, async () => {
    const pairs = [0, 1, 2].map(() => pipe<number>({ scope: kind }));
    const kills = [];
    for (const [, there] of pairs) kills.push(await hold(kind, there as Connection));

    await Promise.all(kills.map((kill) => kill()));

    const [sender, poller, receiver] = pairs.map(([here]) => here);
    await until(() => isRefused(() => sender!.sendSync(1)));
    await until(() => poller!.pollSync());
    await until(() => isRefused(() => receiver!.receiveSync({ timeout: 0 })));
  });

  Deno.test(`Connection has whole messages of a sender whose ${kind} is killed in the middle of one`, async () => {
    const rounds = kind === "process" ? 25 : 5;
    for (let i = 0; i < rounds; i++) {
      const [here, there] = pipe<Uint8Array, Uint8Array>({ scope: kind });
      const ready = new Event({ scope: kind });
      const args = [there, big, ready] as const;
      const unit = kind === "process"
        ? new Process(sendForEver, { args })
        : new Thread(sendForEver, { args });
      unit.start().join().catch(() => {});
      there.close();
      await ready.wait();
      let received = 0;
      const check = (message: Uint8Array) => {
        received++;
        assertEquals([message.length, message[0], message.at(-1)], [big, 7, 7]);
      };
      for (let n = 0; n <= i % 7; n++) check(await here.receive());

      if (unit instanceof Process) unit.kill();
      else unit.terminate();
      for await (const message of here) check(message);

      assert(received > i % 7);
      await unit.exited;
      await assertRejects(() => here.receive(), ConnectionClosedError);
    }
  });
}

Deno.test("Connection.receiveSync() throws when the process at the other end is killed", async () => {
  const [here, there] = pipe<string>({ scope: "process" });
  const ready = new Event({ scope: "process" });
  const other = new Process(holdForEver, { args: [there as Connection, ready] }).start();
  other.join().catch(() => {});
  there.close();
  await ready.wait();
  const blocked = new Event({ scope: "process" });
  const killer = Thread.spawn(killAfter, other.pid, blocked);

  blocked.set();
  assertThrows(() => here.receiveSync(), ConnectionClosedError, "other end");

  assertThrows(() => here.sendSync("a"), ConnectionClosedError);
  await killer.join();
  await other.exited;
});

Deno.test("Connection.sendSync() throws when the process at the other end is killed", async () => {
  const [here, there] = pipe<Uint8Array>({ scope: "process" });
  const ready = new Event({ scope: "process" });
  const other = new Process(holdForEver, { args: [there as Connection, ready] }).start();
  other.join().catch(() => {});
  there.close();
  await ready.wait();
  const blocked = new Event({ scope: "process" });
  const killer = Thread.spawn(killAfter, other.pid, blocked);

  blocked.set();
  const error = assertThrows(() => {
    for (;;) here.sendSync(new Uint8Array(big));
  }, ConnectionClosedError);

  assertEquals((error.value as Uint8Array).length, big);
  await killer.join();
  await other.exited;
});

for (const kind of ["process", "thread"] as const) {
  Deno.test(`Connection ends when the ${kind} that it was passed to has ended without a look at it`, async () => {
    const [here, there] = pipe<string>({ scope: kind });
    const other = kind === "process"
      ? Process.spawn(exitAtOnce, there as Connection)
      : Thread.spawn(exitAtOnce, there as Connection);
    there.close();

    await assertRejects(() => here.receive(), ConnectionClosedError);

    await assertRejects(() => other.join());
  });

  Deno.test(`Connection ends when the ${kind} that it was passed to dies before it gets it`, async () => {
    const [here, there] = pipe<string>({ scope: kind });
    const other = kind === "process"
      ? Process.spawn(echoSync, there as Connection)
      : Thread.spawn(echoSync, there as Connection);
    there.close();

    if (other instanceof Process) other.kill();
    else other.terminate();

    await assertRejects(() => here.receive(), ConnectionClosedError);
    await assertRejects(() => other.join());
  });
}

Deno.test("Connection.receiveSync() throws when the process that it was passed to dies before it gets it", async () => {
  const [here, there] = pipe<string>({ scope: "process" });
  const other = Process.spawn(echoSync, there as Connection);
  there.close();

  other.kill();
  assertThrows(() => here.receiveSync(), ConnectionClosedError);

  await assertRejects(() => other.join());
});

Deno.test("Connection goes on when one of those who hold the other end dies", async () => {
  const [here, there] = pipe<string>({ scope: "process" });
  const survivor = Process.spawn(echoSync, there as Connection);
  const kill = await hold("process", there as Connection);

  await kill();
  // Longer than between two looks.
  assertEquals(await here.poll({ timeout: 300 }), false);
  await here.send("still there");

  assertEquals(await here.receive(), "still there");
  here.close();
  assertEquals(await survivor.join(), "ConnectionClosedError");
});

/** Tries again and again until something holds. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

function isRefused(use: () => void): boolean {
  try {
    use();
  } catch (error) {
    return error instanceof ConnectionClosedError;
  }
  return false;
}
