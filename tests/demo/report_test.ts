// Copyright 2026 the Weft authors. MIT license.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { escape } from "../../demo/_frame/report/page.ts";
import { chromium, dumpDom } from "./_chromium.ts";

const demoMain = new URL("../../demo/main.ts", import.meta.url).pathname;
const fixtureMain = new URL("fixtures/demo_main.ts", import.meta.url).pathname;

/** Runs the demo with `--report` and gives the page. */
async function report(main: string, args: readonly string[], code = 0): Promise<string> {
  const file = await Deno.makeTempFile({ suffix: ".html" });
  try {
    const result = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", main, ...args, "--report", file],
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    const stdout = decoder.decode(result.stdout);
    assertEquals(result.code, code, stdout + decoder.decode(result.stderr));
    assertStringIncludes(stdout, `The report is in ${file}`);
    return await Deno.readTextFile(file);
  } finally {
    await Deno.remove(file);
  }
}

/** Asserts without a page of hundreds of kilobytes in the message. */
function assertHas(text: string, part: string | RegExp): void {
  assert(typeof part === "string" ? text.includes(part) : part.test(text), `there is no ${part}`);
}

/** How many of each kind a scenario has in the page. */
function lanesOf(
  dom: string,
  scenario: string,
): Record<"process" | "thread" | "coroutine", number> {
  const section = sectionOf(dom, scenario);
  const count = (kind: string) => section.split(`class="lane ${kind}"`).length - 1;
  return { process: count("process"), thread: count("thread"), coroutine: count("coroutine") };
}

function sectionOf(dom: string, scenario: string): string {
  const start = dom.indexOf(`<section id="${scenario}"`);
  assert(start >= 0, `no section ${scenario}`);
  return dom.slice(start, dom.indexOf("</section>", start));
}

const missing = chromium === undefined ? " (ignored: no Chromium is installed)" : "";
const inBrowser = { ignore: chromium === undefined };

Deno.test(`the report draws the lanes of real scenarios${missing}`, inBrowser, async () => {
  const names = ["tickets", "deadlock", "coroutine-gevent", "thread-pool"];
  const page = await report(demoMain, names);
  const { dom, requests } = await dumpDom(page);

  assertHas(dom, 'data-drawn="4"');
  assert(!dom.includes('id="errors"'), dom.match(/id="errors".*/)?.[0]);
  assertEquals(requests, ["/"]);

  // The program and twice ten buyers; nine of the last ten wait for the lock that one holds.
  assertEquals(lanesOf(dom, "tickets"), { process: 21, thread: 0, coroutine: 0 });
  const tickets = sectionOf(dom, "tickets");
  assertHas(tickets, /<div class="bar wait c\d[^"]*"[^>]*><b>Lock #1<\/b>/);
  assertHas(tickets, /<div class="bar hold c\d/);
  assertHas(tickets, /waits for Lock #1 for /);

  // Twice ten, two that count, and five that look whether the lock is free.
  assertEquals(lanesOf(dom, "deadlock"), { process: 1, thread: 27, coroutine: 0 });
  const deadlock = sectionOf(dom, "deadlock");
  for (const lock of ["Lock #1", "Lock #2", "RLock #1"]) assertHas(deadlock, lock);
  assertHas(deadlock, /ended: terminated/);

  // Three that switch and three that do not; it may be measured up to five times.
  const { process, thread, coroutine } = lanesOf(dom, "coroutine-gevent");
  assertEquals([process, thread, coroutine % 6], [1, 0, 0]);
  assert(coroutine >= 6 && coroutine <= 30, `${coroutine}`);
  assertHas(sectionOf(dom, "coroutine-gevent"), "<b>joinAll</b>");

  assertEquals(lanesOf(dom, "thread-pool"), { process: 1, thread: 12, coroutine: 0 });
  assertHas(sectionOf(dom, "thread-pool"), "<b>work</b>");

  for (const name of names) {
    const section = sectionOf(dom, name);
    assertHas(section, '<span class="ok">ok</span>');
    assertHas(section, '<li class="held">');
    const { process, thread, coroutine } = lanesOf(dom, name);
    assertHas(
      dom,
      `<section id="${name}" data-counts="${process} ${thread} ${coroutine}"`,
    );
  }
});

Deno.test(`the report zooms, and tells the same in a table${missing}`, inBrowser, async () => {
  const page = await report(fixtureMain, ["hostile", "--"]);
  const script = `<script>
    const scroll = document.querySelector(".scroll");
    document.querySelector(".tools button").click();
    scroll.dispatchEvent(new KeyboardEvent("keydown", { key: "+" }));
    scroll.dispatchEvent(new WheelEvent("wheel", { ctrlKey: true, deltaY: -1 }));
    const details = document.querySelector(".timeline details");
    details.open = true;
    details.dispatchEvent(new Event("toggle")); // That of the platform may come too late.
  </script>`;
  const { dom } = await dumpDom(
    page.replace(/<meta http-equiv.*>/, "").replace("</body>", () => `${script}</body>`),
  );

  assert(!dom.includes('id="errors"'));
  assertHas(dom, '<div class="canvas" style="width: 500%;">');
  // There are nine at most when all is shown.
  assert(dom.match(/class="tick"/g)!.length > 10);
  assertHas(dom, /<td>process hostile \(\d+\)<\/td><td>is alive<\/td>/);
  assertHas(dom, /<td>coroutine &lt;\/script&gt;.*?<td>waits for Event &lt;/);
});

Deno.test(
  `nothing that a scenario prints becomes a part of the report${missing}`,
  inBrowser,
  async () => {
    const page = await report(fixtureMain, ["hostile", "--"]);
    const { dom, requests } = await dumpDom(page);

    assertHas(dom, 'data-drawn="1"');
    assertEquals(requests, ["/"]);
    assertHas(dom, "<title>Weft demo: report</title>");
    assert(!dom.includes("<img"));
    // Those of the page, and no other.
    assertEquals(dom.match(/<script/g)!.length, 2);
    assertHas(dom, "<b>Event &lt;/script&gt;&lt;/pre&gt;");
    assertEquals(lanesOf(dom, "hostile"), { process: 1, thread: 0, coroutine: 1 });
    assertHas(dom, "\nred\u{fffd}</pre>");
  },
);

Deno.test("the report is written also when a scenario has failed", async () => {
  const page = await report(fixtureMain, ["holding", "failing", "skipping", "--"], 1);

  assertHas(page, "1 ok, 1 failed, 1 skipped");
  assertHas(page, '<li class="broken">one is two: found { one: 1 }');
  assertHas(page, /<li class="left-out">\w/);
});

Deno.test("demo() refuses a report that cannot be written, before it runs anything", async () => {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", fixtureMain, "holding", "--", "--report", "/nowhere/out.html"],
  }).output();

  assertEquals(code, 2);
  assert(!new TextDecoder().decode(stdout).includes("holding"));
  assertStringIncludes(new TextDecoder().decode(stderr), "Cannot write the report: ");
});

Deno.test("escape() makes text of markup, colours and control characters", () => {
  assertEquals(escape(`<a href="x">&'`), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
  assertEquals(escape("\x1b[31mred\x1b[0m\x07\t\n"), "red\u{fffd}\t\n");
});
