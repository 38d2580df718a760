// Copyright 2026 the Weft authors. MIT license.

import { decode, encode } from "../channel/codec.ts";
import { type PoolBoot, servePool } from "../task/pool/serve.ts";
import { task } from "../task/task.ts";
import { currentWire, type Wire } from "../task/wire.ts";

/** What a process of a pool does. */
export const poolWorker = task(import.meta, async function serveProcessPool(boot: PoolBoot) {
  // A terminal sends it to all processes; what becomes of the tasks is for the program to say.
  Deno.addSignalListener("SIGINT", () => {});
  const wire = currentWire();
  const encoded: Wire = {
    post: (message) => wire.post(encode(message)),
    listen: (onMessage) => wire.listen((bytes) => onMessage(decode(bytes as Uint8Array))),
  };
  await servePool(boot, "process", encoded);
});
