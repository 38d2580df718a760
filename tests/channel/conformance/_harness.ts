// Copyright 2026 the Weft authors. MIT license.

/**
 * Runs each test of a queue in every mode: kind × place × scope × form.
 *
 * | place                     | scope                  | form        | who takes part                           |
 * | ------------------------- | ---------------------- | ----------- | ---------------------------------------- |
 * | alone                     | local, thread, process | async, sync | the test itself                          |
 * | coroutines                | local                  | async       | coroutines of the test itself            |
 * | coroutines, threads,      | thread, process        | async, sync | as the suites of `tests/sync/conformance` |
 * | processes, mixed          |                        |             |                                          |
 */

import type { QueueOptions, QueueScope } from "../../../channel/mod.ts";
import type { Scope } from "../../../sync/mod.ts";
import { Coroutine } from "../../sync/conformance/_actors.ts";
import { type Act, type Scene, Suite } from "../../sync/conformance/_harness.ts";
import { type AnyQueue, isMain, type Kind, kinds } from "../../fixtures/queue_kinds.ts";

export { aWhile, comesTo, comesToStay, exactly } from "../../sync/conformance/_harness.ts";
export { type AnyQueue, isMain, type Kind, kinds } from "../../fixtures/queue_kinds.ts";

export type Form = "async" | "sync";

/** What a test of a queue that needs nobody else is given. */
export interface Alone {
  readonly kind: Kind;
  readonly scope: QueueScope;
  readonly form: Form;
  /** Creates a queue of the kind and scope. */
  readonly make: <T = number>(options?: Omit<QueueOptions, "scope">) => AnyQueue<T>;
  /** Calls the async form of a method, or the sync form within a promise. */
  readonly act: Act;
}

/** In which modes a test runs, where not in all. */
export interface Only {
  readonly scopes?: readonly QueueScope[];
  readonly forms?: readonly Form[];
  readonly kinds?: readonly Kind[];
}

/** Objects of a test with others. */
export interface Queues {
  readonly queue: AnyQueue<number>;
}

/** Registers a test that needs nobody else. */
export function alone(
  name: string,
  fn: (test: Alone) => void | Promise<void>,
  only: Only = {},
): void {
  for (const kind of only.kinds ?? kinds) {
    for (const scope of only.scopes ?? ["local", "thread", "process"] as const) {
      for (const form of only.forms ?? ["async", "sync"] as const) {
        const act: Act = async (object, method, ...args) => {
          const name = form === "sync" ? `${method}Sync` : method;
          return await (object as Record<string, (...args: unknown[]) => unknown>)[name]!(...args);
        };
        const make: Alone["make"] = (options = {}) => kind.create({ ...options, scope });
        Deno.test(`${kind.name}${name} (alone, scope ${scope}, ${form})`, async () => {
          await fn({ kind, scope, form, make, act });
        });
      }
    }
  }
}

/** The tests of queues that need others. */
export class QueueSuite {
  readonly #suite: Suite<Queues>;

  constructor() {
    this.#suite = new Suite((options) => ({ queue: kinds[0]!.create<number>(options) }));
  }

  /** Registers a test in every mode that has others, for every kind. */
  together(
    name: string,
    size: number,
    fn: (scene: Scene<Queues> & { readonly kind: Kind }) => Promise<void>,
    { maxSize = 0, forms, places }: {
      readonly maxSize?: number;
      readonly forms?: readonly Form[];
      readonly places?: readonly Scene<Queues>["mode"]["place"][];
    } = {},
  ): void {
    for (const kind of kinds) {
      this.#suite.together(
        `${kind.name}${name}`,
        size,
        (scene) => fn({ ...scene, kind }),
        {
          make: (options) => ({ queue: kind.create<number>({ ...options, maxSize }) }),
          ...(forms === undefined ? {} : { forms }),
          ...(isMain(kind) ? {} : { places: ["coroutines", "processes"] }),
          ...(places === undefined ? {} : { places }),
        },
      );
      if (forms?.includes("async") === false || places?.includes("coroutines") === false) continue;
      Deno.test(`${kind.name}${name} (coroutines, scope local, async)`, async () => {
        const objects = { queue: kind.create<number>({ scope: "local", maxSize }) };
        const actors = Array.from({ length: size }, () => new Coroutine({ ...objects }));
        // No suite of other primitives knows of this scope.
        const mode = { place: "coroutines", scope: "local" as Scope, form: "async" } as const;
        const act: Act = (object, method, ...args) =>
          (object as Record<string, (...args: unknown[]) => Promise<unknown>>)[method]!(...args);
        const mortal = () => Promise.reject(new Error("Nobody can be killed here"));
        await fn({ objects, actors, mode, act, mortal, kind });
      });
    }
  }
}

/** Takes what is inside, without waiting. */
export function drain<T>(queue: AnyQueue<T>): T[] {
  const items: T[] = [];
  while (!queue.isEmpty) items.push(queue.getNowait());
  return items;
}
