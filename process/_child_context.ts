// Copyright 2026 the Weft authors. MIT license.

import { type ProcessContext, processContext } from "../task/context.ts";
import { flagsOf } from "./_config.ts";

/** What a child is called. */
export interface ChildIdentity {
  readonly name: string;
  readonly lineage: string;
  readonly daemon: boolean;
}

/**
 * Makes what a child is told of itself.
 *
 * @param configArgs The flags that this process hands on.
 * @param runtimeArgs The flags that the child gets beside them.
 */
export function childContext(
  { name, lineage, daemon }: ChildIdentity,
  configArgs: readonly string[],
  runtimeArgs: readonly string[],
): ProcessContext {
  const own = processContext();
  return {
    name,
    lineage,
    depth: own.depth + 1,
    daemon,
    parent: { name: own.name, pid: Deno.pid },
    mainModule: own.mainModule,
    configArgs: [...configArgs, ...flagsOf(runtimeArgs)],
    configDenied: own.configDenied,
    freezeSupported: own.freezeSupported,
  };
}
