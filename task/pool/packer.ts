// Copyright 2026 the Weft authors. MIT license.

import {
  decode,
  encode,
  type Encoded,
  type EncodeOptions,
  encodeWith,
} from "../../channel/codec.ts";
import { type Destination, endPassages } from "../../sync/handle.ts";
import type { Job, JobExtras } from "./job.ts";
import type { Supplies } from "./supplies.ts";

/** Encodes the arguments of jobs; what cannot be encoded but shared goes to the workers beside them. */
export class Packer {
  readonly #supplies: Supplies;
  readonly #encoding: EncodeOptions;
  readonly #use: (job: Job, encoded: Encoded) => void;
  /** The job that is being encoded. */
  #job!: Job;

  /** @param use Gets each job when it is encoded, and its bytes, good until it returns. */
  constructor(
    supplies: Supplies,
    destination: Destination,
    use: (job: Job, encoded: Encoded) => void,
  ) {
    this.#supplies = supplies;
    this.#use = use;
    this.#encoding = {
      destination,
      onHandle: (form) => {
        if (form.passage === undefined) return;
        ((this.#job.extras ??= {}).handles ??= []).push(form);
      },
      ...(destination === "thread" ? { attach: (object: object) => this.#attach(object) } : {}),
    };
  }

  /**
   * Encodes the arguments of a job.
   *
   * @throws {DOMException} Named `DataCloneError`, if one cannot be cloned.
   */
  pack(job: Job, args: readonly unknown[]): void {
    // A getter in the arguments can lead here again.
    const outer = this.#job;
    this.#job = job;
    try {
      encodeWith(args, this.#onEncoded, this.#encoding);
    } finally {
      this.#job = outer;
    }
  }

  /** Lets go what was kept for a job that is done. */
  release({ release, objects, handles }: JobExtras): void {
    release?.();
    if (objects !== undefined) this.#supplies.release(objects);
    if (handles !== undefined) endPassages(handles);
  }

  // A field, so that it is made once.
  readonly #onEncoded = (encoded: Encoded): void => {
    const job = this.#job;
    job.needs = job.extras?.objects === undefined ? 0 : this.#supplies.count;
    job.sink.sent?.(encoded.byteLength);
    this.#use(job, encoded);
  };

  #attach(object: object): number {
    ((this.#job.extras ??= {}).objects ??= []).push(object);
    return this.#supplies.add(object);
  }
}

/** Copies arguments that are sent later. */
export function copyFor(destination: Destination, args: readonly unknown[]): unknown[] {
  const attached: object[] = [];
  const attach = (object: object) => attached.push(object) - 1;
  const bytes = encode(args, { destination, ...(destination === "thread" ? { attach } : {}) });
  return decode(bytes, { attached }) as unknown[];
}
