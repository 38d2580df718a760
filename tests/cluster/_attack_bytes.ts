// Copyright 2026 the Weft authors. MIT license.

// Pickles by hand, as no library would write them.

import { pickle } from "../../cluster/_pickle_writer.ts";
import { concat, hex, text } from "./_raw_peer.ts";

/** `module\nname\n`, called with one argument, in the words of Python's older and newer pickles. */
export function callsOf(module: string, name: string, argument: string): Uint8Array[] {
  const argued = concat(text("X"), sizeOf(argument), text(argument));
  const short = (value: string) => concat(hex("8c"), new Uint8Array([value.length]), text(value));
  return [
    // GLOBAL … TUPLE1 REDUCE, STACK_GLOBAL … REDUCE, INST, OBJ, NEWOBJ, and BUILD after it.
    concat(text(`c${module}\n${name}\n`), argued, hex("8552")),
    concat(short(module), short(name), hex("93"), argued, hex("8552")),
    concat(text("("), argued, text(`i${module}\n${name}\n`)),
    concat(text("("), text(`c${module}\n${name}\n`), argued, text("o")),
    concat(text(`c${module}\n${name}\n`), argued, hex("8581")),
    concat(text(`c${module}\n${name}\n`), hex("297d8662")),
  ];
}

export function sizeOf(value: string): Uint8Array {
  return new Uint8Array([value.length & 255, value.length >> 8, 0, 0]);
}

/** The pickle of a call of `put` with an item given as its opcodes. */
export function putOf(ident: string, item: Uint8Array): Uint8Array {
  const short = (value: string) => concat(hex("8c"), new Uint8Array([value.length]), text(value));
  return concat(hex("8004"), text("("), short(ident), short("put"), item, hex("857d742e"));
}

/** A short text in a pickle. */
export function pickleText(value: string): Uint8Array {
  return concat(hex("8c"), new Uint8Array([value.length]), text(value));
}

/** The reply of a value, with arrays as tuples. */
export function replyOf(value: unknown): Uint8Array {
  const asTuple = (value: unknown): Uint8Array => {
    if (!Array.isArray(value)) return pickle(value).slice(2, -1);
    return concat(text("("), ...value.map(asTuple), text("t"));
  };
  return concat(hex("8004"), asTuple(["#RETURN", value]), text("."));
}
