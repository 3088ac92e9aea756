import { VarveError } from "../../core/error.js";
import { messageOf } from "../../core/message.js";

/**
 * Why a push can't go on with what was saved of it.
 *
 * - `"not-a-push"`: other bytes altogether
 * - `"damaged"`: bytes have changed or are missing, or say what can't be
 * - `"version"`: a newer varve has saved it
 * - `"repository"`: it is that of a push to another repository
 * - `"layer"`: it is that of another layer
 * - `"level"`: the layer was compressed at another level, or by an encoder whose bytes are other ones
 * - `"source-offset"`: the source begins after the byte at which the layer has to be gone on with
 */
export type ResumeProblem =
  | "not-a-push"
  | "damaged"
  | "version"
  | "repository"
  | "layer"
  | "level"
  | "source-offset";

/**
 * A push can't go on with what was saved of it. Nothing was sent, and what was saved is still there. Its `code` is `ERR_VARVE_RESUME`; no
 * message of it tells anything of what was saved but names of repositories and numbers of bytes.
 */
export class ResumeError extends VarveError {
  override readonly name = "ResumeError";
  /** What is wrong, for programs. */
  readonly reason: ResumeProblem;

  /** @param message what is wrong and what to do */
  constructor(reason: ResumeProblem, message: string, cause?: unknown) {
    super("ERR_VARVE_RESUME", message, cause === undefined ? {} : { cause });
    this.reason = reason;
  }
}

/** Another push has the key. Its `code` is `ERR_VARVE_PUSH_UNDER_WAY`; it is `retryable`. */
export class PushUnderWayError extends VarveError {
  override readonly name = "PushUnderWayError";

  constructor() {
    super(
      "ERR_VARVE_PUSH_UNDER_WAY",
      "another push is under way with this key of the store: two that go on with one upload would spoil it; wait for the other, or use another key",
      { retryable: true },
    );
  }
}

/** A store failed. `cause` is its own error. Its `code` is `ERR_VARVE_PUSH_STORE`. */
export class PushStoreError extends VarveError {
  override readonly name = "PushStoreError";

  /** @param problem what could not be done, and what that means */
  constructor(problem: string, cause: unknown) {
    super("ERR_VARVE_PUSH_STORE", `${problem} (${messageOf(cause)})`, { cause });
  }
}
