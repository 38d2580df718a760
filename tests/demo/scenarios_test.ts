// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals } from "@std/assert";
import { launch } from "../../demo/_frame/launch.ts";
import { flagsOf } from "../../demo/_frame/scenario.ts";
import { scenarios } from "../../demo/scenarios.ts";

for (const scenario of scenarios) {
  const file = `${scenario.name.replaceAll("-", "_")}.ts`;

  Deno.test(`scenario ${scenario.name} holds`, async () => {
    const printed: string[] = [];

    const { failure, checks } = await launch(scenario, {
      scale: 0.1,
      onOutput: (line) => printed.push(line),
      onCheck: (claim) => printed.push(`✓ ${claim}`),
    });

    assertEquals(failure, undefined, printed.join("\n"));
    assert(checks.length > 0);
  });

  Deno.test(`scenario ${scenario.name} is demo/${file} and tells how to run it`, async () => {
    assert(scenario.module.endsWith(`/demo/${file}`), scenario.module);

    const page = await Deno.readTextFile(new URL(scenario.module));
    const flags = flagsOf(scenario).map((flag) => `${flag} `).join("");

    assert(page.includes(`* deno task demo ${scenario.name}\n`));
    assert(page.includes(`* deno run ${flags}demo/${file}\n`), flags);
  });
}
