// Copyright 2026 the Weft authors. MIT license.

/** Runs a server of our own, if it is installed, until SIGTERM; run by `brokers.ts`. */

import { noRabbit, RabbitServer } from "../../tools/servers/rabbit_server.ts";
import { noRedis, RedisServer } from "../../tools/servers/redis_server.ts";

if (import.meta.main) {
  const [name] = Deno.args;
  const [Server, missing] = name === "redis" ? [RedisServer, noRedis] : [RabbitServer, noRabbit];
  if (missing === undefined) {
    const { promise: told, resolve: tell } = Promise.withResolvers<void>();
    Deno.addSignalListener("SIGTERM", tell);
    await using server = await Server.start();
    console.log(`${name}: ${server.url}`);
    await told;
    Deno.removeSignalListener("SIGTERM", tell);
  } else {
    console.log(`missing: ${missing}`);
  }
}
