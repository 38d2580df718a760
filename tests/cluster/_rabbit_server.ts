// Copyright 2026 the Weft authors. MIT license.

export * from "../../tools/servers/rabbit_server.ts";
