// Copyright 2026 the Weft authors. MIT license.

/** The calls of the C library that memory of several processes needs; see the manual of each. */
const symbols = {
  __errno_location: { parameters: [], result: "pointer" },
  close: { parameters: ["i32"], result: "i32" },
  memfd_create: { parameters: ["buffer", "u32"], result: "i32" },
  mmap: { parameters: ["pointer", "usize", "i32", "i32", "i32", "i64"], result: "pointer" },
  mremap: { parameters: ["pointer", "usize", "usize", "i32"], result: "pointer" },
  munmap: { parameters: ["pointer", "usize"], result: "i32" },
  open: { parameters: ["buffer", "i32"], result: "i32" },
  posix_fallocate: { parameters: ["i32", "i64", "i64"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  readlink: { parameters: ["buffer", "buffer", "usize"], result: "isize" },
  gettid: { parameters: [], result: "i32" },
  sysinfo: { parameters: ["buffer"], result: "i32" },
  // syscall(2) with the parameters of futex(2), with a time and with none, and of futex_waitv(2). A bigint is
  // slow, but only the number of the call needs all of its register.
  futexWait: {
    name: "syscall",
    parameters: ["i64", "pointer", "i32", "i32", "buffer"],
    result: "i32",
  },
  futexWake: {
    name: "syscall",
    parameters: ["i64", "pointer", "i32", "i32"],
    result: "i32",
  },
  futexWaitvOfNone: {
    name: "syscall",
    parameters: ["i64", "pointer", "u32", "u32", "pointer", "i32"],
    result: "i64",
  },
  futexWaitv: {
    name: "syscall",
    parameters: ["i64", "buffer", "u32", "u32", "buffer", "i32"],
    result: "i64",
    nonblocking: true,
  },
} as const;

/** The C library, as it was opened. */
export type Libc = Deno.DynamicLibrary<typeof symbols>["symbols"];

let opened: Libc | undefined;

/**
 * Opens the C library once.
 *
 * @throws {Deno.errors.NotSupported} If this is not Linux on x86-64 or arm64.
 * @throws {Deno.errors.NotCapable} If `--allow-ffi` is missing.
 */
export function libc(): Libc {
  return opened ??= open();
}

function open(): Libc {
  const { os, arch } = Deno.build;
  if (os !== "linux" || (arch !== "x86_64" && arch !== "aarch64")) {
    throw new Deno.errors.NotSupported(
      `Cannot share memory with other processes as that needs Linux on x86_64 or aarch64: ` +
        `current value is ${os} on ${arch}`,
    );
  }
  // For all of it: with a list of libraries Deno looks for this one in the current folder. Asks the user on a terminal.
  const { state, partial = false } = Deno.permissions.requestSync({ name: "ffi" });
  if (state === "granted" && !partial) return Deno.dlopen("libc.so.6", symbols).symbols;
  throw new Deno.errors.NotCapable(
    "Cannot share memory with other processes as it requires ffi access: run again with the " +
      "--allow-ffi flag",
  );
}
