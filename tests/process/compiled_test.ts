// Copyright 2026 the Weft authors. MIT license.

// Programs as `deno compile` makes them, which start themselves as their children: freezeSupport().

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { freezeSupport } from "../../process/mod.ts";
import { Binary, type BinaryOptions, processFlags, shellOnly } from "./_compiled_helpers.ts";
import { ensureKilled, linuxOnly, runs, until } from "./_helpers.ts";

const main = "compiled_program.ts";
const wrong = "compiled_program_wrong.ts";

/** Runs what compiled_program.ts does by the last of the arguments, and checks how often that started it. */
async function outcomeOf(
  args: string[],
  starts: number,
  options?: BinaryOptions,
  // deno-lint-ignore no-explicit-any -- as different as the scenarios
): Promise<any> {
  using binary = new Binary(main, options);
  const { stdout, stderr, code } = await binary.run(args);
  assertEquals({ stderr, code, starts: binary.starts }, { stderr: "", code: 0, starts });
  return JSON.parse(stdout);
}

Deno.test("freezeSupport() returns false in a program that is not compiled", () => {
  assertEquals(freezeSupport(), false);
});

Deno.test(
  "freezeSupport() makes a compiled program a child, which knows what it is",
  shellOnly,
  async () => {
    const { told, pid, own, code, reason } = await outcomeOf(["describe"], 2);

    const { note, name, daemon, ppid, parent, again } = told;
    assertEquals([note, name, daemon, told.pid, ppid], ["!", "child", false, pid, own]);
    assertEquals([parent, again], ["MainProcess", true]);
    assertEquals({ code, reason }, { code: 0, reason: "returned" });
  },
);

Deno.test("freezeSupport() leaves the arguments alone", shellOnly, async () => {
  const args = ["a b", "", "--config=x", "run", "describe"];

  const { told, args: own } = await outcomeOf(args, 2);

  assertEquals([told.args, told.argsAtImport, own], [
    JSON.stringify(args),
    JSON.stringify(args),
    args,
  ]);
});

Deno.test(
  "freezeSupport() gives a child the arguments that are compiled in once",
  shellOnly,
  async () => {
    const { told, args } = await outcomeOf(["describe"], 2, { args: ["in"] });

    assertEquals([told.args, args], [JSON.stringify(["in", "describe"]), ["in", "describe"]]);
  },
);

Deno.test(
  "freezeSupport() deletes its variable, also for what the child starts",
  shellOnly,
  async () => {
    const { told } = await outcomeOf(["describe"], 2);

    assertEquals(told.variable, "none");
    assertEquals(await outcomeOf(["shell"], 2, { flags: ["-A"] }), "none\n");
  },
);

Deno.test(
  "freezeSupport() returns false where the variable names another program",
  shellOnly,
  async () => {
    using binary = new Binary(main);

    const { stdout } = await binary.run(["describe"], { WEFT_CHILD: "/bin/other" });

    const { told } = JSON.parse(stdout);
    assertEquals([told.name, told.variable, binary.starts], ["child", "none", 2]);
  },
);

Deno.test(
  "freezeSupport() returns false in a worker, and leaves the variable",
  shellOnly,
  async () => {
    using binary = new Binary(wrong);

    const { stdout } = await binary.run(["missing", "worker"], { WEFT_CHILD: binary.path });

    assertEquals(stdout, "started\nfalse,true\n");
  },
);

Deno.test("A compiled program started as a child without a parent ends", shellOnly, async () => {
  using binary = new Binary(main);

  const { code, stdout } = await binary.run(["describe"], { WEFT_CHILD: binary.path });

  assertEquals([code, stdout, binary.starts], [1, "", 1]);
});

Deno.test("Process.join() tells of errors and exits in a compiled program", shellOnly, async () => {
  assertEquals(await outcomeOf(["ends"], 3), {
    error: "RangeError: out of luck",
    code: 1,
    left: "ProcessExitedError",
    leftCode: 7,
  });
});

Deno.test("Process runs a subclass in a compiled program", shellOnly, async () => {
  assertEquals(await outcomeOf(["subclass"], 2), "Hello you from greeter");
});

Deno.test("ProcessPool works in a compiled program", shellOnly, async () => {
  const { squares, own, pid } = await outcomeOf(["pool"], 3);

  assertEquals(squares, [1, 4, 9, 16]);
  assert(pid !== own);
});

