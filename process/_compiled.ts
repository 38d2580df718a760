// Copyright 2026 the Weft authors. MIT license.

/*
 * A program that `deno compile` has made holds no Deno to run a child with, so it starts itself:
 *
 *   parent                                      child: the same binary, with the same arguments
 *     │ ── environment: WEFT_CHILD=BINARY ────────▶ │   the module graph is evaluated,
 *     │                                             │   freezeSupport() deletes the variable,
 *     │ ── stdin: StartMessage, payload, … ───────▶ │   and serves; from here on as in _link.ts
 *
 * A variable and not an argument: modules may read `Deno.args` while they are imported, before
 * freezeSupport() could take an argument away.
 */

import { BootstrapError } from "../task/bootstrap.ts";
import { processContext } from "../task/context.ts";
import type { ProcessPermissions } from "./_permissions.ts";

/** The variable that tells a compiled program that it is to be a child, by the path of its binary. */
export const childVariable = "WEFT_CHILD";

/** What a program asks for its children, as far as a compiled one cannot have it. */
export interface ChildRequests {
  readonly permissions?: ProcessPermissions | undefined;
  readonly runtimeArgs?: readonly string[] | undefined;
}

/**
 * Checks that this compiled program may start itself as a child.
 *
 * @throws {BootstrapError} If it has not called `freezeSupport`.
 * @throws {Deno.errors.NotSupported} If it asks for what was settled when it was compiled.
 * @throws {Deno.errors.NotCapable} If a permission is missing.
 */
export function checkCompiled(what: string, requests: ChildRequests): void {
  const { permissions = "inherit", runtimeArgs = [] } = requests;
  if (!processContext().freezeSupported) {
    throw new BootstrapError(
      `Cannot start ${what} as this is a compiled program that has not called freezeSupport(): ` +
        "begin it with `if (import.meta.main && !freezeSupport()) { … }`",
    );
  }
  if (permissions !== "inherit") {
    throw new Deno.errors.NotSupported(
      `Cannot start ${what} with permissions of its own as this is a compiled program, which got ` +
        'its permissions when it was compiled: current value is not "inherit"',
    );
  }
  if (runtimeArgs.length > 0) {
    throw new Deno.errors.NotSupported(
      `Cannot start ${what} with runtimeArgs as this is a compiled program, which takes no flags ` +
        `of deno: current value is ${JSON.stringify(runtimeArgs)}`,
    );
  }
  const command = Deno.execPath();
  requirePermission(what, { name: "run", command }, "--allow-run");
  requirePermission(what, { name: "env", variable: childVariable }, `--allow-env=${childVariable}`);
}

/** Not asked of the user: a child, which has no terminal, would not get what is granted there. */
function requirePermission(
  what: string,
  permission: Deno.PermissionDescriptor,
  flag: string,
): void {
  if (Deno.permissions.querySync(permission).state === "granted") return;
  throw new Deno.errors.NotCapable(
    `Cannot start ${what} as the program was compiled without ${flag}: compile it with this flag`,
  );
}

/** Tells whether this is a compiled program that was started as a child of itself, once. */
export function takeChildVariable(): boolean {
  const permission = { name: "env", variable: childVariable } as const;
  if (Deno.permissions.querySync(permission).state !== "granted") return false;
  const binary = Deno.env.get(childVariable);
  if (binary === undefined) return false;
  Deno.env.delete(childVariable);
  // Another compiled program may have started this one before it could delete its own.
  return binary === Deno.execPath();
}
