// Copyright 2026 the Weft authors. MIT license.

// That the scenarios hold is checked by `deno task demo`.

import { assert } from "@std/assert";
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
