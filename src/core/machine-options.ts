import type { ErrorCode } from "./error.js";
import type { CreateWorker } from "./host/host.js";

/** Whose SHA-256 a layer machine uses. */
export interface HashOptions {
  /**
   * `"native"` is that of the runtime's own crypto, which is five times as fast where it has one that works in pieces and
   * without waiting (Node, Bun, Deno); elsewhere it is as `"wasm"`, and the result says so. Default: `"wasm"`.
   */
  readonly sha256?: "wasm" | "native" | undefined;
}

/** A choice of hash that there isn't. */
export class HashOptionError extends RangeError {
  override readonly name = "HashOptionError";
  readonly code: ErrorCode = "ERR_VARVE_HASH_OPTION";
  readonly retryable = false;

  constructor(choice: unknown) {
    super(`there is no sha256 ${JSON.stringify(choice)}: use "wasm" or "native"`);
  }
}

/** Whether the runtime's own hashes are asked for. @throws HashOptionError */
export function asksForNative({ sha256 = "wasm" }: HashOptions): boolean {
  if (sha256 !== "wasm" && sha256 !== "native") throw new HashOptionError(sha256);
  return sha256 === "native";
}

/** How many threads encode. */
export interface ThreadOptions {
  /**
   * The thread that calls, and so many less one others, if the runtime has them and the stream is long enough to be worth
   * it. `"auto"` is as many as the machine runs at a time, up to 8. The bytes are the same for every number. Default: 1.
   */
  readonly threads?: number | "auto" | undefined;
  /**
   * Makes a worker that runs `varve/worker`, where the package can't find that file by itself: in a bundle, or under a
   * policy that needs another address. Threads are shared by all who give the same function. Default: the runtime's way.
   */
  readonly createWorker?: CreateWorker | undefined;
}