for (
  const [scenario, where, starts] of [
    ["startAll", "the main process", 3],
    ["inProcess", "a child", 4],
    ["inThread", "a thread", 3],
  ] as const
) {
  Deno.test(
    `Processes, threads and pools work in ${where} of a compiled program`,
    shellOnly,
    async () => {
      assertEquals(await outcomeOf([scenario], starts), [4, 9, 16, 25]);
    },
  );
}

Deno.test(
  "Processes of a compiled program share a lock, a value and a queue",
  linuxOnly,
  async () => {
    const flags = [...processFlags, "--allow-ffi"];

    assertEquals(await outcomeOf(["share"], 3, { flags }), [100, true]);
  },
);

for (const flags of [processFlags, [...processFlags, "--allow-ffi"]]) {
  Deno.test(`A daemon ends with its compiled parent, with ${flags.at(-1)}`, linuxOnly, async () => {
    using binary = new Binary(main, { flags });
    await using program = binary.start("daemon");
    const pid = Number(await program.out.next());
    try {
      assert(runs(pid));

      program.kill();

      await until("the daemon has ended", () => !runs(pid));
    } finally {
      ensureKilled(pid);
    }
  });
}

Deno.test(
  "Process.join() rejects where the files of a compiled program have moved",
  shellOnly,
  async () => {
    const message = await outcomeOf(["moved"], 2);

    assertMatch(message, /^Error: Cannot run a task of the compiled program as its files are at /);
  },
);

Deno.test(
  "A compiled program cannot give its processes permissions or flags",
  shellOnly,
  async () => {
    const { permissions, pool, runtimeArgs } = await outcomeOf(["refusals"], 1);

    const unlike = "with permissions of its own as this is a compiled program";
    assertStringIncludes(permissions, `NotSupported: Cannot start process "Process-1" ${unlike}`);
    assertStringIncludes(pool, `NotSupported: Cannot start process pool "ProcessPool-1" ${unlike}`);
    assertStringIncludes(runtimeArgs, "with runtimeArgs as this is a compiled program");
  },
);

for (const missing of ["--allow-run", "--allow-env=WEFT_CHILD"]) {
  Deno.test(`A compiled program without ${missing} starts no process`, shellOnly, async () => {
    using binary = new Binary(main, { flags: processFlags.filter((flag) => flag !== missing) });

    const { code, stderr } = await binary.run(["start"]);

    assertStringIncludes(stderr, "NotCapable: Cannot start process ");
    assertStringIncludes(stderr, `the program was compiled without ${missing}: compile it`);
    assertEquals([code, binary.starts], [1, 1]);
  });
}

for (const kind of ["process", "pool"]) {
  Deno.test(
    `A compiled program that misses freezeSupport() starts no ${kind}`,
    shellOnly,
    async () => {
      using binary = new Binary(wrong);

      const { stdout } = await binary.run(["missing", kind]);

      assertMatch(
        stdout,
        /^started\nBootstrapError: Cannot start process .*has not called freezeSup/,
      );
      assertEquals(binary.starts, 1);
    },
  );
}

Deno.test("A compiled program that misses freezeSupport() starts threads", shellOnly, async () => {
  using binary = new Binary(wrong);

  assertEquals((await binary.run(["missing", "thread"])).stdout, "started\n1\n");
});

for (const kind of ["process", "pool", "thread"]) {
  Deno.test(`A child that does not heed freezeSupport() starts no ${kind}`, shellOnly, async () => {
    using binary = new Binary(wrong);

    const { stdout } = await binary.run(["unheeded", "process", kind]);

    assertMatch(stdout, /^started\nstarted\nBootstrapError: .* as this is a child .*\n1\n$/);
    assertEquals(binary.starts, 2);
  });
}

Deno.test(
  "A child that does not heed freezeSupport() later starts no process either",
  shellOnly,
  async () => {
    using binary = new Binary(wrong);

    const { stdout } = await binary.run(["later", "process", "process"]);

    // The program in the parent, each of whose two processes may get as far as to fail.
    assertEquals(stdout.split("\n").filter((line) => line === "1").length, 2);
    assertEquals(binary.starts, 3);
  },
);
