// Copyright 2026 the Weft authors. MIT license.

// Takes the place of @std/cli/unicode_width, whose table the npm package lacks.

const ZERO = /[\p{Cc}\p{Cf}\p{Me}\p{Mn}\u1160-\u11FF]/u;
const WIDE =
  /(?!\p{Regional_Indicator})[\p{Emoji_Presentation}\u1100-\u115F\u2329\u232A\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97C\uAC00-\uD7A3\uF900-\uFAFF\uFE10-\uFE19\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6\u{16FE0}-\u{18DFF}\u{1AFF0}-\u{1B2FF}\u{1F200}-\u{1F265}\u{20000}-\u{3FFFD}]/u;

export function unicodeWidth(str) {
  let width = 0;
  for (const char of str) {
    if (!ZERO.test(char)) width += WIDE.test(char) ? 2 : 1;
  }
  return width;
}
