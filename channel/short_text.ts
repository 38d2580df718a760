// Copyright 2026 the Weft authors. MIT license.

// Short strings in bytes, one byte a character: a decoder of the platform takes longer for them.

/** Tells whether bytes are those of a text. */
export function isText(text: string, bytes: Uint8Array, at: number, length: number): boolean {
  if (text.length !== length) return false;
  for (let i = 0; i < length; i++) {
    if (text.charCodeAt(i) !== bytes[at + i]) return false;
  }
  return true;
}

/** Makes a short string; eight characters at a time, as each call and each concatenation costs. */
export function latin1(bytes: Uint8Array, at: number, length: number): string {
  const end = at + length;
  let text = "";
  for (; at + 8 <= end; at += 8) {
    text += String.fromCharCode(
      bytes[at]!,
      bytes[at + 1]!,
      bytes[at + 2]!,
      bytes[at + 3]!,
      bytes[at + 4]!,
      bytes[at + 5]!,
      bytes[at + 6]!,
      bytes[at + 7]!,
    );
  }
  for (; at < end; at++) text += String.fromCharCode(bytes[at]!);
  return text;
}
