import { availableThreads } from "#host";
import type { ErrorCode } from "../error.js";

/** More would not help anyone, and each takes memory: see {@link ParallelEncoder}. */
const MAXIMUM = 64;

/** As many as `"auto"` takes at most: beyond, the thread that hashes is the bottleneck at all but the highest levels. */
const AUTO_MAXIMUM = 8;

/** A number of threads that there can't be. */
export class ThreadCountError extends RangeError {
  override readonly name = "ThreadCountError";
  readonly code: ErrorCode = "ERR_VARVE_THREAD_COUNT";
  readonly retryable = false;

  constructor(threads: unknown) {
    super(`${String(threads)} threads can't be had: use an integer from 1 to ${MAXIMUM}, or "auto"`);
  }
}

/**
 * The number of threads that an option asks for; `"auto"` is as many as the machine runs at a time, up to 8.
 *
 * @throws ThreadCountError
 */
export function threadCount(threads: number | "auto"): number {
  if (threads === "auto") return Math.max(1, Math.min(availableThreads(), AUTO_MAXIMUM));
  if (!Number.isInteger(threads) || threads < 1 || threads > MAXIMUM) throw new ThreadCountError(threads);
  return threads;
}
