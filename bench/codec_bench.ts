// Copyright 2026 the Weft authors. MIT license.

// Both ways for one value: `deno bench bench/codec_bench.ts`. "lent" is what queues do when they copy
// the encoded bytes straight to shared memory; "weft" also allocates an array for them.

import { deserialize, serialize } from "node:v8";
import { decode, encode, type Encoded, encodeWith } from "../channel/codec.ts";

const values: Record<string, unknown> = {
  "int": 123456,
  "small object": { id: 1, name: "abc", tags: ["a", "b"] },
  "1 KiB string": "x".repeat(1024),
  "64 KiB bytes": new Uint8Array(65536).fill(7),
  "array of 1000 objects": Array.from(
    { length: 1000 },
    (_, i) => ({ id: i, name: `user ${i}`, tags: ["a", "b"] }),
  ),
};

const memory = new Uint8Array(1 << 22);

function decodeLent(encoded: Encoded): unknown {
  encoded.copyTo(memory, 0);
  return decode(memory, { end: encoded.byteLength });
}

for (const [group, value] of Object.entries(values)) {
  Deno.bench({
    name: "structuredClone",
    group,
    baseline: true,
    fn() {
      structuredClone(value);
    },
  });

  Deno.bench({
    name: "weft",
    group,
    fn() {
      decode(encode(value));
    },
  });

  Deno.bench({
    name: "weft, lent",
    group,
    fn() {
      encodeWith(value, decodeLent);
    },
  });

  // JSON makes an object of a byte array, with a property for each byte.
  if (!(value instanceof Uint8Array)) {
    Deno.bench({
      name: "JSON",
      group,
      fn() {
        JSON.parse(JSON.stringify(value));
      },
    });
  }

  Deno.bench({
    name: "node:v8",
    group,
    fn() {
      deserialize(serialize(value));
    },
  });
}
