// Copyright 2026 the Weft authors. MIT license.

/** What a command can be given to read. */
export type CommandInput = string | Uint8Array | ReadableStream<Uint8Array>;

/** Gathers what a command writes to one of its outputs. */
export class OutputCollector {
  /** Resolves when the output has ended or reading was stopped, rejects if reading fails. */
  readonly done: Promise<void>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #buffer = new Uint8Array(0);
  #size = 0;

  /** @param stream The output, or `undefined` for one that is not piped. */
  constructor(stream: ReadableStream<Uint8Array> | undefined) {
    this.#reader = stream?.getReader();
    this.done = this.#read();
    this.done.catch(() => {});
  }

  /** A copy of the bytes read until now. */
  get bytes(): Uint8Array {
    return this.#buffer.slice(0, this.#size);
  }

  /** Stops reading, also while another process holds the pipe open. */
  async stop(): Promise<void> {
    await this.#reader?.cancel().catch(() => {});
  }

  async #read(): Promise<void> {
    if (this.#reader === undefined) return;
    for (;;) {
      const { done, value } = await this.#reader.read();
      if (done) return;
      this.#append(value);
    }
  }

  // Copy: every chunk, however short, sits in a buffer of 64 KiB, so keeping the chunks would
  // take 64 KiB for each line of a command that flushes its lines.
  #append(chunk: Uint8Array): void {
    const size = this.#size + chunk.length;
    if (size > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(size, 2 * this.#buffer.length));
      larger.set(this.#buffer.subarray(0, this.#size));
      this.#buffer = larger;
    }
    this.#buffer.set(chunk, this.#size);
    this.#size = size;
  }
}

/** Writes what a command is to read. */
export class InputFeeder {
  /** Resolves when the input is closed; never rejects. */
  readonly done: Promise<void>;
  /** Rejects if the source fails, never resolves; the input then stays open until it is stopped. */
  readonly failure: Promise<never>;
  readonly #stopped = Promise.withResolvers<void>();
  readonly #source: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;

  constructor(stdin: WritableStream<Uint8Array>, input: CommandInput) {
    this.#writer = stdin.getWriter();
    this.#source = toStream(input).getReader();
    const failure = Promise.withResolvers<never>();
    this.failure = failure.promise;
    this.failure.catch(() => {});
    this.done = this.#feed(failure.reject);
  }

  /** Cancels the source and closes the input as soon as the write under way allows. */
  stop(reason?: unknown): void {
    this.#stopped.resolve();
    this.#source.cancel(reason).catch(() => {});
  }

  async #feed(fail: (reason: unknown) => void): Promise<void> {
    try {
      await this.#copy();
    } catch (error) {
      this.#source.cancel(error).catch(() => {});
      // A command need not read all it is given.
      if (!(error instanceof Deno.errors.BrokenPipe)) {
        fail(error);
        // Closed now, a part of the input would look like the whole of it.
        await this.#stopped.promise;
      }
    }
    await this.#writer.close().catch(() => {});
    this.#source.releaseLock();
  }

  async #copy(): Promise<void> {
    for (;;) {
      const { done, value } = await this.#source.read();
      if (done) return;
      checkChunk(value);
      await this.#writer.write(value);
    }
  }
}

function toStream(input: CommandInput): ReadableStream<Uint8Array> {
  if (input instanceof ReadableStream) return input;
  const bytes = typeof input === "string" ? new TextEncoder().encode(input) : input;
  return new ReadableStream({
    start(controller) {
      if (bytes.length > 0) controller.enqueue(bytes);
      controller.close();
    },
  });
}

function checkChunk(chunk: unknown): void {
  if (!(chunk instanceof Uint8Array)) {
    throw new TypeError(
      `Cannot write the input of a command as a chunk is not a Uint8Array: current value is ${chunk}`,
    );
  }
}
