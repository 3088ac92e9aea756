import { VarveError } from "../../core/error.js";

/**
 * A fault broke the connection: there is no answer, or no more of one. This package's `serve` for Node breaks the real connection when
 * a handler throws it. Its `code` is `ERR_VARVE_CONNECTION_LOSS`; its cause has the code `ECONNRESET`.
 */
export class ConnectionLossError extends VarveError {
  override readonly name = "ConnectionLossError";

  /** @param when what the connection had carried */
  constructor(when: string) {
    super("ERR_VARVE_CONNECTION_LOSS", `a fault broke the connection ${when}`, {
      cause: Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }),
      retryable: true,
    });
  }
}
