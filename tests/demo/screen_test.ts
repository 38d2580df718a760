// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals } from "@std/assert";
import { Screen, type Terminal } from "../../demo/_frame/screen.ts";
import { width } from "../../demo/_frame/text.ts";

/** A terminal that shows what a person would see at the end. */
class FakeTerminal implements Terminal {
  readonly colour = false;
  written = "";
  readonly interactive: boolean;

  constructor(interactive: boolean) {
    this.interactive = interactive;
  }

  columns(): number {
    return 40;
  }

  write(text: string): void {
    this.written += text;
  }

  get lines(): string[] {
    // What precedes a return and erase on its line is not seen any more.
    return this.written.split("\n").map((line) => line.split("\r\x1b[K").at(-1)!);
  }
}

Deno.test("Screen.print() keeps the progress line below and whole lines above it", () => {
  const terminal = new FakeTerminal(true);
  const screen = new Screen(terminal);

  {
    using _ = screen.progress("1/2 process-join");
    screen.print("子1 is running");
    screen.print("子1 is done");
    const last = terminal.lines.at(-1)!;
    assert(last.includes("1/2 process-join · 0.0 s"), last);
  }
  screen.print("ok");

  assertEquals(terminal.lines, ["子1 is running", "子1 is done", "ok", ""]);
});

Deno.test("Screen.progress() fits into one line", () => {
  const terminal = new FakeTerminal(true);
  const screen = new Screen(terminal);

  using _ = screen.progress("仙女姐姐".repeat(20));
  screen.print("x");

  assert(width(terminal.lines.at(-1)!) < 40);
});

Deno.test("Screen.progress() writes nothing when nobody watches", () => {
  const terminal = new FakeTerminal(false);
  const screen = new Screen(terminal);

  {
    using _ = screen.progress("1/2 process-join");
    screen.print("a line");
  }

  assertEquals(terminal.written, "a line\n");
});
