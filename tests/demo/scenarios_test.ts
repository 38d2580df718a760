// Copyright 2026 the Weft authors. MIT license.

// That the scenarios hold is checked by `deno task demo`.

import { assert, assertEquals } from "@std/assert";
import { flagsOf } from "../../demo/_frame/scenario.ts";
import { scenarios } from "../../demo/scenarios.ts";

for (const scenario of scenarios) {
  const file = `${scenario.name.replaceAll("-", "_")}.ts`;

  Deno.test(`scenario ${scenario.name} is demo/${file} and tells how to run it`, async () => {
    assert(scenario.module.endsWith(`/demo/${file}`), scenario.module);

    const page = await Deno.readTextFile(new URL(scenario.module));
    const flags = flagsOf(scenario).map((flag) => `${flag} `).join("");

    assert(page.includes(`* deno task demo ${scenario.name}\n`));
    assert(page.includes(`* deno run ${flags}demo/${file}\n`), flags);
  });
}

/** One for each row of the table that the tutorials' examples were gathered in. */
const names = `
  process-basics process-subclass process-join process-isolation process-attributes
  process-daemon zombie-orphan fork-view command tickets thread-lock shared-memory deadlock
  semaphore condition-event-barrier queue-basics queue-processes producer-consumer pipe
  thread-basics thread-daemon thread-local gil process-pool thread-pool crawler tcp-server
  coroutine-gevent coroutine-switch coroutine-asyncio manager manager-python brokers
`;

Deno.test("every example of the tutorials has its scenario", () => {
  assertEquals(scenarios.map(({ name }) => name).toSorted(), names.trim().split(/\s+/).toSorted());
});
