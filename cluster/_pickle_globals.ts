// Copyright 2026 the Weft authors. MIT license.

// The only names that a pickle may mention. None of them is looked up anywhere: each stands for what
// `_pickle_objects.ts` does when it is called.

/** What a name stands for. */
export type GlobalKind =
  | "exception"
  | "set"
  | "frozenset"
  | "list"
  | "tuple"
  | "dict"
  | "bytes"
  | "bytearray"
  | "encode"
  | "slice"
  | "token"
  | "rebuild proxy"
  | "proxy"
  | "namespace";

/** A name in a pickle. */
export class PythonGlobal {
  /** Where it is in Python. */
  readonly module: string;
  /** What it is called there. */
  readonly name: string;
  /** What it stands for here. */
  readonly kind: GlobalKind;

  constructor(module: string, name: string, kind: GlobalKind) {
    this.module = module;
    this.name = name;
    this.kind = kind;
    // There is one of each for all pickles, and a pickle can hold it as data.
    Object.freeze(this);
  }
}

const builtinExceptions = `
  ArithmeticError AssertionError AttributeError BaseException BaseExceptionGroup BlockingIOError BrokenPipeError
  BufferError BytesWarning ChildProcessError ConnectionAbortedError ConnectionError ConnectionRefusedError
  ConnectionResetError DeprecationWarning EOFError EncodingWarning EnvironmentError Exception ExceptionGroup
  FileExistsError FileNotFoundError FloatingPointError FutureWarning GeneratorExit IOError ImportError ImportWarning
  IndentationError IndexError InterruptedError IsADirectoryError KeyError KeyboardInterrupt LookupError MemoryError
  ModuleNotFoundError NameError NotADirectoryError NotImplementedError OSError OverflowError
  PendingDeprecationWarning PermissionError ProcessLookupError PythonFinalizationError RecursionError ReferenceError
  ResourceWarning RuntimeError RuntimeWarning StopAsyncIteration StopIteration SyntaxError SyntaxWarning SystemError
  SystemExit TabError TimeoutError TypeError UnboundLocalError UnicodeDecodeError UnicodeEncodeError UnicodeError
  UnicodeTranslateError UnicodeWarning UserWarning ValueError Warning ZeroDivisionError
`.trim().split(/\s+/);

const proxyClasses = `
  AcquirerProxy ArrayProxy AutoProxy BarrierProxy BaseListProxy BaseProxy ConditionProxy DictProxy EventProxy
  IteratorProxy ListProxy NamespaceProxy PoolProxy ValueProxy
`.trim().split(/\s+/);

const table = new Map<string, PythonGlobal>();

function add(module: string, name: string, kind: GlobalKind, as = module): void {
  table.set(`${module} ${name}`, new PythonGlobal(as, name, kind));
}

// Protocols up to 2 write the names that Python 2 had.
for (const module of ["builtins", "exceptions"]) {
  for (const name of builtinExceptions) add(module, name, "exception", "builtins");
}
for (const module of ["builtins", "__builtin__"]) {
  for (
    const name of [
      "set",
      "frozenset",
      "list",
      "tuple",
      "dict",
      "bytes",
      "bytearray",
      "slice",
    ] as const
  ) add(module, name, name, "builtins");
}
add("collections", "OrderedDict", "dict");
add("_codecs", "encode", "encode");
for (const module of ["queue", "_queue", "Queue"]) {
  for (const name of ["Empty", "Full", "ShutDown"]) add(module, name, "exception", "queue");
}
add("threading", "BrokenBarrierError", "exception");
for (const module of ["multiprocessing", "multiprocessing.context"]) {
  for (const name of ["AuthenticationError", "BufferTooShort", "ProcessError", "TimeoutError"]) {
    add(module, name, "exception");
  }
}
const managers = "multiprocessing.managers";
add(managers, "RemoteError", "exception");
add(managers, "Token", "token");
add(managers, "RebuildProxy", "rebuild proxy");
add(managers, "Namespace", "namespace");
for (const name of proxyClasses) add(managers, name, "proxy");

/** Finds a name in the table. */
export function findGlobal(module: string, name: string): PythonGlobal | undefined {
  return table.get(`${module} ${name}`);
}

/** Says whether a name may be written as that of a proxy's class. */
export function isProxyClass(name: string): boolean {
  return findGlobal(managers, name)?.kind === "proxy";
}
