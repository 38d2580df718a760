// Copyright 2026 the Weft authors. MIT license.

// Values as Python shows them, near enough for messages.

/** Exceptions whose text is "[Errno 2] No such file or directory: 'name'". */
const systemErrors = new Set([
  "OSError",
  "BlockingIOError",
  "ChildProcessError",
  "ConnectionError",
  "BrokenPipeError",
  "ConnectionAbortedError",
  "ConnectionRefusedError",
  "ConnectionResetError",
  "FileExistsError",
  "FileNotFoundError",
  "InterruptedError",
  "IsADirectoryError",
  "NotADirectoryError",
  "PermissionError",
  "ProcessLookupError",
  "TimeoutError",
]);

/** Longest text of a value, and most items of one, that are shown. */
const longest = 1000;

/** The text that Python's `str()` gives for an exception. */
export function exceptionText(name: string, args: readonly unknown[]): string {
  if (args.length === 0) return "";
  if (args.length > 1 && systemErrors.has(name)) {
    const file = args[2] === undefined || args[2] === null ? "" : `: ${pythonText(args[2])}`;
    return `[Errno ${plainText(args[0])}] ${plainText(args[1])}${file}`;
  }
  if (args.length === 1) return name === "KeyError" ? pythonText(args[0]) : plainText(args[0]);
  return `(${args.slice(0, longest).map((arg) => pythonText(arg)).join(", ")})`;
}

function plainText(value: unknown): string {
  return typeof value === "string" ? value : pythonText(value);
}

/** The text that Python's `repr()` gives for simple values; others are shown by their kind. */
export function pythonText(value: unknown): string {
  switch (typeof value) {
    case "string": {
      const shown = value.length > longest ? `${value.slice(0, longest)}…` : value;
      const text = JSON.stringify(shown).slice(1, -1).replaceAll('\\"', '"');
      return text.includes("'") && !text.includes('"')
        ? `"${text}"`
        : `'${text.replaceAll("'", "\\'")}'`;
    }
    case "boolean":
      return value ? "True" : "False";
    case "number":
      return Number.isFinite(value)
        ? String(value)
        : String(value).slice(-8).toLowerCase().slice(0, 3);
    case "bigint":
      return value.toString().length > longest ? "…" : value.toString();
    case "undefined":
      return "None";
  }
  if (value === null) return "None";
  return Array.isArray(value) ? (Object.isFrozen(value) ? "(…)" : "[…]") : "{…}";
}
