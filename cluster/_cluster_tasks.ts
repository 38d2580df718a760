// Copyright 2026 the Weft authors. MIT license.

import { show } from "../sync/show.ts";
import { referenceOf, requireReference } from "../task/registry.ts";
import type { Task } from "../task/task.ts";

/** A task of any type. */
// deno-lint-ignore no-explicit-any -- arguments of any types
export type AnyTask = Task<any, unknown>;

/** Tasks, as a list or by the names that they are to have. */
export type ClusterTasks = readonly AnyTask[] | Readonly<Record<string, AnyTask>>;

/**
 * Finds the names of tasks: those that were given, or else their own.
 *
 * @throws {TypeError} If one is no task, or two have the same name.
 */
export function namesOf(tasks: ClusterTasks): Map<string, AnyTask> {
  if (typeof tasks !== "object" || tasks === null) {
    throw new TypeError(
      `Cannot use tasks as they are not a list or an object: current value is ${show(tasks)}`,
    );
  }
  const byName = new Map<string, AnyTask>();
  const named: [string | undefined, AnyTask][] = Array.isArray(tasks)
    ? tasks.map((task: AnyTask) => [undefined, task])
    : Object.entries(tasks);
  for (const [given, task] of named) {
    const { name } = requireReference(task, "a task");
    const used = given ?? name;
    const other = byName.get(used);
    if (other !== undefined) {
      throw new TypeError(
        `Cannot use two tasks of the name ${JSON.stringify(used)}: give them names, as in ` +
          "{ first: task1, second: task2 }",
      );
    }
    byName.set(used, task);
  }
  return byName;
}

/** The names by which a pool calls tasks. */
export class TaskNames {
  readonly #given = new Map<unknown, string>();

  /** @param tasks Those that have names other than their own. */
  constructor(tasks: ClusterTasks) {
    // The first of several names of a task.
    for (const [name, task] of namesOf(tasks)) {
      if (!this.#given.has(task)) this.#given.set(task, name);
    }
  }

  /**
   * The name of a task.
   *
   * @throws {TypeError} If it is not a task.
   */
  of(task: unknown): string {
    return this.#given.get(task) ?? referenceOf(task as AnyTask)?.name ??
      requireReference(task, "a task").name;
  }
}
