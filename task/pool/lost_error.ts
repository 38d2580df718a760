// Copyright 2026 the Weft authors. MIT license.

import { WorkerLostError } from "../pool_errors.ts";
import type { WorkerEnd } from "./pool_worker.ts";

/** Makes the error of a job whose worker has ended. */
export function lostError(
  name: string,
  { code, signal, error, reason }: WorkerEnd,
): WorkerLostError {
  return new WorkerLostError(
    `Worker ${JSON.stringify(name)} ${
      howOf({ code, signal, error, reason })
    } while it ran the task`,
    {
      exitCode: code,
      exitSignal: signal,
      ...(error === undefined ? {} : { cause: error }),
    },
  );
}

function howOf({ reason, code, signal, error }: WorkerEnd): string {
  if (reason === "terminated") return "was terminated";
  if (signal !== undefined) return `was ended by ${signal}`;
  if (reason === "threw") return `ended by an error that nobody caught (${error})`;
  if (reason === "lost") return `was lost (${error})`;
  return `exited with code ${code}`;
}
