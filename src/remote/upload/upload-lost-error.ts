import { VarveError } from "../../core/error.js";

/**
 * A chunked upload cannot be gone on with: the registry has forgotten the session, or bytes that it had confirmed, and these are not at hand any
 * more. Its `code` is `ERR_VARVE_UPLOAD_LOST`. It is `retryable`: the layer has to be sent again from its beginning, which a streaming
 * layer must be made anew for.
 */
export class UploadLostError extends VarveError {
  override readonly name = "UploadLostError";
  /** Bytes that the registry had confirmed. */
  readonly acknowledged: number;
  /** Bytes that the registry says it has; undefined if it doesn't know the session. */
  readonly stored: number | undefined;

  constructor(what: string, acknowledged: number, stored: number | undefined, cause: unknown) {
    super(
      "ERR_VARVE_UPLOAD_LOST",
      `${what}: ${
        stored === undefined
          ? `the registry no longer knows the upload, of which it had confirmed ${acknowledged} bytes`
          : `the registry had confirmed ${acknowledged} bytes of the upload and now has ${stored}, and what lies between is not kept here`
      }; send the layer again from its beginning`,
      { cause, retryable: true },
    );
    this.acknowledged = acknowledged;
    this.stored = stored;
  }
}
