// Copyright 2026 the Weft authors. MIT license.

// What becomes of processes when their parent ends.

import { assert, assertEquals, assertRejects } from "@std/assert";
import { Process, ProcessExitedError } from "../../process/mod.ts";
import * as tasks from "../fixtures/process_tasks.ts";
import {
  ensureKilled,
  fixturePath,
  linuxOnly,
  Program,
  runs,
  TemporaryFolder,
  until,
} from "./_helpers.ts";

const ends = ["SIGKILL", "SIGTERM", "Deno.exit", "an uncaught error", "its normal end"];
const states = ["idle", "awaiting", "busy", "blocked", "booting"];
/** Milliseconds that a daemon may outlive its parent. */
const promised = 1000;
const leastFlags = ["--allow-run", "--allow-net=127.0.0.1", "--allow-read", "--no-prompt"];

for (const end of ends) {
  for (const state of states) {
    Deno.test(
      `Process that is ${state} and a daemon ends with its parent, by ${end}`,
      linuxOnly,
      async () => {
        await endWithParent(state, end, ["-A"]);
      },
    );
  }
}

for (const end of ends) {
  Deno.test(
    `Process that is a daemon ends with its parent, by ${end}, without --allow-ffi`,
    linuxOnly,
    async () => {
      const flags = end === "SIGKILL" ? [...leastFlags, "--allow-run"] : leastFlags;

      await endWithParent("awaiting", end, flags);
    },
  );
}

// One that looks at nothing is killed by its parent, or by the kernel, which setpriv of util-linux asks for that.
for (const end of ends) {
  for (const state of ["busy", "blocked"]) {
    Deno.test(
      `Process that is ${state} and a daemon ends with its parent, by ${end}, without --allow-ffi`,
      linuxOnly,
      async () => {
        await endWithParent(state, end, leastFlags);
      },
    );
  }
}

Deno.test(
  "Process that is a grandchild ends when the first of them is killed",
  linuxOnly,
  async () => {
    await endWithParent("nested", "SIGKILL", ["-A"]);
  },
);

async function endWithParent(state: string, end: string, flags: string[]): Promise<void> {
  using folder = new TemporaryFolder();
  await using program = new Program(fixturePath("process_program_parent.ts"), {
    flags,
    args: [state, end],
    env: { TMPDIR: folder.path },
  });
  const pid = Number(await program.out.next());
  try {
    assert(pid > 0);
    if (state !== "booting") await program.tell("end");
    await program.status;
    await until(`process ${pid} is gone`, () => !runs(pid), promised);

    assertEquals(folder.names(), []);
  } finally {
    ensureKilled(pid);
  }
}

// Not by an uncaught error: then Deno itself kills the processes that it has started.
for (const end of ["SIGKILL", "Deno.exit"]) {
  Deno.test(
    `Process that is no daemon works on when its parent ends by ${end}`,
    linuxOnly,
    async () => {
      using folder = new TemporaryFolder();
      const file = folder.file("done");
      await using program = new Program(fixturePath("process_program_non_daemon.ts"), {
        args: [file, end],
      });
      const pid = Number(await program.out.next());
      try {
        await program.tell("end");
        await program.status;
        await until("the work is done", () => folder.names().includes("done"));

        assertEquals(Deno.readTextFileSync(file), "orphan");
        await until(`process ${pid} has ended`, () => !runs(pid));
      } finally {
        ensureKilled(pid);
      }
    },
  );
}

Deno.test("Process that is no daemon is waited for by a parent that comes to its end", async () => {
  using folder = new TemporaryFolder();
  const file = folder.file("done");
  await using program = new Program(fixturePath("process_program_non_daemon.ts"), {
    args: [file, "its normal end"],
  });

  const { code } = await program.status;

  assertEquals(code, 0);
  assertEquals(Deno.readTextFileSync(file), "with parent");
});

Deno.test("Process that is a daemon ends with a child that is killed", linuxOnly, async () => {
  const parent = new Process(tasks.startDaemonAndWait, { stdout: "piped" }).start();
  const reader = parent.stdout.getReader();
  const { value } = await reader.read();
  const pid = Number(new TextDecoder().decode(value));
  try {
    parent.kill();
    await assertRejects(() => parent.join(), ProcessExitedError);
    await until(`process ${pid} is gone`, () => !runs(pid), promised);
  } finally {
    ensureKilled(pid);
    await reader.cancel();
  }
});
