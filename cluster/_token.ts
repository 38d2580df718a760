// Copyright 2026 the Weft authors. MIT license.

import { type HandleForm, registerHandle, toHandle } from "../sync/handle.ts";

/** Where a manager listens: a host and a port, or the path of a socket. */
export type ManagerAddress = string | readonly [host: string, port: number];

/** Names an object that a manager holds, as Python's `multiprocessing.managers.Token` does. */
export class Token {
  /** The name that the type was registered by. */
  readonly typeid: string;
  /** The manager. */
  readonly address: ManagerAddress;
  /** The object, in terms of its manager. */
  readonly id: string;

  constructor(typeid: string, address: ManagerAddress, id: string) {
    this.typeid = typeid;
    this.address = address;
    this.id = id;
  }
}

/** A proxy that travelled as data: what its receiver needs to make one of its own. */
export class ProxyReference {
  /** The object behind it. */
  readonly token: Token;
  /** Names of the methods that may be called, if the proxy said which. */
  readonly exposed: readonly string[] | undefined;
  /** Name of the proxy's class in Python's `multiprocessing.managers`. */
  readonly proxytype: string;

  constructor(token: Token, exposed: readonly string[] | undefined, proxytype = "AutoProxy") {
    this.token = token;
    this.exposed = exposed;
    this.proxytype = proxytype;
  }

  /** Has it stay a proxy in a queue. */
  [toHandle](): HandleForm {
    const { typeid, address, id } = this.token;
    return { kind: "manager-proxy", state: [typeid, address, id, this.exposed, this.proxytype] };
  }
}

registerHandle("manager-proxy", (state) => {
  const [typeid, address, id, exposed, proxytype] = state as [
    ...[typeid: string, address: ManagerAddress, id: string],
    ...[exposed: readonly string[] | undefined, proxytype: string],
  ];
  return new ProxyReference(new Token(typeid, address, id), exposed, proxytype);
});
