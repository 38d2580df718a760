// Copyright 2026 the Weft authors. MIT license.

/* The laws of coroutines that spawn coroutines. */

import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { cancelAll, type Coroutine, currentCoroutine, sleep, spawn } from "../../coroutine/mod.ts";
import { type Form, forms, isSettled, moments, turns } from "./_helpers.ts";

/** What runs of a tree, and in which order it has ended. */
class Tree {
  readonly all: Coroutine[] = [];
  readonly log: string[] = [];
  alive = 0;

  /** Spawns a coroutine with `width` children each, down to a depth; each takes a while to clean up. */
  spawn(form: Form, depth: number, width: number, path = "0"): Coroutine {
    const begin = () => {
      this.alive++;
      if (depth === 0) return;
      for (let i = 0; i < width; i++) {
        this.spawn(forms[(i + depth) % forms.length]!, depth - 1, width, `${path}.${i}`);
      }
    };
    const end = () => {
      this.alive--;
      this.log.push(path);
    };
    const coroutine = this.#form(form, begin, end);
    this.all.push(coroutine);
    return coroutine;
  }

  #form(form: Form, begin: () => void, end: () => void): Coroutine {
    const delay = this.all.length % 4;
    switch (form) {
      case "async function":
        return spawn(async () => {
          try {
            begin();
            await sleep(Infinity);
          } finally {
            await sleep(delay);
            end();
          }
        });
      case "generator":
        return spawn(function* () {
          try {
            begin();
            yield sleep(Infinity);
          } finally {
            yield sleep(delay);
            end();
          }
        });
      case "async generator":
        return spawn(async function* () {
          try {
            begin();
            yield sleep(Infinity);
          } finally {
            yield sleep(delay);
            end();
          }
        });
    }
  }
}

for (const form of forms) {
  Deno.test(`Coroutine that is an ${form} and cancelled ends after all below it have cleaned up`, async () => {
    const tree = new Tree();
    const root = tree.spawn(form, 4, 3);
    while (tree.all.length < 121) await turns(1);
    await turns(2);
    assertEquals(tree.alive, 121);
    const reason = new Error("enough");
    const below: boolean[] = [];
    const parents = tree.all.map((coroutine) =>
      coroutine.join().catch(() => {
        if (coroutine === root) below.push(...tree.all.map(({ done }) => done));
      })
    );

    await root.cancel(reason);

    assertEquals(tree.alive, 0);
    assert(tree.all.every(({ done, cancelled }) => done && cancelled));
    await Promise.all(parents);
    assertEquals(below.length, 121);
    assert(below.every(Boolean), "it has ended before one that it has spawned");
    for (const coroutine of tree.all) {
      assertStrictEquals(await assertRejects(() => coroutine.join()), reason);
    }
  });

  Deno.test(`Coroutine that is an ${form} leaves none behind whenever its tree is cancelled`, async () => {
    for (const moment of moments) {
      const tree = new Tree();
      const root = tree.spawn(form, 3, 2);
      await moment();

      await root.cancel();
      const count = tree.all.length;
      assertEquals(tree.alive, 0);
      assert(tree.all.every(({ done }) => done));

      await turns(3);
      assertEquals([tree.all.length, tree.alive], [count, 0]);
    }
  });
}

Deno.test("Coroutine that is cancelled has the default reason in common with all below it", async () => {
  const tree = new Tree();
  const root = tree.spawn("generator", 2, 2);
  while (tree.all.length < 7) await turns(1);

  await root.cancel();

  const reason = await assertRejects(() => root.join(), DOMException);
  for (const coroutine of tree.all) {
    assertStrictEquals(await assertRejects(() => coroutine.join()), reason);
    assertStrictEquals(coroutine.signal.reason, reason);
  }
});

Deno.test("Coroutine that is cancelled ends after what its cleaning up has spawned", async () => {
  const log: string[] = [];
  const parent = spawn(async () => {
    try {
      await sleep(Infinity);
    } finally {
      spawn(function* () {
        try {
          log.push("begun");
          yield sleep(Infinity);
        } finally {
          yield sleep(1);
          log.push("cleaned up");
        }
      });
      const helper = spawn(async () => {
        await sleep(1);
        log.push("helped");
      });
      await helper;
    }
  });
  await turns(1);

  await parent.cancel();

  assertEquals(log, ["begun", "helped", "cleaned up"]);
});

Deno.test("Coroutine leaves its children to its parent when it ends, and they go on", async () => {
  for (const fails of [false, true]) {
    let child: Coroutine | undefined;
    let middle: Coroutine | undefined;
    const top = spawn(async () => {
      middle = spawn(async () => {
        child = spawn(() => sleep(Infinity));
        await sleep(1);
        if (fails) throw new Error("broken");
      });
      await middle.join().catch(() => {});
      await sleep(Infinity);
    });
    while (middle?.done !== true) await turns(1);
    assertEquals(child!.done, false);

    await top.cancel();
    assertEquals(child!.cancelled, true);
  }
});

Deno.test("Coroutine leaves its children to nobody when it ends outside of any other", async () => {
  let child: Coroutine<number> | undefined;
  const parent = spawn(() => {
    child = spawn(async () => {
      await sleep(1);
      return 1;
    });
  });
  await parent;
  await parent.cancel();

  assertEquals(await child, 1);
});

