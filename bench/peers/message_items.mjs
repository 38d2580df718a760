// Copyright 2026 the Weft authors. MIT license.

// Those of bench/fixtures/channel_items.ts, in a form that Node can load.
export const items = {
  "int": 123456,
  "small object": { id: 1, name: "abc", tags: ["a", "b"] },
  "1 KiB string": "x".repeat(1024),
  "64 KiB bytes": new Uint8Array(65_536).fill(7),
};
