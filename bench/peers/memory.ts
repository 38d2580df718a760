// Copyright 2026 the Weft authors. MIT license.

import { fileURLToPath } from "node:url";
import { MissingError, type Side, type Topic } from "./measure.ts";

/** How much of what ours takes a bare one takes at least: ours is to be within 10 %. */
const aim = 1 / 1.1;

/** What workers take that have nothing to do, beside bare ones. */
export function memory(): Promise<Topic> {
  const rounds = 3;
  const unit = "bytes";
  return Promise.resolve({
    measures: [
      {
        name: "an idle thread",
        unit,
        rounds,
        warmUp: 0,
        times: 8,
        rows: [[idle("thread", "pool"), idle("thread", "bare"), aim]],
      },
      {
        name: "an idle process",
        unit,
        rounds,
        warmUp: 0,
        times: 4,
        rows: [[idle("process", "pool"), idle("process", "bare"), aim]],
      },
    ],
    stop: () => Promise.resolve(),
  });
}

const names = {
  thread: { pool: "ThreadPool", bare: "Deno node Worker" },
  process: { pool: "ProcessPool", bare: "deno run" },
} as const;

/** The private memory of so many workers. */
function idle(scope: "thread" | "process", kind: "pool" | "bare"): Side {
  const program = fileURLToPath(new URL("../fixtures/idle_workers.ts", import.meta.url));
  return {
    name: names[scope][kind],
    async run(times) {
      if (Deno.build.os !== "linux") throw new MissingError("only on Linux");
      const { stdout } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "--allow-all", program, scope, kind, `${times}`],
        stderr: "inherit",
      }).output();
      return Number(new TextDecoder().decode(stdout));
    },
  };
}
