// Copyright 2026 the Weft authors. MIT license.

// Encoded bytes, written by `_encoder.ts` and read by `_decoder.ts`. One value is a tag byte and
// what the tag asks for; `n` is a count of `Writer.count()`, `value` a nested encoded value.
//
//   0x80–0xff  an integer 0–127
//   0x40–0x7f  a string of 0–63 Latin-1 characters, one byte each
//   others     below
//
// Every object gets the next number, starting at 0, before anything inside it is written; a later
// occurrence is `tagReference` and that number. Key lists of objects ("shapes") are numbered alike.
// Both ends run the same release, so there is no version in the bytes.

export const tagSmallInteger = 0x80;
export const tagShortString = 0x40;

export const tagUndefined = 0;
export const tagNull = 1;
export const tagFalse = 2;
export const tagTrue = 3;
/** 4 bytes, little-endian, signed. */
export const tagInteger = 4;
/** 8 bytes, little-endian. */
export const tagNumber = 5;
/** 8 bytes, little-endian, signed. */
export const tagBigInt64 = 6;
/** Whether negative (one byte), then the digits of the absolute value in base 16, as a string. */
export const tagBigInt = 7;
/** Number of bytes (4 bytes, little-endian), then UTF-8. */
export const tagUtf8 = 8;
/** Number of code units n, then 2 bytes each: for lone surrogates and short strings. */
export const tagUtf16 = 9;
/** Number n of an object that was met before. */
export const tagReference = 10;
/** Number of keys n, the keys, a value for each. */
export const tagObject = 11;
/** Number n of a shape that was met before, then a value for each of its keys. */
export const tagShapedObject = 12;
/** Length n, then a value for each element. */
export const tagArray = 13;
/** Length n, number of entries n, then key and value of each. */
export const tagSparseArray = 14;
/** Stands for a value that went away while its owner was being read; its key is left out. */
export const tagHole = 15;
/** Number of entries n, then key and value of each. */
export const tagMap = 16;
/** Number of values n, then each. */
export const tagSet = 17;
/** 8 bytes, as `tagNumber`. */
export const tagDate = 18;
/** Source and flags, as values. */
export const tagRegExp = 19;
/** The primitive, as a value. */
export const tagBoxed = 20;
/** Number of bytes n, then the bytes. */
export const tagBuffer = 21;
/** Maximal number of bytes n, number of bytes n, then the bytes. */
export const tagResizableBuffer = 22;
/** Index of the type, byte offset n, length n or 0 if tracking (one byte, then n), the buffer. */
export const tagView = 23;
/** Index n of an object that travels beside the bytes. */
export const tagAttached = 24;
/** See `_errors.ts`. */
export const tagError = 25;
/** Kind and state, as values. */
export const tagHandle = 26;

/** Longest string that `tagShortString` can hold. */
export const longestShortString = 63;

/** Key lists longer than this are not remembered as shapes. */
export const longestShape = 32;
