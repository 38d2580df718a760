// Copyright 2026 the Weft authors. MIT license.

/** Markdown that shows a text as it is, in a cell of a table, too. */
export function escapeMarkdown(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    // Within a word an underline is no mark.
    .replace(/[\\`*[\]|]|(?<!\w)_|_(?!\w)/g, "\\$&");
}

/** XML that shows a text as it is, in an attribute, too. */
export function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
