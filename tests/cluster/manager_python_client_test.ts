// Copyright 2026 the Weft authors. MIT license.

// Programs in Python that use what a manager of ours serves. What they check they check in Python.

import { LifoQueue, PriorityQueue, Queue } from "../../channel/mod.ts";
import { serve } from "./_manager_helpers.ts";
import { noPython, otherPythons, pythons, runProgram } from "./_python_programs.ts";

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

for (const python of pythons) {
  const { version } = python;

  Deno.test({ name: `Python ${version} uses queues as its own`, ignore }, async () => {
    await using server = await serve(queues(), { onRefusal: () => {} });

    await runProgram(python, "client_queue.py", server.port);
  });
}
