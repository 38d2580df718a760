// Copyright 2026 the Weft authors. MIT license.

// Programs in Python that use what a manager of ours serves. What they check they check in Python.

import { assertEquals } from "@std/assert";
import { LifoQueue, PriorityQueue, Queue } from "../../channel/mod.ts";
import { pyFloat, PythonError } from "../../cluster/mod.ts";
import {
  Barrier,
  Condition,
  Event,
  Lock,
  RLock,
  Semaphore,
  SharedArray,
  SharedValue,
} from "../../sync/mod.ts";
import { connect, serve, until } from "./_manager_helpers.ts";
import { noPython, otherPythons, PythonProgram, pythons, runProgram } from "./_python_programs.ts";

const ignore = noPython !== undefined;

function queues() {
  const shared = new Queue<unknown>();
  return {
    new_queue: () => new Queue(),
    new_bounded: () => new Queue({ maxSize: 2 }),
    new_lifo: () => new LifoQueue(),
    new_priority: () => new PriorityQueue(),
    get_shared: () => shared,
  };
}

const echo = {
  echo: (value: unknown) => value,
  all: (...values: unknown[]) => values,
  float: pyFloat,
  throw(name: string) {
    switch (name) {
      case "range":
        throw new RangeError("too far");
      case "type":
        throw new TypeError("not that");
      case "key":
        throw new PythonError("KeyError", ["name"]);
      case "plain":
        throw new Error("broken");
      case "not_an_error":
        throw "just text";
    }
    return Promise.reject(new PythonError("ZeroDivisionError", ["division by zero"]));
  },
};

const types = {
  new_lock: () => new Lock(),
  new_rlock: () => new RLock(),
  new_semaphore: () => new Semaphore(2),
  new_event: () => new Event(),
  new_condition: () => new Condition(),
  new_barrier: () => new Barrier(3),
  new_dict: () => new Map(),
  new_list: () => [],
  new_value: () => new SharedValue("i32", 7),
  new_array: () => new SharedArray("f64", [1.5, 2.5, 3.5]),
  new_namespace: () => ({ name: "egon", size: 180 }),
};

function values() {
  const queue = new Queue<unknown>();
  return { get_echo: () => echo, get_queue: () => queue };
}

function ends() {
  const queue = new Queue<unknown>();
  const lock = new Lock();
  const rlock = new RLock();
  const registry = {
    get_queue: () => queue,
    new_queue: () => new Queue(),
    get_lock: () => lock,
    get_rlock: () => rlock,
  };
  return { registry, queue, lock, rlock };
}

for (const python of pythons) {
  const { version } = python;

  Deno.test({ name: `Python ${version} uses queues as its own`, ignore }, async () => {
    await using server = await serve(queues(), { onRefusal: () => {} });

    await runProgram(python, "client_queue.py", server.port);
  });

  Deno.test({ name: `Python ${version} gets back the values that it sends`, ignore }, async () => {
    await using server = await serve(values());

    await runProgram(python, "client_values.py", server.port);
  });

  Deno.test({ name: `Python ${version} uses each type by its proxy`, ignore }, async () => {
    await using server = await serve(types);

    await runProgram(python, "client_types.py", server.port);
  });

  Deno.test({ name: `Python ${version} uses each type by an AutoProxy`, ignore }, async () => {
    await using server = await serve(types);

    await runProgram(python, "client_types.py", server.port, "auto");
  });

  Deno.test({ name: `Python ${version} with a wrong key is refused`, ignore }, async () => {
    const refusals: string[] = [];
    await using server = await serve(ends().registry, {
      onRefusal: ({ reason }) => refusals.push(reason),
    });

    await runProgram(python, "client_ends.py", server.port, "wrong_key");

    assertEquals(refusals.length, 1);
    assertEquals([server.objects, server.closed], [0, false]);
  });

  Deno.test({ name: `Python ${version} ends, and refers to nothing more`, ignore }, async () => {
    const { registry, queue } = ends();
    await using server = await serve(registry);

    assertEquals(await runProgram(python, "client_ends.py", server.port, "goes"), ["uses"]);

    assertEquals(server.objects, 0);
    assertEquals(await queue.get(), 1);
    await until(() => server.connections === 0, "the connections end");
  });

  Deno.test(
    { name: `Python ${version} is killed, and its locks are free again`, ignore },
    async () => {
      const { registry, lock, rlock } = ends();
      // It may be killed in a handshake.
      await using server = await serve(registry, { onRefusal: () => {} });
      await using program = new PythonProgram(python, "client_ends.py", server.port, "holds");
      assertEquals(await program.line(), "holds");
      assertEquals([lock.tryAcquire(), rlock.tryAcquire()], [false, false]);
      await using client = await connect(server);
      const remote = await client.get<Lock>("get_lock");
      const wait = remote.acquire({ timeout: 30_000 });

      await program.kill();

      await (await wait).release();
      using _lock = await lock.acquire({ timeout: 30_000 });
      using _rlock = await rlock.acquire({ timeout: 30_000 });
    },
  );

  Deno.test(
    { name: `Python ${version} is killed in a get, and no item is lost`, ignore },
    async () => {
      const { registry, queue } = ends();
      // It may be killed in a handshake.
      await using server = await serve(registry, { onRefusal: () => {} });
      await using program = new PythonProgram(python, "client_ends.py", server.port, "waits");
      assertEquals(await program.line(), "waits");
      // For the call; those for the rest have ended.
      await until(() => server.connections === 1, "it calls");

      await program.kill();
      await until(() => server.connections === 0, "the connections end");
      await queue.put(1);

      assertEquals([queue.size, queue.getNowait()], [1, 1]);
    },
  );

  Deno.test({ name: `Python ${version} asks the manager itself`, ignore }, async () => {
    await using server = await serve(ends().registry, { onRefusal: () => {} });

    await runProgram(python, "client_ends.py", server.port, "asks");
  });

  Deno.test({ name: `Python ${version} ends the manager only if it may`, ignore }, async () => {
    await using server = await serve(ends().registry);
    await using other = await serve(ends().registry, { allowShutdown: true });

    assertEquals(await runProgram(python, "client_ends.py", server.port, "shuts_down"), [
      "refused",
    ]);
    assertEquals(await runProgram(python, "client_ends.py", other.port, "shuts_down"), ["done"]);

    await other.finished;
    assertEquals([server.closed, other.closed], [false, true]);
  });
}

for (const python of otherPythons) {
  Deno.test({ name: `Python ${python.version} uses what is served`, ignore }, async () => {
    await using server = await serve({ ...queues(), ...values() });

    await runProgram(python, "client_queue.py", server.port, "short");
    await runProgram(python, "client_values.py", server.port, "short");
  });
}
