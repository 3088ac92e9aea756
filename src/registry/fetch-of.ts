import { ConnectionLossError } from "./faults/connection-loss.js";
import type { Handler } from "./handler.js";

/**
 * A `fetch` that asks a handler in place of the network: a client with this as its `fetch` and a registry meet in one process, on any
 * runtime. As with the network, an aborted request rejects at once, and a connection that a fault breaks is a `TypeError` whose cause
 * has the code `ECONNRESET`. Redirects are given back and not followed, and the signal of an answered request no longer matters.
 */
export function fetchOf(handler: Handler): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init);
    const { signal } = request;
    signal.throwIfAborted();
    let giveUp: (() => void) | undefined;
    const aborted = new Promise<never>((_, reject) => {
      giveUp = () => reject(signal.reason);
      signal.addEventListener("abort", giveUp);
    });
    try {
      return await Promise.race([handler(request), aborted]);
    } catch (error) {
      if (error instanceof ConnectionLossError) throw new TypeError("fetch failed", { cause: error.cause });
      throw error;
    } finally {
      if (giveUp !== undefined) signal.removeEventListener("abort", giveUp);
    }
  };
}
