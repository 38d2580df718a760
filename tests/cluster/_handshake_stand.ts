// Copyright 2026 the Weft authors. MIT license.

import {
  connectManager,
  type ManagerClient,
  type ManagerServer,
  type Refusal,
  serveManager,
} from "../../cluster/mod.ts";
import { key, messageOf, RawPeer } from "./_raw_peer.ts";

export interface Stand extends AsyncDisposable {
  readonly server: ManagerServer;
  readonly refusals: Refusal[];
}

export async function stand(options: object = {}): Promise<Stand> {
  const refusals: Refusal[] = [];
  const server = await serveManager({
    authKey: key,
    registry: { get_map: () => new Map() },
    onRefusal: (refusal) => refusals.push(refusal),
    ...options,
  });
  return { server, refusals, [Symbol.asyncDispose]: () => server.close() };
}

export function dial(port: number, options: object = {}): Promise<ManagerClient> {
  return connectManager({ port, authKey: key, ...options });
}

/** Answers the challenge of a server of ours; gives what that says to it. */
export async function sayTo(
  server: ManagerServer,
  answer: (message: Uint8Array) => Uint8Array,
): Promise<string | undefined> {
  using peer = await RawPeer.connect(server.port);
  await peer.sendFrame(answer(messageOf((await peer.read())!)));
  const said = await peer.read();
  return said && new TextDecoder().decode(said);
}
