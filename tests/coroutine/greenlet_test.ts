// Copyright 2026 the Weft authors. MIT license.

// deno-lint-ignore-file require-yield -- also generators that end at once are run

import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { Greenlet } from "../../coroutine/mod.ts";

Deno.test("Greenlet.switch() passes values in both directions", () => {
  const log: unknown[] = [];
  const greenlet = new Greenlet(function* (first: string) {
    log.push(first);
    log.push(yield 1);
    log.push(yield 2);
    return 3;
  });

  assertEquals([greenlet.switch("a"), greenlet.switch("b"), greenlet.dead], [1, 2, false]);
  assertEquals([greenlet.switch("c"), greenlet.dead], [3, true]);
  assertEquals(log, ["a", "b", "c"]);
});

Deno.test("Greenlet refuses what is no function", () => {
  assertThrows(() => new Greenlet(1 as never), TypeError, "it needs a generator function");
});

Deno.test("Greenlet.switch() to a dead one is an error", () => {
  const greenlet = new Greenlet(function* () {});
  greenlet.switch();

  assertThrows(() => greenlet.switch(), Error, "as it is dead");
  assertThrows(() => greenlet.throw(new Error("x")), Error, "as it is dead");
});

Deno.test("Greenlet.throw() throws at its yield, where it can be caught", () => {
  const greenlet = new Greenlet(function* () {
    for (;;) {
      try {
        yield "waits";
      } catch (error) {
        yield (error as Error).message;
      }
    }
  });

  assertEquals(greenlet.switch(), "waits");
  assertEquals(greenlet.throw(new Error("one")), "one");
  assertEquals(greenlet.switch(), "waits");
  assertEquals(greenlet.throw(new Error("two")), "two");
  assertEquals(greenlet.dead, false);
});

Deno.test("Greenlet.throw() of an error that is not caught comes back and kills it", () => {
  const error = new Error("broken");
  const begun = new Greenlet(function* () {
    yield 1;
  });
  const fresh = new Greenlet(function* () {
    yield 1;
  });
  begun.switch();

  for (const greenlet of [begun, fresh]) {
    assertStrictEquals(assertThrows(() => greenlet.throw(error)), error);
    assertEquals(greenlet.dead, true);
  }
});

Deno.test("Greenlet.throw() without an error ends it, and runs its finally blocks", () => {
  const log: string[] = [];
  const greenlet = new Greenlet(function* () {
    try {
      yield 1;
    } finally {
      log.push("cleaned up");
    }
  });
  const fresh = new Greenlet(function* () {
    log.push("never");
  });
  greenlet.switch();

  assertEquals([greenlet.throw(), fresh.throw()], [undefined, undefined]);
  assertEquals([greenlet.dead, fresh.dead], [true, true]);
  assertEquals(log, ["cleaned up"]);
});

Deno.test("Greenlet.throw() with undefined throws undefined", () => {
  const caught: unknown[] = [];
  const greenlet = new Greenlet(function* () {
    try {
      yield;
    } catch (error) {
      caught.push(error);
    }
  });
  greenlet.switch();

  greenlet.throw(undefined);
  assertEquals(caught, [undefined]);
});

Deno.test("Greenlet.throw() without an error may be refused by a finally block that yields", () => {
  const greenlet = new Greenlet(function* () {
    try {
      yield "first";
    } finally {
      yield "not yet";
    }
  });
  greenlet.switch();

  assertEquals([greenlet.throw(), greenlet.dead], ["not yet", false]);
  assertEquals([greenlet.switch(), greenlet.dead], [undefined, true]);
});

Deno.test("Greenlets switch to one another as equals", () => {
  const log: string[] = [];
  const a: Greenlet = new Greenlet(function* () {
    log.push("a1");
    log.push(yield b.switch("from a"));
    log.push(yield b.switch("again from a"));
    return "a ends";
  });
  const b: Greenlet = new Greenlet(function* (first: string) {
    log.push(first);
    log.push(yield a.switch("from b"));
    yield a.switch("again from b");
    log.push("never");
  });

  assertEquals(a.switch(), "a ends");
  assertEquals(log, ["a1", "from a", "from b", "again from a", "again from b"]);
  assertEquals([a.dead, b.dead], [true, false]);
});

Deno.test("Greenlet goes back by a plain yield to where it was switched to from", () => {
  const log: unknown[] = [];
  const inner: Greenlet = new Greenlet(function* (n: number) {
    for (;;) n = yield n * 2;
  });
  const outer: Greenlet = new Greenlet(function* () {
    log.push(yield inner.switch(1));
    log.push(yield inner.switch(2));
    return "outer ends";
  });

  assertEquals(outer.switch(), "outer ends");
  assertEquals(inner.switch(5), 10);
  assertEquals(log, [2, 4]);
});

