// Copyright 2026 the Weft authors. MIT license.

/** The script of the report: draws the time lines from the data in the page. */
export const pageScript = String.raw`"use strict";
(() => {
  const kinds = ["process", "thread", "coroutine"];
  const spanKinds = ["start", "task", "wait", "hold"];
  const words = { start: "starts", task: "runs the task", wait: "waits for", hold: "holds" };

  function fail(message) {
    let box = document.getElementById("errors");
    if (box === null) {
      box = element("p", "", "");
      box.id = "errors";
      box.setAttribute("role", "alert");
      document.body.prepend(box);
    }
    box.textContent += message + "\n";
  }
  addEventListener("error", (event) => fail("Error in this page: " + event.message));
  addEventListener("securitypolicyviolation", (event) => {
    fail("Refused by this page: " + event.violatedDirective);
  });

  function element(tag, className, text) {
    const it = document.createElement(tag);
    if (className) it.className = className;
    if (text) it.textContent = text;
    return it;
  }

  function time(ms) {
    return ms < 1000 ? Math.round(ms * 10) / 10 + " ms" : Math.round(ms) / 1000 + " s";
  }

  const tip = element("div", "", "");
  tip.id = "tip";
  tip.hidden = true;
  const tips = new WeakMap();
  function showTip(target, x, y) {
    const text = tips.get(target);
    tip.hidden = text === undefined;
    if (text === undefined) return;
    tip.textContent = text;
    tip.style.left = Math.min(x + 12, innerWidth - tip.offsetWidth - 8) + "px";
    tip.style.top = Math.min(y + 14, innerHeight - tip.offsetHeight - 8) + "px";
  }

  class Timeline {
    constructor(root, { length, texts, lanes }) {
      this.length = Math.max(length, 1);
      this.zoom = 1;
      this.root = root;
      this.lanes = lanes.map(([kind, name, id, depth, from, to, end, rows, dropped, spans]) => ({
        kind: kinds[kind], name: texts[name], id, depth, from, to, end: texts[end], rows, dropped,
        spans: spans.map(([kind, from, to, label, object, note, count, row]) => ({
          kind: spanKinds[kind], from, to, label: texts[label], object, note: texts[note], count, row,
        })),
      }));
      this.draw();
    }

    draw() {
      const { root, lanes } = this;
      const tools = element("div", "tools", "");
      for (const [text, label, factor] of [["+", "Zoom in", 2], ["−", "Zoom out", 0.5], ["fit", "Show all", 0]]) {
        const button = element("button", "", text);
        button.type = "button";
        button.title = label;
        button.setAttribute("aria-label", label);
        button.addEventListener("click", () => this.zoomBy(factor));
        tools.append(button);
      }
      tools.append(element("span", "", "Ctrl and wheel zoom, drag moves; with the keyboard + − 0 and arrows."));
      this.scroll = element("div", "scroll", "");
      this.scroll.tabIndex = 0;
      this.scroll.setAttribute("role", "group");
      this.scroll.setAttribute("aria-label", "Time line of " + root.dataset.name + "; the same as a table follows");
      this.canvas = element("div", "canvas", "");
      const axis = element("div", "axis", "");
      this.axis = element("div", "track", "");
      axis.append(element("div", "name", ""), this.axis);
      this.canvas.append(axis, ...lanes.map((lane) => this.lane(lane)));
      this.scroll.append(this.canvas);
      root.append(tools, this.scroll, this.table());
      this.ticks();
      this.listen();
    }

    place(it, from, to) {
      it.style.left = from / this.length * 100 + "%";
      it.style.width = Math.max(0, to - from) / this.length * 100 + "%";
    }

    lane(lane) {
      const { kind, name, id, depth, from, to, end, rows, dropped, spans } = lane;
      const it = element("div", "lane " + kind, "");
      const label = element("div", "name", name + " ");
      label.style.paddingLeft = 8 + depth * 12 + "px";
      const known = kind === "process" ? "pid " + id : name.endsWith("-" + id) ? "" : "#" + id;
      label.append(element("span", "", known));
      const track = element("div", "track", "");
      track.style.height = rows * 18 + 5 + "px";
      track.setAttribute("role", "img");
      const life = time(from) + " to " + time(to) + ", " + time(to - from);
      const about = kind + " " + name + " " + known + "\n" + life +
        (end === "" ? "\nnobody has told its end" : "\nended: " + end) + (dropped > 0 ? "\n" + dropped + " more events are not shown" : "");
      track.setAttribute("aria-label", about + this.sums(spans));
      tips.set(label, about);
      const bar = element("div", "bar life " + kind, "");
      bar.style.top = "2px";
      this.place(bar, from, to);
      tips.set(bar, about);
      track.append(bar, ...spans.map((span) => this.span(span, rows)));
      if (end !== "") {
        const mark = element("div", "end", "");
        if (/SIG|signal|threw|lost|terminated|rejected|cancelled|code [1-9]/.test(end)) mark.classList.add("hard");
        mark.style.left = "calc(" + to / this.length * 100 + "% - 2px)";
        mark.style.top = "2px";
        tips.set(mark, about);
        track.append(mark);
      }
      it.append(label, track);
      return it;
    }

    span({ kind, from, to, label, object, note, count, row }, rows) {
      const bar = element("div", "bar " + kind + (object < 0 ? "" : " c" + object % 8), "");
      if (/blocks/.test(note)) bar.classList.add("blocks");
      bar.style.top = kind === "hold" ? rows * 18 + 1 + "px" : row * 18 + 2 + "px";
      if (kind === "wait" || kind === "task") bar.append(element("b", "", label + (count > 1 ? " ×" + count : "")));
      this.place(bar, from, to);
      tips.set(bar, this.tell({ kind, from, to, label, note, count }));
      return bar;
    }

    tell({ kind, from, to, label, note, count }) {
      const plain = kind === "start" || label === "runs";
      const what = plain ? label : words[kind] + " " + label;
      return what + (count > 1 ? ", " + count + " times" : "") + "\n" + time(from) + " to " + time(to) + ", " +
        time(to - from) + (note === "" ? "" : "\n" + note);
    }

    /** How long a lane waited for what. */
    sums(spans) {
      const sums = new Map();
      for (const { kind, from, to, label } of spans) {
        if (kind === "wait") sums.set(label, (sums.get(label) ?? 0) + to - from);
      }
      return [...sums].map(([label, sum]) => "\nwaits for " + label + " for " + time(sum)).join("");
    }

    /** The same in words, for who cannot see it; made when it is opened. */
    table() {
      const details = element("details", "", "");
      details.append(element("summary", "", "As a table, " + this.lanes.length + " lanes"));
      details.addEventListener("toggle", () => {
        if (!details.open || details.querySelector("table") !== null) return;
        const table = element("table", "", "");
        const head = table.createTHead().insertRow();
        for (const text of ["who", "does what", "from", "to", "for", "and"]) {
          const cell = element("th", "", text);
          cell.scope = "col";
          head.append(cell);
        }
        const body = table.createTBody();
        const add = (...cells) => {
          const row = body.insertRow();
          for (const text of cells) row.append(element("td", "", text));
        };
        for (const { kind, name, id, from, to, end, spans, dropped } of this.lanes) {
          const who = kind + " " + name + " (" + id + ")";
          const more = dropped > 0 ? dropped + " more events are not shown" : "";
          add(who, "is alive", time(from), time(to), time(to - from), [end === "" ? "nobody has told its end" : "ended: " + end, more].filter(Boolean).join("; "));
          for (const span of spans) {
            const what = this.tell(span).split("\n")[0];
            add(who, what, time(span.from), time(span.to), time(span.to - span.from), span.note);
          }
        }
        details.append(table);
      }, { once: false });
      return details;
    }

    ticks() {
      const rough = this.length / (8 * this.zoom);
      const power = 10 ** Math.floor(Math.log10(rough));
      const step = [1, 2, 5, 10].map((n) => n * power).find((size) => size >= rough);
      const ticks = [];
      for (let i = 0; i * step <= this.length; i++) {
        const tick = element("div", "tick", time(Math.round(i * step * 1e6) / 1e6));
        tick.style.left = i * step / this.length * 100 + "%";
        ticks.push(tick);
      }
      // The last one would stand out at the right.
      if (ticks.length > 1 && (ticks.length - 1) * step > this.length * 0.96) ticks.pop();
      this.axis.replaceChildren(...ticks);
    }

    zoomBy(factor, at = 0.5) {
      const before = this.zoom;
      this.zoom = factor === 0 ? 1 : Math.min(4096, Math.max(1, before * factor));
      if (this.zoom === before) return;
      const { scroll } = this;
      const x = scroll.scrollLeft + at * scroll.clientWidth;
      this.canvas.style.width = this.zoom * 100 + "%";
      scroll.scrollLeft = x * this.zoom / before - at * scroll.clientWidth;
      this.ticks();
    }

    listen() {
      const { scroll } = this;
      scroll.addEventListener("wheel", (event) => {
        if (!event.ctrlKey && !event.metaKey) return;
        event.preventDefault();
        const { left, width } = scroll.getBoundingClientRect();
        this.zoomBy(event.deltaY < 0 ? 1.25 : 0.8, (event.clientX - left) / width);
      }, { passive: false });
      scroll.addEventListener("keydown", (event) => {
        const factor = { "+": 2, "=": 2, "-": 0.5, "0": 0 }[event.key];
        if (factor === undefined || event.ctrlKey || event.metaKey) return;
        event.preventDefault();
        this.zoomBy(factor);
      });
      let from;
      scroll.addEventListener("pointerdown", (event) => {
        if (event.button === 0 && event.pointerType === "mouse") from = { x: event.clientX, left: scroll.scrollLeft };
      });
      addEventListener("pointerup", () => from = undefined);
      scroll.addEventListener("pointermove", (event) => {
        if (from !== undefined) scroll.scrollLeft = from.left + from.x - event.clientX;
        showTip(event.target.closest(".bar, .end, .name"), event.clientX, event.clientY);
      });
      scroll.addEventListener("pointerleave", () => tip.hidden = true);
    }
  }

  const data = JSON.parse(document.getElementById("data").textContent);
  for (const root of document.querySelectorAll(".timeline")) {
    new Timeline(root, data[Number(root.dataset.index)]);
  }
  document.body.append(tip);
  document.documentElement.dataset.drawn = String(data.length);
})();
`;
