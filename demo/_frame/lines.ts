// Copyright 2026 the Weft authors. MIT license.

/**
 * Calls `onLine` for each line of a stream as it comes.
 *
 * @returns A promise of the stream's end, and a function that stops reading before.
 */
export function readLines(
  stream: ReadableStream<Uint8Array>,
  onLine: (line: string) => void,
): { readonly ended: Promise<void>; stop(): Promise<void> } {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let rest = "";

  async function read(): Promise<void> {
    while (true) {
      const { value, done } = await reader.read();
      const lines = (rest + decoder.decode(value, { stream: !done })).split("\n");
      rest = lines.pop()!;
      for (const line of lines) onLine(line);
      if (done) break;
    }
    if (rest !== "") onLine(rest);
  }
  return { ended: read(), stop: () => reader.cancel() };
}
