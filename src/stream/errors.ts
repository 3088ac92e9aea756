import { VarveError } from "../core/error.js";
import { messageOf } from "../core/message.js";

export { SourceError } from "../bytes/source-error.js";

/**
 * A layer was ended before its data was complete: its reader gave up, it was closed, or a signal was aborted.
 * `cause` is the reason that was given, if any. Its `code` is `ERR_VARVE_ABORTED`, as that of everything that was given up from
 * this side; it is a class of its own because the layer is over for good, where another reading or call may be begun again.
 */
export class AbortedError extends VarveError {
  override readonly name = "AbortedError";

  /** @param event what ended the layer, to begin the message with */
  constructor(event: string, reason: unknown) {
    super(
      "ERR_VARVE_ABORTED",
      `${event} before the layer was complete, so it has no digest, diffID or size; make a new layer over a fresh source`,
      { cause: reason },
    );
  }
}

/**
 * A layer has no values, because its one pass failed. `cause` is the failure itself, the very object that the
 * source threw if it was the source that failed. Its `code` is `ERR_VARVE_STREAM_FAILED`.
 */
export class StreamFailedError extends VarveError {
  override readonly name = "StreamFailedError";

  constructor(cause: unknown) {
    super(
      "ERR_VARVE_STREAM_FAILED",
      `the stream failed before the layer was complete (${messageOf(cause)}), so it has no digest, diffID or size; make a new layer over a fresh source`,
      { cause },
    );
  }
}

/**
 * A source could not be closed. `cause` is its own error. The layer is not affected: if its data was complete, its
 * values stand. Its `code` is `ERR_VARVE_SOURCE_CLOSE`.
 */
export class SourceCloseError extends VarveError {
  override readonly name = "SourceCloseError";

  constructor(cause: unknown) {
    super(
      "ERR_VARVE_SOURCE_CLOSE",
      `the source failed to close (${messageOf(cause)}); the layer's values, if it has any, are right, but the source may still hold a resource`,
      { cause },
    );
  }
}

/**
 * A source that was to be gone on with is not the one that the checkpoint was taken of. Nothing has been made of it. Its `code`
 * is `ERR_VARVE_SOURCE_CHANGED`.
 */
export class SourceChangedError extends VarveError {
  override readonly name = "SourceChangedError";

  /** @param problem what is different, as a clause */
  constructor(problem: string) {
    super(
      "ERR_VARVE_SOURCE_CHANGED",
      `the source is not the one that was begun with: ${problem}; give the same bytes again, from the first, or forget what was begun and start over`,
    );
  }
}
