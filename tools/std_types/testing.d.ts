// Copyright 2026 the Weft authors. MIT license.

// Declarations of @std/testing/mock and @std/testing/time for the registry that
// tools/std_registry.ts builds.
// deno-lint-ignore-file no-explicit-any

/** Thrown for an invalid operation on fake time. */
export class TimeError extends Error {
  constructor(message: string);
}

/** Options of {@linkcode FakeTime}. */
export interface FakeTimeOptions {
  /** Milliseconds of fake time per real one; 0 stands still. */
  advanceRate?: number;
  /** Real milliseconds between two steps. */
  advanceFrequency?: number;
}

/** Options of {@linkcode FakeTime.delay}. */
export interface DelayOptions {
  /** Aborts the wait. */
  signal?: AbortSignal;
}

/** Replaces `Date` and the timers by ones that the test moves. */
export class FakeTime implements Disposable {
  constructor(start?: number | string | Date | null, options?: FakeTimeOptions);
  /** Restores real time. */
  static restore(): void;
  /** Calls the function in real time. */
  static restoreFor<T>(
    callback: (...args: any[]) => Promise<T> | T,
    ...args: any[]
  ): Promise<T>;
  /** Fake time in milliseconds; setting it fires the timers that are due. */
  now: number;
  /** Fake time at the start. */
  readonly start: number;
  /** Waits real milliseconds. */
  delay(ms: number, options?: DelayOptions): Promise<void>;
  /** Lets pending microtasks run. */
  runMicrotasks(): Promise<void>;
  /** Moves fake time on. */
  tick(ms?: number): void;
  /** Runs microtasks, then moves fake time on. */
  tickAsync(ms?: number): Promise<void>;
  /** Moves on to the next timer; tells whether there was one. */
  next(): boolean;
  /** Runs microtasks, then moves on to the next timer. */
  nextAsync(): Promise<boolean>;
  /** Moves on until no timer is left. */
  runAll(): void;
  /** Moves on until no timer is left, running microtasks before each. */
  runAllAsync(): Promise<void>;
  /** Restores real time. */
  restore(): void;
  [Symbol.dispose](): void;
}

/** Thrown for an invalid use of a spy or stub. */
export class MockError extends Error {
  constructor(message: string);
}

/** One call of a spy. */
export interface SpyCall<Self = any, Args extends unknown[] = any[], Return = any> {
  /** Arguments of the call. */
  args: Args;
  /** What it returned. */
  returned?: Return;
  /** What it threw. */
  error?: Error;
  /** Its `this`. */
  self?: Self;
}

/** A function that records its calls. */
export interface Spy<Self = any, Args extends unknown[] = any[], Return = any> {
  (this: Self, ...args: Args): Return;
  /** The function that it wraps. */
  original: (this: Self, ...args: Args) => Return;
  /** Calls so far. */
  calls: SpyCall<Self, Args, Return>[];
  /** Whether the original is back in place. */
  restored: boolean;
  /** Puts the original back in place. */
  restore(): void;
}

/** A spy on a method. */
export interface MethodSpy<Self = any, Args extends unknown[] = any[], Return = any>
  extends Spy<Self, Args, Return>, Disposable {}

/** A class that records its constructions. */
export interface ConstructorSpy<Self = any, Args extends unknown[] = any[]> {
  new (...args: Args): Self;
  /** The class that it wraps. */
  original: new (...args: Args) => Self;
  /** Constructions so far. */
  calls: SpyCall<Self, Args, Self>[];
  /** Always false. */
  restored: boolean;
  /** Throws: a class cannot be restored. */
  restore(): void;
}

/** A spy in place of a method. */
export interface Stub<Self = any, Args extends unknown[] = any[], Return = any>
  extends MethodSpy<Self, Args, Return> {
  /** The function that takes the method's place. */
  fake: (this: Self, ...args: Args) => Return;
}

/** Arguments of the method of that name. */
export type GetParametersFromProp<Self, Prop extends keyof Self> = Self[Prop] extends
  (...args: infer Args) => unknown ? Args : unknown[];

/** Result of the method of that name. */
export type GetReturnFromProp<Self, Prop extends keyof Self> = Self[Prop] extends
  (...args: any[]) => infer Return ? Return : unknown;

/** Whatever records calls. */
export type SpyLike<Self = any, Args extends unknown[] = any[], Return = any> =
  | Spy<Self, Args, Return>
  | ConstructorSpy<Self, Args>;

/** What a call is expected to be. */
export interface ExpectedSpyCall<Self = any, Args extends unknown[] = any[], Return = any> {
  /** Arguments of the call. */
  args?: [...Args, ...unknown[]];
  /** What it returned; for a promise, what it resolves to. */
  returned?: Return;
  /** Its `this`. */
  self?: Self;
  /** What it threw. */
  error?: {
    /** Class of the error. */
    Class?: abstract new (...args: any[]) => Error;
    /** Part of its message. */
    msgIncludes?: string;
  };
}

/** Makes a function that records its calls. */
export function spy<Self = any, Args extends unknown[] = any[]>(): Spy<Self, Args, undefined>;

