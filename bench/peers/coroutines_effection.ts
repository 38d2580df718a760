// Copyright 2026 the Weft authors. MIT license.

/*
 * Measures the tasks of effection.
 */

import { answer, bytesOf, type Measuring, timeOf } from "./deno_program.ts";
import { MissingError } from "./measure.ts";

const forever = 86_400_000;

function load() {
  // deno-lint-ignore no-import-prefix -- of this program alone, not of the library
  return import("npm:effection@^4").catch(() => {
    throw new MissingError("not installed");
  });
}
type Effection = Awaited<ReturnType<typeof load>>;

function* oneSwitch({ until }: Effection) {
  yield* until(Promise.resolve());
}

const measures: Record<string, Measuring> = {
  async finish(_how, times) {
    const effection = await load();
    return await timeOf(() =>
      effection.run(function* () {
        const tasks = [];
        for (let i = 0; i < times; i++) {
          tasks.push(yield* effection.spawn(() => oneSwitch(effection)));
        }
        for (const task of tasks) yield* task;
      })
    );
  },

  async switch(_how, times) {
    const effection = await load();
    return await timeOf(() =>
      effection.run(function* () {
        for (let i = 0; i < times; i++) yield* oneSwitch(effection);
      })
    );
  },

  async cancel(_how, times) {
    const { run, sleep } = await load();
    const tasks = Array.from({ length: times }, () => run(() => sleep(forever)));
    await new Promise((resolve) => setTimeout(resolve, 0));
    return await timeOf(() => Promise.all(tasks.map((task) => task.halt())));
  },

  async heap(how, times) {
    const { run, sleep, suspend } = await load();
    return await bytesOf(
      "heap",
      times,
      () => run(how === "sleep" ? () => sleep(forever) : suspend),
    );
  },
};

await answer(measures);
