// Copyright 2026 the Weft authors. MIT license.

import type { Mutant } from "../plant.ts";

const file = "channel/ring.ts";

/** Bugs of the ring. */
export const ringMutants: Record<string, Mutant> = {
  "a frame that counts before it is there": {
    file,
    from: `    this.#view.setUint32(at, length, true);`,
    to: `    this.#store(putWord, (put + 1) | 0);
    this.#view.setUint32(at, length, true);`,
    scenario: "one puts, one takes",
    within: 100,
  },
  "a head that holds at once": {
    file,
    from: `this.#store(headWord + ((put + 1) & 1) * 2, at + frameBytes(frame.byteLength));`,
    to: `this.#store(headWord + (put & 1) * 2, at + frameBytes(frame.byteLength));
      this.#store(headWord + ((put + 1) & 1) * 2, at + frameBytes(frame.byteLength));`,
    scenario: "who puts dies",
    within: 100,
  },
  "a fence that holds at once": {
    file,
    from: `    this.#store(fenceWord + next, fence);`,
    to: `    this.#store(fenceWord + (next ^ 2), fence);
    this.#store(fenceWord + next, fence);`,
    scenario: "who puts dies as the ring grows",
    within: 100,
  },
  "a tail that holds at once": {
    file,
    from: `this.#store(tailWord + ((taken + 1) & 1), tail + frameBytes(length));`,
    to: `this.#store(tailWord + (taken & 1), tail + frameBytes(length));
      this.#store(tailWord + ((taken + 1) & 1), tail + frameBytes(length));`,
    scenario: "who takes dies",
    within: 100,
  },
  "a frame that counts as taken before it is read": {
    file,
    from: `      const value = use(this.#bytes.bytes, start, start + length);
      this.#store(takenWord, (taken + 1) | 0);`,
    to: `      this.#store(takenWord, (taken + 1) | 0);
      const value = use(this.#bytes.bytes, start, start + length);`,
    scenario: "the head jumps to where a frame was",
    within: 1000,
  },
  "a frame that is taken before its tail": {
    file,
    from: `      this.#store(tailWord + ((taken + 1) & 1), tail + frameBytes(length));
      const value = use(this.#bytes.bytes, start, start + length);
      this.#store(takenWord, (taken + 1) | 0);`,
    to: `      const value = use(this.#bytes.bytes, start, start + length);
      this.#store(takenWord, (taken + 1) | 0);
      this.#store(tailWord + ((taken + 1) & 1), tail + frameBytes(length));`,
    scenario: "who takes dies",
    within: 100,
  },
  "a frame that is gone although its use has failed": {
    file,
    from: `      const value = use(this.#bytes.bytes, start, start + length);
      this.#store(takenWord, (taken + 1) | 0);
      return { value };`,
    to: `      try {
        return { value: use(this.#bytes.bytes, start, start + length) };
      } finally {
        this.#store(takenWord, (taken + 1) | 0);
      }`,
    scenario: "what is made of a frame fails",
    within: 100,
  },
  "one look at the tail": {
    file,
    from: `if (this.#load(takenWord) === taken) return tail;`,
    to: `return tail;`,
    scenario: "the tail moves twice during a put",
    within: 1000,
  },
  "the tail that will be": {
    file,
    from: `const tail = this.#load(tailWord + (taken & 1));`,
    to: `const tail = this.#load(tailWord + ((taken + 1) & 1));`,
    scenario: "the head jumps to where a frame was",
    within: 1000,
  },
  "no look for a frame with the lock": {
    file,
    from: `      if (this.#load(putWord) === taken) return undefined;`,
    to: ``,
    scenario: "two take",
    within: 1000,
  },
  "no lock where frames are put": {
    file,
    from: `    this.#putLock.acquireSync({ recover: true });
    try {
      if (this.closed) return undefined;`,
    to: `    this.#putLock.tryAcquire();
    try {
      if (this.closed) return undefined;`,
    scenario: "two put",
    within: 1000,
  },
  "no lock where frames are taken": {
    file,
    from: `    this.#takeLock.acquireSync({ recover: true });`,
    to: `    this.#takeLock.tryAcquire();`,
    scenario: "two take",
    within: 1000,
  },
  "a lock that the dead one keeps where frames are put": {
    file,
    from: `    this.#putLock.acquireSync({ recover: true });
    try {
      if (this.closed) return undefined;`,
    to: `    this.#putLock.acquireSync({});
    try {
      if (this.closed) return undefined;`,
    scenario: "who puts dies",
    within: 1000,
  },
  "a lock that the dead one keeps where frames are taken": {
    file,
    from: `    this.#takeLock.acquireSync({ recover: true });`,
    to: `    this.#takeLock.acquireSync({});`,
    scenario: "who takes dies",
    within: 1000,
  },
  "a lock that the dead one keeps where nothing can be put any more": {
    file,
    from: `    this.#putLock.acquireSync({ recover: true });
    try {
      if (this.closed) return;`,
    to: `    this.#putLock.acquireSync({});
    try {
      if (this.closed) return;`,
    scenario: "who puts dies, another closes",
    within: 1000,
  },
  "an end that comes during a put": {
    file,
    from: `    this.#putLock.acquireSync({ recover: true });
    try {
      if (this.closed) return;`,
    to: `    if (reason === undefined) return this.#store(closedWord, closedSilently);
    this.#putLock.acquireSync({ recover: true });
    try {
      if (this.closed) return;`,
    scenario: "it is closed",
    within: 100,
  },
  "no look for the end": {
    file,
    from: `      if (this.closed) return undefined;`,
    to: ``,
    scenario: "it is closed",
    within: 100,
  },
  "a limit that is looked at without the lock": {
    file,
    from: `    this.#putLock.acquireSync({ recover: true });
    try {
      if (this.closed) return undefined;
      const put = this.#load(putWord);
      const size = (put - this.#load(takenWord)) | 0;
      if (size >= limits.frames) return false;`,
    to: `    if (this.size >= limits.frames) return false;
    this.#putLock.acquireSync({ recover: true });
    try {
      if (this.closed) return undefined;
      const put = this.#load(putWord);
      const size = (put - this.#load(takenWord)) | 0;`,
    scenario: "a limit",
    within: 1000,
  },
  "a limit that forgets that the counters wrap around": {
    file,
    from: `const size = (put - this.#load(takenWord)) | 0;`,
    to: `const size = put - this.#load(takenWord);`,
    scenario: "a limit, and the counters go over 2147483648",
    within: 100,
  },
  "a limit that one more goes over": {
    file,
    from: `if (size >= limits.frames) return false;`,
    to: `if (size > limits.frames) return false;`,
    scenario: "a limit",
    within: 100,
  },
  "bytes without a limit": {
    file,
    from: `    if (used + needed > most) return undefined;`,
    to: ``,
    scenario: "a limit of bytes",
    within: 100,
  },
  "a fence that is not kept": {
    file,
    from: `    this.#store(fenceWord + next, fence);`,
    to: `    this.#store(fenceWord + next, 0);`,
    scenario: "the ring grows again",
    within: 100,
  },
  "no fence": {
    file,
    from: `      fence = end;`,
    to: ``,
    scenario: "the ring grows again",
    within: 100,
  },
  "a fence that the tail has not come to": {
    file,
    from: `if (fence !== 0 && tail >= fence) fence = 0;`,
    to: `fence = 0;`,
    scenario: "the ring grows again",
    within: 100,
  },
  "a jump to where frames are": {
    file,
    from: `if (fence === 0 && needed < tail) at = this.#jump(head, 0);`,
    to: `if (fence === 0) at = this.#jump(head, 0);`,
    scenario: "the ring grows at its end",
    within: 100,
  },
  "no room for a jump": {
    file,
    from: `const needed = frameBytes(length) + jumpBytes;`,
    to: `const needed = frameBytes(length);`,
    scenario: "the head jumps",
    within: 100,
  },
  "a jump that is not followed": {
    file,
    from: `      if (length === jump) {`,
    to: `      if (length === jump && tail === 0) {`,
    scenario: "the head jumps",
    within: 100,
  },
  "frames over the tail": {
    file,
    from: `} else if (head + needed >= tail) {`,
    to: `} else if (head + needed > end) {`,
    scenario: "the ring grows behind the head",
    within: 100,
  },
  "bytes that are known before they are there": {
    file,
    from: `    this.#bytes.grow(length);
    this.#store(lengthWord, length);`,
    to: `    this.#store(lengthWord, length);
    this.#bytes.grow(length);`,
    scenario: "two put and the ring grows",
    within: 100,
  },
  "bytes that nobody else knows of": {
    file,
    from: `    this.#store(lengthWord, length);`,
    to: ``,
    scenario: "the ring grows behind the head",
    within: 1000,
  },
  "who takes does not reach new bytes": {
    file,
    from: `      this.#reach(this.byteLength);`,
    to: ``,
    scenario: "the ring grows behind the head",
    within: 1000,
  },
  "who puts does not reach new bytes": {
    file,
    from: `    this.#reach(end);`,
    to: ``,
    scenario: "two put and the ring grows",
    within: 1000,
  },
  "a view of bytes that are left behind": {
    file,
    from: `      this.#view = viewOf(this.#bytes.bytes);
    }`,
    to: `    }`,
    scenario: "the ring grows at its end",
    within: 100,
  },

  "a reason that counts before it is there": {
    file,
    from: `      const at = reason && this`,
    to: `      if (reason) this.#store(closedWord, this.#load(headWord) + closedWithReason);
      const at = reason && this`,
    scenario: "it is closed for a reason",
    within: 1000,
  },
  "the reason of the last": {
    file,
    from: `      if (this.closed) return;`,
    to: ``,
    scenario: "two close it for a reason",
    within: 1000,
  },
  "who asks for the reason does not reach new bytes": {
    file,
    from: `    this.#reach(this.byteLength);
    const at`,
    to: `    const at`,
    scenario: "the reason makes the ring grow",
    within: 1000,
  },
};