/** Wraps a function so that its calls are recorded. */
export function spy<Self, Args extends unknown[], Return>(
  func: (this: Self, ...args: Args) => Return,
): Spy<Self, Args, Return>;

/** Wraps a class so that its constructions are recorded. */
export function spy<Self, Args extends unknown[]>(
  constructor: new (...args: Args) => Self,
): ConstructorSpy<Self, Args>;

/** Wraps a method in place. */
export function spy<Self, Prop extends keyof Self>(
  self: Self,
  property: Prop,
): MethodSpy<Self, GetParametersFromProp<Self, Prop>, GetReturnFromProp<Self, Prop>>;

/** Replaces a method by one that does nothing. */
export function stub<Self, Prop extends keyof Self>(
  self: Self,
  property: Prop,
): Stub<Self, GetParametersFromProp<Self, Prop>, GetReturnFromProp<Self, Prop>>;

/** Replaces a method by a function. */
export function stub<Self, Prop extends keyof Self>(
  self: Self,
  property: Prop,
  func: (
    this: Self,
    ...args: GetParametersFromProp<Self, Prop>
  ) => GetReturnFromProp<Self, Prop>,
): Stub<Self, GetParametersFromProp<Self, Prop>, GetReturnFromProp<Self, Prop>>;

/** Starts a session of mocks; gives its id. */
export function mockSession(): number;

/** Wraps a function so that the mocks it made are restored at its end. */
export function mockSession<Self, Args extends unknown[], Return>(
  func: (this: Self, ...args: Args) => Return,
): (this: Self, ...args: Args) => Return;

/** Wraps an async function so that the mocks it made are restored at its end. */
export function mockSessionAsync<Self, Args extends unknown[], Return>(
  func: (this: Self, ...args: Args) => Promise<Return>,
): (this: Self, ...args: Args) => Promise<Return>;

/** Restores the mocks of a session and of those within it. */
export function restore(id?: number): void;

/** Throws unless the spy was called that often. */
export function assertSpyCalls<Self, Args extends unknown[], Return>(
  spy: SpyLike<Self, Args, Return>,
  expectedCalls: number,
): void;

/** Throws unless the call is as expected. */
export function assertSpyCall<Self, Args extends unknown[], Return>(
  spy: SpyLike<Self, Args, Return>,
  callIndex: number,
  expected?: ExpectedSpyCall<Self, Args, Return>,
): void;

/** Throws unless the call's promise is as expected. */
export function assertSpyCallAsync<Self, Args extends unknown[], Return>(
  spy: SpyLike<Self, Args, Promise<Return>>,
  callIndex: number,
  expected?: ExpectedSpyCall<Self, Args, Promise<Return> | Return>,
): Promise<void>;

/** Throws unless an argument of the call is as expected; gives the argument. */
export function assertSpyCallArg<Self, Args extends unknown[], Return, Expected>(
  spy: SpyLike<Self, Args, Return>,
  callIndex: number,
  argIndex: number,
  expected: Expected,
): Expected;

/** Throws unless the call's arguments are as expected; gives them. */
export function assertSpyCallArgs<Self, Args extends unknown[], Return, Expected extends unknown[]>(
  spy: SpyLike<Self, Args, Return>,
  callIndex: number,
  expected: Expected,
): Expected;

/** Throws unless the call's arguments from `argsStart` on are as expected; gives them. */
export function assertSpyCallArgs<Self, Args extends unknown[], Return, Expected extends unknown[]>(
  spy: SpyLike<Self, Args, Return>,
  callIndex: number,
  argsStart: number,
  expected: Expected,
): Expected;

/** Throws unless a range of the call's arguments is as expected; gives it. */
export function assertSpyCallArgs<Self, Args extends unknown[], Return, Expected extends unknown[]>(
  spy: SpyLike<Self, Args, Return>,
  callIndex: number,
  argsStart: number,
  argsEnd: number,
  expected: Expected,
): Expected;

/** Makes a function that gives its `this`. */
export function returnsThis<Self = any, Args extends unknown[] = any[]>(): (
  this: Self,
  ...args: Args
) => Self;

/** Makes a function that gives one of its arguments. */
export function returnsArg<Arg, Self = any>(idx: number): (this: Self, ...args: Arg[]) => Arg;

/** Makes a function that gives a range of its arguments. */
export function returnsArgs<Args extends unknown[], Self = any>(
  start?: number,
  end?: number,
): (this: Self, ...args: Args) => Args;

/** Makes a function that gives one value after the other, and throws those that are errors. */
export function returnsNext<Return, Self = any, Args extends unknown[] = any[]>(
  values: Iterable<Return | Error>,
): (this: Self, ...args: Args) => Return;

/** Makes an async function that gives one value after the other, and throws those that are errors. */
export function resolvesNext<Return, Self = any, Args extends unknown[] = any[]>(
  iterable:
    | Iterable<Return | Error | Promise<Return | Error>>
    | AsyncIterable<Return | Error | Promise<Return | Error>>,
): (this: Self, ...args: Args) => Promise<Return>;
