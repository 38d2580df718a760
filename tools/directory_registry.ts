// Copyright 2026 the Weft authors. MIT license.

/**
 * Writes packages as a directory registry: the files that a JSR server would serve, laid out by
 * their paths. Deno takes such a folder by `JSR_URL=file:///…/`, and `serve_registry.ts` serves it.
 *
 * ```text
 * ROOT/@scope/name/meta.json            versions of the package
 * ROOT/@scope/name/VERSION_meta.json    exports; size and checksum of every file
 * ROOT/@scope/name/VERSION/…            the files
 * ```
 *
 * @module
 */

/** One version of a package. */
export interface RegistryPackage {
  /** Name with its scope, such as `@std/assert`. */
  readonly name: string;
  /** Version, such as `1.0.0`. */
  readonly version: string;
  /** Module of every export, such as `{ ".": "./mod.ts" }`. */
  readonly exports: Readonly<Record<string, string>>;
  /** Contents by path within the package, such as `mod.ts`. */
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

/**
 * Writes one package into a directory registry, as its only and latest version.
 *
 * @param root Folder of the registry; made where it does not exist.
 * @param pkg Package to write.
 * @throws {RangeError} If an export names a module that is not among the files.
 */
export async function writePackage(root: string, pkg: RegistryPackage): Promise<void> {
  for (const [key, path] of Object.entries(pkg.exports)) {
    if (!pkg.files.has(path.replace("./", ""))) {
      throw new RangeError(
        `Cannot write package "${pkg.name}" as export "${key}" has no file: current value is "${path}"`,
      );
    }
  }
  const folder = `${root}/${pkg.name}`;
  const manifest: Record<string, { size: number; checksum: string }> = {};

  for (const [path, bytes] of pkg.files) {
    const file = `${folder}/${pkg.version}/${path}`;
    await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
    await Deno.writeFile(file, bytes);
    manifest[`/${path}`] = { size: bytes.length, checksum: `sha256-${await sha256(bytes)}` };
  }
  const [scope, name] = pkg.name.slice(1).split("/");
  await writeJson(`${folder}/${pkg.version}_meta.json`, { manifest, exports: pkg.exports });
  await writeJson(`${folder}/meta.json`, {
    scope,
    name,
    latest: pkg.version,
    versions: { [pkg.version]: {} },
  });
}

/**
 * Computes a SHA-256 digest.
 *
 * @param bytes Bytes to digest.
 * @returns The digest as hexadecimal digits.
 */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

function writeJson(path: string, value: unknown): Promise<void> {
  return Deno.writeTextFile(path, JSON.stringify(value, null, 2) + "\n");
}
