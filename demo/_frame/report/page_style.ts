// Copyright 2026 the Weft authors. MIT license.

/** How the report looks. */
export const pageStyle = `
:root {
  color-scheme: light dark;
  --text: light-dark(#1c2128, #dfe4ea);
  --dim: light-dark(#5b6673, #97a3b0);
  --page: light-dark(#ffffff, #14181d);
  --panel: light-dark(#f5f7f9, #1b2027);
  --line: light-dark(#d5dbe1, #343c46);
  --good: light-dark(#18743a, #5cc98a);
  --bad: light-dark(#b3261e, #ff8a80);
  --warn: light-dark(#8a5a00, #e8b64c);
  --process: light-dark(#b9cfe8, #2f4a68);
  --thread: light-dark(#c6e0c2, #2e5138);
  --coroutine: light-dark(#e6d3ec, #523a5e);
  --wait: light-dark(#8b95a1, #8793a0);
}
.c0 { --wait: light-dark(#d1495b, #ef7d8c); }
.c1 { --wait: light-dark(#1d7fa8, #59b8df); }
.c2 { --wait: light-dark(#b06a00, #f0a83c); }
.c3 { --wait: light-dark(#6a4fc3, #a997f0); }
.c4 { --wait: light-dark(#2c8a4b, #62cf8b); }
.c5 { --wait: light-dark(#a83f8f, #e08bcd); }
.c6 { --wait: light-dark(#7a7a1c, #cfcf62); }
.c7 { --wait: light-dark(#14807a, #57cfc7); }
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1.5rem; max-width: 100rem; background: var(--page); color: var(--text);
  font: 14px/1.5 system-ui, "Segoe UI", "Noto Sans", "Noto Sans CJK SC", sans-serif;
}
h1 { margin: 0; font-size: 1.6rem; }
h2 { margin: 2.5rem 0 0; font-size: 1.2rem; }
h2 small { color: var(--dim); font-weight: normal; font-size: 0.85rem; }
p { margin: 0.3rem 0; }
header p:first-of-type { color: var(--dim); }
a { color: inherit; }
nav { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: 0.9rem; }
th, td { text-align: left; padding: 0.15rem 0.8rem 0.15rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--dim); font-weight: normal; }
nav td:nth-child(n + 4):nth-child(-n + 8), nav th:nth-child(n + 4):nth-child(-n + 8) { text-align: right; }
nav td { white-space: nowrap; }
nav td:nth-child(3) { white-space: normal; min-width: 18rem; }
.ok { color: var(--good); font-weight: 600; }
.failed { color: var(--bad); font-weight: 600; }
.skipped { color: var(--warn); font-weight: 600; }
.checks { list-style: none; margin: 0.4rem 0; padding: 0; columns: 26rem auto; column-gap: 2rem; }
.checks li { padding-left: 1.3rem; text-indent: -1.3rem; break-inside: avoid; }
.checks li::before { display: inline-block; width: 1.3rem; text-indent: 0; }
.held::before { content: "✓"; color: var(--good); }
.broken::before { content: "✗"; color: var(--bad); }
.left-out::before { content: "–"; color: var(--warn); }
pre { overflow-x: auto; max-height: 24rem; background: var(--panel); padding: 0.7rem; tab-size: 20; }
summary { cursor: pointer; color: var(--dim); }
.legend { display: flex; flex-wrap: wrap; gap: 0.3rem 1.2rem; list-style: none; padding: 0; font-size: 0.9rem; }
.legend .bar { position: static; display: inline-block; width: 1.6rem; height: 14px; vertical-align: -2px; margin-right: 2px; }
.legend .hold { height: 5px; vertical-align: 2px; }
.timeline { margin: 0.6rem 0; }
.tools { display: flex; gap: 0.4rem; align-items: center; color: var(--dim); font-size: 0.85rem; }
.tools button { font: inherit; min-width: 2rem; background: var(--panel); color: inherit; border: 1px solid var(--line); border-radius: 4px; cursor: pointer; }
.scroll { overflow: auto; max-height: 40rem; border: 1px solid var(--line); border-radius: 4px; background: var(--panel); margin: 0.3rem 0; }
.scroll:focus-visible, .tools button:focus-visible, summary:focus-visible { outline: 2px solid var(--c, #1d7fa8); outline-offset: 1px; }
.lane, .axis { display: flex; }
.axis { position: sticky; top: 0; z-index: 3; background: var(--panel); border-bottom: 1px solid var(--line); }
.name {
  position: sticky; left: 0; z-index: 2; flex: none; width: 15rem; padding: 0 0.5rem; background: var(--panel);
  border-right: 1px solid var(--line); font-size: 12px; line-height: 20px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis;
}
.name span { color: var(--dim); }
.lane.process .name { font-weight: 600; }
.lane.process .name span { font-weight: normal; }
.track { position: relative; flex: 1; min-width: 0; margin-right: 0.8rem; }
.axis .track { height: 20px; }
.tick { position: absolute; top: 0; bottom: 0; border-left: 1px solid var(--line); padding-left: 3px; font-size: 11px; line-height: 20px; color: var(--dim); white-space: nowrap; }
.lane:hover { background: color-mix(in srgb, var(--line) 35%, transparent); }
.bar {
  position: absolute; height: 16px; min-width: 1px; border-radius: 2px; overflow: hidden; font: 11px/16px system-ui, sans-serif;
  white-space: nowrap; color: light-dark(#10151a, #f2f5f8); print-color-adjust: exact; -webkit-print-color-adjust: exact;
}
.bar.process { background: var(--process); }
.bar.thread { background: var(--thread); }
.bar.coroutine { background: var(--coroutine); }
.bar.start { background: repeating-linear-gradient(90deg, var(--line) 0 3px, var(--panel) 3px 6px); }
.bar.task { background: color-mix(in srgb, var(--good) 28%, transparent); border: 1px solid color-mix(in srgb, var(--good) 55%, transparent); }
.bar.wait {
  background: repeating-linear-gradient(135deg, color-mix(in srgb, var(--wait) 62%, var(--panel)) 0 4px, color-mix(in srgb, var(--wait) 30%, var(--panel)) 4px 8px);
  border-left: 1px solid var(--wait); border-right: 1px solid var(--wait);
}
.bar.wait > b { font-weight: normal; padding: 0 3px; background: color-mix(in srgb, var(--panel) 72%, transparent); }
.bar.task > b, .bar.life > b { font-weight: normal; padding: 0 3px; }
.bar.wait.blocks { border-top: 2px solid var(--text); border-bottom: 2px solid var(--text); line-height: 12px; }
.bar.hold { z-index: 1; height: 4px; background: var(--wait); border-radius: 1px; }
.end { position: absolute; width: 3px; height: 16px; background: var(--dim); border-radius: 1px; }
.end.hard { background: var(--bad); width: 4px; }
#tip {
  position: fixed; z-index: 9; max-width: 30rem; padding: 0.3rem 0.6rem; border: 1px solid var(--line); border-radius: 4px; background: var(--page);
  color: var(--text); font-size: 12px; white-space: pre-line; pointer-events: none; box-shadow: 0 2px 8px rgb(0 0 0 / 25%);
}
#errors { color: var(--bad); font-weight: 600; white-space: pre-wrap; }
@media print {
  body { max-width: none; padding: 0; }
  .scroll { max-height: none; overflow: visible; }
  .tools, details { display: none; }
  section { break-inside: auto; }
  h2 { break-after: avoid; }
}
`;
