// Copyright 2026 the Weft authors. MIT license.

import { linkHost } from "./_link.ts";

/** The kinds of permission that Deno knows. */
const kinds = ["read", "write", "net", "env", "run", "ffi", "sys", "import"] as const;

type Kind = typeof kinds[number];

/** The kinds whose lists are of paths. */
const pathKinds = new Set<Kind>(["read", "write", "ffi"]);

/**
 * What is granted of one kind of permission: all (`true`), nothing (`false`), what the parent holds in
 * full (`"inherit"`), or a list as behind the flag of `deno run`.
 */
export type PermissionGrant = boolean | "inherit" | readonly (string | URL)[];

/** Permissions of a child process, by kind; what is left out is not granted. */
export interface PermissionRecord {
  /** Reading files and folders. */
  readonly read?: PermissionGrant | undefined;
  /** Writing files and folders. */
  readonly write?: PermissionGrant | undefined;
  /** Connecting to hosts and listening. */
  readonly net?: PermissionGrant | undefined;
  /** Environment variables. */
  readonly env?: PermissionGrant | undefined;
  /** Starting programs. */
  readonly run?: PermissionGrant | undefined;
  /** Calling native libraries. */
  readonly ffi?: PermissionGrant | undefined;
  /** Information on the system. */
  readonly sys?: PermissionGrant | undefined;
  /** Importing from further hosts; those that Deno trusts by default are always granted. */
  readonly import?: PermissionGrant | undefined;
}

/** Permissions of a child process: `"inherit"` those of its parent, `"none"`, or some. */
export type ProcessPermissions = "inherit" | "none" | PermissionRecord;

/**
 * Makes the permission flags of a child process.
 *
 * Deno tells whether a permission is held in full, but not the list of one that is held in part; so
 * `"inherit"` hands on those held in full, and of the others what it takes to start processes.
 *
 * @param permissions What the child is to hold.
 * @param address What the child must be able to connect to, as `host:port`.
 * @param moved Whether the child runs in another directory, so that relative paths must not reach it.
 * @throws {TypeError} If `permissions` is none of its forms.
 * @throws {RangeError} If an item of a list has a comma in it.
 * @throws {Deno.errors.NotCapable} If it asks for what this process does not hold.
 */
export function permissionArgs(
  permissions: ProcessPermissions,
  address: string,
  moved: boolean,
): string[] {
  const grants = readGrants(permissions, moved);
  if (kinds.every((kind) => grants.get(kind) === true)) return ["--allow-all"];

  const args = ["--no-prompt"];
  const net = grants.get("net");
  if (net !== true) grants.set("net", [...(net || []) as string[], address]);
  for (const [kind, grant] of grants) {
    if (grant === true) args.push(`--allow-${kind}`);
    else if (grant && grant.length > 0) args.push(`--allow-${kind}=${grant.join(",")}`);
  }
  return args;
}

/** This Deno by its path and by its name: either may be what `--allow-run` lists. */
export function programs(): string[] {
  return [Deno.execPath(), "deno"];
}

/** Tells whether this process holds every permission in full, as under `--allow-all`. */
export function holdsAll(): boolean {
  return kinds.every((kind) => holds({ name: kind }));
}

function readGrants(
  permissions: ProcessPermissions,
  moved: boolean,
): Map<Kind, boolean | readonly string[]> {
  if (permissions === "none") permissions = {};
  const inherits = permissions === "inherit";
  if (!inherits && (typeof permissions !== "object" || permissions === null)) {
    throw new TypeError(
      'Cannot start a process as its permissions are not "inherit", "none" or a record: ' +
        `current value is ${permissions}`,
    );
  }
  const unknown = Object.keys(inherits ? {} : permissions).find((key) =>
    !kinds.includes(key as Kind)
  );
  if (unknown !== undefined) {
    throw new TypeError(
      `Cannot start a process as its permissions have a kind that is none of ${
        kinds.join(", ")
      }: ` +
        `current value is ${JSON.stringify(unknown)}`,
    );
  }
  return new Map(kinds.map((kind) => {
    const grant = inherits ? "inherit" : (permissions as PermissionRecord)[kind];
    return [kind, checkGrant(kind, grant ?? false, moved)];
  }));
}

/** Makes a grant one without `"inherit"`, and checks that this process can give it. */
function checkGrant(
  kind: Kind,
  grant: PermissionGrant,
  moved: boolean,
): boolean | readonly string[] {
  if (grant === "inherit") {
    return holds({ name: kind }) || neededNames(kind).filter((name) => holds(describe(kind, name)));
  }
  if (typeof grant === "boolean") {
    if (grant && !holds({ name: kind })) refuse(kind, `--allow-${kind}`);
    return grant;
  }
  return grant.map((item) => {
    const given = item instanceof URL && item.protocol === "file:" ? pathOf(item) : String(item);
    const value = moved && isRelativePath(kind, given) ? `${Deno.cwd()}/${given}` : given;
    // It would become two items, of which the second may be more than was meant.
    if (value.includes(",")) {
      throw new RangeError(
        `Cannot give a child process the permission ${kind} for a name with a comma, as flags of ` +
          `deno cannot hold one: current value is ${JSON.stringify(value)}`,
      );
    }
    if (!holds(describe(kind, value))) refuse(kind, `--allow-${kind}=${value}`);
    return value;
  });
}

/** What a process needs to start others, so that this is handed on although it is not all. */
function neededNames(kind: Kind): string[] {
  if (kind === "net") return [linkHost, `${linkHost}:0`];
  if (kind === "run") return programs().filter((program) => !program.includes(","));
  return [];
}

function isRelativePath(kind: Kind, value: string): boolean {
  const isPath = kind === "run" ? value.includes("/") : pathKinds.has(kind);
  return isPath && !value.startsWith("/") && Deno.build.os !== "windows";
}

function holds(descriptor: Deno.PermissionDescriptor): boolean {
  const status = Deno.permissions.querySync(descriptor);
  return status.state === "granted" && !status.partial;
}

function describe(kind: Kind, value: string): Deno.PermissionDescriptor {
  switch (kind) {
    case "read":
    case "write":
    case "ffi":
      return { name: kind, path: value };
    case "net":
    case "import":
      return { name: kind, host: value } as Deno.NetPermissionDescriptor;
    case "env":
      return { name: kind, variable: value };
    case "run":
      return { name: kind, command: value };
    case "sys":
      return { name: kind, kind: value } as Deno.SysPermissionDescriptor;
  }
}

function refuse(kind: Kind, flag: string): never {
  throw new Deno.errors.NotCapable(
    `Cannot give a child process the permission ${kind} as this process does not hold it: run ` +
      `again with the ${flag} flag`,
  );
}

function pathOf(url: URL): string {
  return decodeURIComponent(url.pathname);
}
