import { VarveError, type VarveErrorOptions } from "../core/error.js";

/**
 * A value was asked for that is known only once a stream has been read to its end. Its `code` is
 * `ERR_VARVE_NOT_COMPUTED`.
 */
export class NotComputedError extends VarveError {
  override readonly name = "NotComputedError";

  /** @param what the value that was asked for, such as `"digest"`, to begin the message with */
  constructor(what?: string, options?: VarveErrorOptions) {
    super(
      "ERR_VARVE_NOT_COMPUTED",
      `${what === undefined ? "" : `${what}: `}value not computed until stream is consumed; read compressed() to its end, then ask again`,
      options,
    );
  }
}

/** A stream was asked for that had been handed out before. Its `code` is `ERR_VARVE_CONSUMED`. */
export class ConsumedError extends VarveError {
  override readonly name = "ConsumedError";

  constructor(options?: VarveErrorOptions) {
    super(
      "ERR_VARVE_CONSUMED",
      "stream was already consumed; a streaming layer can be read once: make a new one over a fresh source",
      options,
    );
  }
}

/** An object was asked for what its kind cannot do. Its `code` is `ERR_VARVE_UNSUPPORTED`. */
export class UnsupportedError extends VarveError {
  override readonly name = "UnsupportedError";

  /** @param message what cannot be done, why, and what to do instead */
  constructor(message: string, options?: VarveErrorOptions) {
    super("ERR_VARVE_UNSUPPORTED", message, options);
  }
}
