// Copyright 2026 the Weft authors. MIT license.

/** Colours that can be told apart by all eyes, each with enough contrast to the paper. */
const light = {
  paper: "#ffffff",
  text: "#1f2328",
  muted: "#59636e",
  grid: "#d8dee4",
  faster: "#2f7ebc",
  slower: "#c8761a",
  missed: "#c42525",
};
const dark: typeof light = {
  paper: "#0d1117",
  text: "#e6edf3",
  muted: "#9aa4af",
  grid: "#2b323b",
  faster: "#4a97d8",
  slower: "#dd9136",
  missed: "#ff7b72",
};

/** The style of charts. Their paper is their own, so that they can be read on pages of either kind. */
export function styleOf(): string {
  return `<style>
svg { ${variables(light)} font: 12px system-ui, "DejaVu Sans", sans-serif; }
@media (prefers-color-scheme: dark) { svg { ${variables(dark)} } }
text { fill: var(--text); }
.paper { fill: var(--paper); }
.title { font-size: 16px; font-weight: 600; }
.measure, .ratio { font-weight: 600; }
.label { text-anchor: end; }
.tick { fill: var(--muted); text-anchor: middle; font-size: 11px; }
.muted { fill: var(--muted); }
.missed { fill: var(--missed); font-weight: 600; }
.grid { stroke: var(--grid); }
.one { stroke: var(--text); stroke-width: 1.5; }
.faster { fill: var(--faster); }
.slower { fill: var(--slower); }
.spread { stroke: var(--text); stroke-width: 1.5; opacity: 0.7; }
.aim { stroke: var(--text); stroke-width: 2.5; fill: none; }
.aim.missed { stroke: var(--missed); }
</style>`;
}

function variables(colours: typeof light): string {
  return Object.entries(colours).map(([name, colour]) => `--${name}: ${colour};`).join(" ");
}
