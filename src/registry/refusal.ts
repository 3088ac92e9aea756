import { VarveError } from "../core/error.js";
import { jsonResponse } from "./json-response.js";

/**
 * The codes that a refusal may carry: those of the OCI distribution-spec v1.1, "Error Codes", with Docker's `TAG_INVALID`,
 * and `UNKNOWN` for a failure of the registry itself.
 */
export type ProtocolCode =
  | "BLOB_UNKNOWN"
  | "BLOB_UPLOAD_INVALID"
  | "BLOB_UPLOAD_UNKNOWN"
  | "DENIED"
  | "DIGEST_INVALID"
  | "MANIFEST_INVALID"
  | "MANIFEST_UNKNOWN"
  | "NAME_INVALID"
  | "NAME_UNKNOWN"
  | "SIZE_INVALID"
  | "TAG_INVALID"
  | "TOOMANYREQUESTS"
  | "UNAUTHORIZED"
  | "UNKNOWN"
  | "UNSUPPORTED";

/** What a refusal may carry beside its status, code and message. */
export interface RefusalOptions {
  /** Facts for programs, sent as `detail`. */
  readonly detail?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** A request that the registry answers with an error: thrown by the endpoints, turned into a response in one place. */
export class RefusalError extends VarveError {
  override readonly name = "RefusalError";
  readonly status: number;
  readonly protocolCode: ProtocolCode;
  readonly detail: unknown;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, protocolCode: ProtocolCode, message: string, options: RefusalOptions = {}) {
    super("ERR_VARVE_REFUSAL", message, "cause" in options ? { cause: options.cause } : {});
    this.status = status;
    this.protocolCode = protocolCode;
    this.detail = options.detail;
    this.headers = options.headers ?? {};
  }

  /** The response in the form of the OCI distribution-spec v1.1, "Error Codes": `{"errors":[{code, message, detail}]}`. */
  toResponse(): Response {
    const { protocolCode: code, message, detail } = this;
    return jsonResponse(
      { errors: [detail === undefined ? { code, message } : { code, message, detail }] },
      this.headers,
      this.status,
    );
  }
}
