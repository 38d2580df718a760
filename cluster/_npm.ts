// Copyright 2026 the Weft authors. MIT license.

/** The packages of npm that the classes of this module work with. */
const specifiers = {
  amqplib: "npm:amqplib@^0.10",
  bullmq: "npm:bullmq@^5",
  ioredis: "npm:ioredis@^5",
};

/**
 * Loads a package of npm when it is first used.
 *
 * Its specifier is not in the import itself, as it would be part of the module graph then: every program that imports
 * Weft, each of its processes and each of its threads would resolve it at their start (10 ms, and hundreds where the
 * registry lacks a part of it), used or not.
 *
 * @param name The package.
 * @param user Who needs it, for the error.
 * @throws {Error} If it cannot be loaded.
 */
export async function loadPackage<T>(name: keyof typeof specifiers, user: string): Promise<T> {
  const specifier = specifiers[name];
  try {
    return await import(specifier);
  } catch (cause) {
    throw new Error(`Cannot use ${user} as ${specifier} cannot be loaded`, { cause });
  }
}
