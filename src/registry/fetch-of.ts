import { unlessAborted } from "../bytes/index.js";
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
    try {
      return await unlessAborted(signal, (async () => handler(request))(), letGo);
    } catch (error) {
      if (error instanceof ConnectionLossError) throw new TypeError("fetch failed", { cause: error.cause });
      throw error;
    }
  };
}

/** Nobody reads an answer that comes too late. */
function letGo(response: Response): void {
  response.body?.cancel().catch(() => {});
}