Deno.test("Coroutine that cancels its parent goes on until it waits, and ends with it", async () => {
  const log: string[] = [];
  const parent = spawn(async () => {
    spawn(async function child() {
      await sleep(1);
      await parent.cancel(new Error("from below"));
      log.push("goes on");
      try {
        await sleep(60_000);
      } finally {
        log.push("child ends");
      }
    });
    try {
      await sleep(Infinity);
    } finally {
      log.push("parent ends");
    }
  });

  await assertRejects(() => parent.join(), Error, "from below");
  assertEquals(log.toSorted(), ["child ends", "goes on", "parent ends"]);
});

Deno.test("Coroutine that cancels its children waits for them", async () => {
  const tree = new Tree();
  const parent = spawn(async () => {
    const children = [tree.spawn("generator", 1, 2), tree.spawn("async function", 1, 2)];
    await sleep(1);
    await cancelAll(children);
    return tree.alive;
  });

  assertEquals(await parent, 0);
});

Deno.test("Coroutine that is cancelled beside one that it waits for cancels both trees once", async () => {
  const log: string[] = [];
  const noted = (name: string, body: () => unknown) =>
    spawn(async () => {
      try {
        await body();
      } finally {
        await sleep(1);
        log.push(name);
      }
    });
  const top = noted("top", () => noted("middle", () => noted("bottom", () => sleep(Infinity))));
  await turns(2);

  await Promise.all([top.cancel(), top.cancel()]);
  await turns(2);

  assertEquals(log.toSorted(), ["bottom", "middle", "top"]);
});

Deno.test("Coroutine that was given up is ended only after its children", async () => {
  const log: string[] = [];
  const parent = spawn(async () => {
    spawn(async () => {
      try {
        await sleep(Infinity);
      } finally {
        await sleep(2);
        log.push("child ends");
      }
    });
    await new Promise(() => {});
  });
  await turns(1);

  const cancelled = parent.cancel();
  assertEquals(await isSettled(cancelled.then(() => log.push("parent ends"))), log.length === 2);
  await cancelled;
  await turns(1);

  assertEquals(log, ["child ends", "parent ends"]);
});

Deno.test("Coroutine that was given up cannot spawn before it was told", async () => {
  const go = Promise.withResolvers<void>();
  const log: unknown[] = [];
  const reason = new Error("enough");
  const parent = spawn(async () => {
    await go.promise;
    try {
      spawn(() => log.push("spawned"));
    } catch (error) {
      log.push(error);
    }
  });
  await turns(1);
  await parent.cancel(reason);

  go.resolve();
  await turns(2);

  assertEquals(log, [reason]);
});

Deno.test("Coroutines that have spawned one another 10,000 times are cancelled and end", async () => {
  let begun = 0;
  let ended = 0;
  function* link(depth: number): Generator<unknown, void, unknown> {
    begun++;
    try {
      if (depth > 1) yield spawn(link, depth - 1);
      else yield sleep(Infinity);
    } finally {
      yield;
      ended++;
    }
  }
  const first = spawn(link, 10_000);
  while (begun < 10_000) await turns(1);

  await first.cancel();

  assertEquals([ended, first.cancelled], [10_000, true]);
});

Deno.test("Coroutines that have spawned one another 10,000 times hand results and errors up", async () => {
  async function count(depth: number): Promise<number> {
    return depth === 0 ? 0 : 1 + await spawn(count, depth - 1);
  }
  function* fail(depth: number): Generator<unknown, void, unknown> {
    if (depth === 0) throw new Error("broken");
    yield spawn(fail, depth - 1);
  }

  assertEquals(await spawn(count, 10_000), 10_000);
  await assertRejects(() => spawn(fail, 10_000).join(), Error, "broken");
});

Deno.test("Coroutines that end as soon as they have spawned the next leave it to the first", async () => {
  let last: Coroutine | undefined;
  function link(depth: number): void {
    if (depth > 0) spawn(link, depth - 1);
    else last = spawn(() => sleep(Infinity));
  }
  const first = spawn(async () => {
    spawn(link, 10_000);
    await sleep(Infinity);
  });
  while (last === undefined) await turns(1);
  await turns(1);

  await first.cancel();

  assertEquals(last.cancelled, true);
});

Deno.test("Coroutine belongs to the one that has spawned it, also in a timer or after an await", async () => {
  const spawned: Coroutine[] = [];
  const parent = spawn(async () => {
    await Promise.resolve();
    spawned.push(spawn(() => sleep(Infinity)));
    setTimeout(() => spawned.push(spawn(() => sleep(Infinity))), 0);
    queueMicrotask(() => spawned.push(spawn(() => sleep(Infinity))));
    await sleep(Infinity);
  });
  while (spawned.length < 3) await turns(1);
  const outside = spawn(() => sleep(Infinity));

  await parent.cancel();

  assertEquals(spawned.map(({ cancelled }) => cancelled), [true, true, true]);
  assertEquals([outside.done, currentCoroutine()], [false, undefined]);
  await outside.cancel();
});
