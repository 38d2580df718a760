// Copyright 2026 the Weft authors. MIT license.

// Declarations of @std/cli for the registry that tools/std_registry.ts builds.

type Aliases = Readonly<Record<string, string | readonly string[]>>;

/** Options of {@linkcode parseArgs}. */
export interface ParseOptions<
  B extends string = string,
  S extends string = string,
  C extends string = string,
  D extends object = object,
  A extends Aliases = Aliases,
> {
  /** Whether what follows `--` is kept apart, in `"--"`. */
  "--"?: boolean;
  /** Other names of an option. */
  alias?: A;
  /** Options without a value; true stands for all that have no value. */
  boolean?: B | readonly B[] | boolean;
  /** Values of options that are not given. */
  default?: D;
  /** Whether everything after the first argument that is no option is left as it is. */
  stopEarly?: boolean;
  /** Options whose value is a string. */
  string?: S | readonly S[];
  /** Options that may be repeated. */
  collect?: C | readonly C[];
  /** Options that `--no-NAME` makes false. */
  negatable?: string | readonly string[];
  /** Is called for what is not in the options; a result of false drops it. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

type AliasNames<A> = { [K in keyof A]: A[K] extends readonly (infer N)[] ? N : A[K] }[keyof A];

/** Name under which the options know a name that is possibly an alias. */
type KeyOf<K, A> =
  | K
  | { [P in keyof A]: K extends P | A[P] | (A[P] & readonly unknown[])[number] ? P : never }[
    keyof A
  ];

type Widen<T> = T extends string ? string
  : T extends number ? number
  : T extends boolean ? boolean
  : T;

type Value<K, B, S, C, D, A> = KeyOf<K, A> & C extends never
  ? KeyOf<K, A> & B extends never
    ? KeyOf<K, A> & S extends never ? unknown : string | Default<KeyOf<K, A>, D>
  : boolean
  : KeyOf<K, A> & S extends never ? KeyOf<K, A> & B extends never ? unknown[] : boolean[]
  : string[];

type Default<K, D> = K & keyof D extends never ? undefined : Widen<D[K & keyof D]>;

/** Result of {@linkcode parseArgs}. */
export type Args<B = never, S = never, C = never, D = object, A = object> =
  & { [K in (B | S | C | AliasNames<A>) & string]: Value<K, B, S, C, D, A> }
  & { [K in Exclude<keyof D, B | S | C | AliasNames<A>>]: unknown }
  & {
    /** Arguments that are no options. */
    _: (string | number)[];
    /** Arguments after `--`, where the option of that name is set. */
    "--"?: string[];
    [name: string]: unknown;
  };

/** Reads command line arguments. */
export function parseArgs<
  const B extends string = never,
  const S extends string = never,
  const C extends string = never,
  const D extends object = object,
  const A extends Aliases = Record<never, never>,
>(args: string[], options?: ParseOptions<B, S, C, D, A>): Args<B, S, C, D, A>;

/** Options of {@linkcode promptSecret}. */
export interface PromptSecretOptions {
  /** Character that is shown for each that is typed. */
  mask?: string;
  /** Whether the line is cleared after it is typed. */
  clear?: boolean;
}

/** Reads a secret from the terminal. */
export function promptSecret(message?: string, options?: PromptSecretOptions): string | null;

/** Columns that a string takes on a terminal. */
export function unicodeWidth(str: string): number;
