// Copyright 2026 the Weft authors. MIT license.

// Declarations of @std/assert for the registry that tools/std_registry.ts builds.
// deno-lint-ignore-file no-explicit-any

/** Values that are false in a condition. */
export type Falsy = false | 0 | 0n | "" | null | undefined;

/** Anything with a length and indexed elements, strings excluded. */
export type ArrayLikeArg<T> = ArrayLike<T> & object;

/** Any class, abstract ones included. */
export type AnyConstructor = abstract new (...args: any[]) => any;

/** Type of a class's instances. */
export type GetConstructorType<T extends AnyConstructor> = InstanceType<T>;

type ErrorConstructorOf<E extends Error> = abstract new (...args: any[]) => E;

/** Thrown by every assertion that does not hold. */
export class AssertionError extends Error {
  constructor(message: string, options?: ErrorOptions);
}

/** Throws unless the value is truthy. */
export function assert(expr: unknown, msg?: string): asserts expr;

/** Throws unless two numbers differ by at most a tolerance. */
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance?: number,
  msg?: string,
): void;

/** Throws unless all expected elements are among the actual ones. */
export function assertArrayIncludes<T>(
  actual: ArrayLikeArg<T>,
  expected: ArrayLikeArg<T>,
  msg?: string,
): void;

/** Throws unless two values are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void;

/** Throws if the value is null or undefined. */
export function assertExists<T>(actual: T, msg?: string): asserts actual is NonNullable<T>;

/** Throws unless the value is falsy. */
export function assertFalse(expr: unknown, msg?: string): asserts expr is Falsy;

/** Throws unless the first value is greater. */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void;

/** Throws unless the first value is greater or equal. */
export function assertGreaterOrEqual<T>(actual: T, expected: T, msg?: string): void;

/** Throws unless the value is an instance of the class. */
export function assertInstanceOf<T extends AnyConstructor>(
  actual: unknown,
  expectedType: T,
  msg?: string,
): asserts actual is GetConstructorType<T>;

/** Throws unless the value is an error of the class whose message matches. */
export function assertIsError<E extends Error = Error>(
  error: unknown,
  ErrorClass?: ErrorConstructorOf<E>,
  msgMatches?: string | RegExp,
  msg?: string,
): asserts error is E;

/** Throws unless the first value is less. */
export function assertLess<T>(actual: T, expected: T, msg?: string): void;

/** Throws unless the first value is less or equal. */
export function assertLessOrEqual<T>(actual: T, expected: T, msg?: string): void;

/** Throws unless the string matches. */
export function assertMatch(actual: string, expected: RegExp, msg?: string): void;

/** Throws if two values are deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void;

/** Throws if the value is an instance of the class. */
export function assertNotInstanceOf<A, T>(
  actual: A,
  unexpectedType: abstract new (...args: any[]) => T,
  msg?: string,
): asserts actual is Exclude<A, T>;

/** Throws if the string matches. */
export function assertNotMatch(actual: string, expected: RegExp, msg?: string): void;

/** Throws if two values are the same by `Object.is`. */
export function assertNotStrictEquals<T>(actual: T, expected: T, msg?: string): void;

/** Throws unless the object has the expected properties, deeply. */
export function assertObjectMatch(
  actual: Record<PropertyKey, any>,
  expected: Record<PropertyKey, unknown>,
  msg?: string,
): void;

/** Throws unless the function's promise rejects; gives the reason. */
export function assertRejects(fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;

/** Throws unless the function's promise rejects with such an error; gives the error. */
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  ErrorClass: ErrorConstructorOf<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;

/** Throws unless two values are the same by `Object.is`. */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  msg?: string,
): asserts actual is T;

/** Throws unless the string contains the other. */
export function assertStringIncludes(actual: string, expected: string, msg?: string): void;

/** Throws unless the function throws; gives what it threw. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;

/** Throws unless the function throws such an error; gives the error. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  ErrorClass: ErrorConstructorOf<E>,
  msgIncludes?: string,
  msg?: string,
): E;

/** Tells whether two values are deeply equal. */
export function equal(a: unknown, b: unknown): boolean;

/** Throws always. */
export function fail(msg?: string): never;

/** Throws always, for what is still to be written. */
export function unimplemented(msg?: string): never;

/** Throws always, for what cannot be reached. */
export function unreachable(msg?: string): never;