Deno.test("Greenlet that ends goes on in the one that has made it, not where it was switched to from", () => {
  const log: unknown[] = [];
  let child: Greenlet | undefined;
  const maker: Greenlet = new Greenlet(function* () {
    child = new Greenlet(function* () {
      return "of child";
    });
    log.push(yield other.switch());
    return "maker ends";
  });
  const other: Greenlet = new Greenlet(function* () {
    yield child!.switch();
    log.push("never");
  });

  assertEquals(maker.switch(), "maker ends");
  assertEquals(log, ["of child"]);
  assertEquals([child!.dead, maker.dead, other.dead], [true, true, false]);
});

Deno.test("Greenlet that ends goes on above a maker that is dead", () => {
  let orphan: Greenlet | undefined;
  const maker = new Greenlet(function* () {
    orphan = new Greenlet(function* (n: number) {
      return n + 1;
    });
  });
  maker.switch();

  assertEquals(orphan!.switch(1), 2);
});

Deno.test("Greenlet that fails throws in the one that has made it", () => {
  const caught: unknown[] = [];
  const error = new Error("broken");
  const maker = new Greenlet(function* () {
    const child = new Greenlet(function* () {
      throw error;
    });
    try {
      yield child.switch();
    } catch (thrown) {
      caught.push(thrown);
    }
    return "caught";
  });

  assertEquals(maker.switch(), "caught");
  assertStrictEquals(caught[0], error);
});

Deno.test("Greenlet that fails throws where the first switch was made if nobody catches it", () => {
  const error = new Error("broken");
  const maker = new Greenlet(function* () {
    const child = new Greenlet(function* () {
      throw error;
    });
    yield child.switch();
  });

  assertStrictEquals(assertThrows(() => maker.switch()), error);
  assertEquals(maker.dead, true);
});

Deno.test("Greenlet.throw() within another one throws there", () => {
  const log: unknown[] = [];
  const target: Greenlet = new Greenlet(function* () {
    try {
      yield "ready";
    } catch (error) {
      log.push((error as Error).message);
    }
    return "target ends";
  });
  target.switch();
  const other = new Greenlet(function* () {
    yield target.throw(new Error("from other"));
  });

  assertEquals(other.switch(), "target ends");
  assertEquals(log, ["from other"]);
});

Deno.test("Greenlet.switch() that was not yielded is an error at the next yield", () => {
  const inner: Greenlet = new Greenlet(function* () {
    yield 1;
  });
  const caught: string[] = [];
  const outer = new Greenlet(function* () {
    try {
      inner.switch();
      yield "something else";
    } catch (error) {
      caught.push((error as Error).message);
    }
    return yield inner.switch();
  });

  assertEquals(outer.switch(), 1);
  assertEquals(caught.length, 1);
  assertEquals(caught[0]!.includes("was not yielded: write `yield other.switch(value)`"), true);
});

Deno.test("Greenlet.switch() that was not yielded is an error at the end", () => {
  const inner: Greenlet = new Greenlet(function* () {
    yield 1;
  });
  const outer = new Greenlet(function* () {
    inner.switch();
  });
  const two = new Greenlet(function* () {
    inner.switch();
    inner.switch();
  });

  assertThrows(() => outer.switch(), Error, "was not yielded");
  assertThrows(() => two.switch(), Error, "was not yielded");
  assertEquals([outer.dead, two.dead], [true, true]);
  assertEquals(inner.switch(), 1);
});

Deno.test("Greenlet.switch() to itself is an error", () => {
  const greenlet: Greenlet = new Greenlet(function* () {
    yield greenlet.switch();
  });

  assertThrows(() => greenlet.switch(), Error, "as it runs");
});

Deno.test("Greenlets nest: one made in another runs within it", () => {
  // deno-lint-ignore no-explicit-any -- what it is switched to with
  function* range(depth: number): Generator<number, number, any> {
    if (depth === 0) return 0;
    yield depth;
    const inner = new Greenlet<void, number>(() => range(depth - 1));
    for (;;) {
      const value: number = yield inner.switch();
      if (inner.dead) return value;
      yield value;
    }
  }
  const outer = new Greenlet(() => range(4));

  const got: unknown[] = [];
  while (!outer.dead) got.push(outer.switch());

  assertEquals(got, [4, 3, 2, 1, 0]);
});

Deno.test("Greenlets switch 100,000 times without growing the stack", () => {
  let switches = 0;
  const ping: Greenlet = new Greenlet(function* () {
    while (switches < 100_000) switches = yield pong.switch(switches + 1);
    return switches;
  });
  const pong: Greenlet = new Greenlet(function* (n: number) {
    for (;;) n = yield ping.switch(n + 1);
  });

  assertEquals(ping.switch(), 100_000);
});

Deno.test("Greenlets of 10,000 makers hand on a result to the first", () => {
  function* make(depth: number): Generator<number, number, number> {
    if (depth === 0) return 0;
    const inner = new Greenlet<void, number>(() => make(depth - 1));
    return 1 + (yield inner.switch());
  }

  assertEquals(new Greenlet(() => make(10_000)).switch(), 10_000);
});
