// Copyright 2026 the Weft authors. MIT license.

export * from "../../tools/servers/redis_server.ts";
