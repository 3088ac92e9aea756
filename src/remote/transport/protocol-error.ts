import { VarveError, type VarveErrorOptions } from "../../core/error.js";

/**
 * A registry answered in a way that the distribution protocol does not provide for, such as an upload without a `Location`.
 * Its `code` is `ERR_VARVE_PROTOCOL`.
 */
export class ProtocolError extends VarveError {
  override readonly name = "ProtocolError";

  /** @param message what it did, where, and what to do about it */
  constructor(message: string, options: VarveErrorOptions = {}) {
    super("ERR_VARVE_PROTOCOL", message, options);
  }
}

/**
 * A registry sent the client somewhere it will not go: to an address inside the network that the client runs in, from https
 * down to http, or out of HTTP altogether. Its `code` is `ERR_VARVE_UNSAFE_LOCATION`.
 */
export class UnsafeLocationError extends VarveError {
  override readonly name = "UnsafeLocationError";

  /** @param message who sent the client where, and why it will not go */
  constructor(message: string) {
    super("ERR_VARVE_UNSAFE_LOCATION", message);
  }
}
