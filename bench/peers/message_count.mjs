// Copyright 2026 the Weft authors. MIT license.

/** Makes what is called with each message: a number of messages, then so many, after which it calls `done`. */
export function countMessages(done) {
  let left = 0;
  return (message) => {
    if (left === 0) left = message;
    else if (--left === 0) done();
  };
}
