import { VarveError } from "../core/error.js";
import { messageOf } from "../core/message.js";
import type { Hash } from "./hash.js";

/**
 * A reading was given up because its signal was aborted. `cause` is the signal's reason. What was read is as it was, and may be
 * read again.
 *
 * Its `code` is `ERR_VARVE_ABORTED`. So is that of every error of something that was given up from this side, which a program
 * tells from a failure by that; classes tell what it was: one reading, a call (`OperationAbortedError` of `varve/remote`), or a
 * layer over a stream (`AbortedError` of `varve/stream`).
 */
export class ReadAbortedError extends VarveError {
  override readonly name = "ReadAbortedError";

  /** @param what what was read, such as `"blob sha256:..."`, to begin the message with */
  constructor(what: string, reason: unknown) {
    super("ERR_VARVE_ABORTED", `reading ${what} was aborted (${messageOf(reason)})`, { cause: reason });
  }
}

/** There are more bytes than may be read. Its `code` is `ERR_VARVE_SIZE_LIMIT`. */
export class SizeLimitError extends VarveError {
  override readonly name = "SizeLimitError";
  /** The most bytes that were allowed. */
  readonly limit: number;

  /**
   * @param what what was read, such as `"manifest"`, to begin the message with
   * @param remedy what to do, such as `"raise maxManifestBytes"`
   */
  constructor(what: string, limit: number, remedy: string) {
    super("ERR_VARVE_SIZE_LIMIT", `${what} has more than the ${limit} bytes that are allowed: ${remedy}`);
    this.limit = limit;
  }
}

/** What content should be, or was found to be. */
export interface ContentFacts {
  readonly digest?: Hash | undefined;
  /** Bytes. */
  readonly size?: number | undefined;
}

/**
 * Content is not what its digest or its size says. Of content that is too long, only as much was read as it took to find
 * out, so there is no digest of it. Its `code` is `ERR_VARVE_VERIFICATION`.
 */
export class VerificationError extends VarveError {
  override readonly name = "VerificationError";
  readonly expected: ContentFacts;
  readonly found: ContentFacts;

  /** @param what what was read, such as `"blob"`, to begin the message with */
  constructor(what: string, expected: ContentFacts, found: ContentFacts) {
    super(
      "ERR_VARVE_VERIFICATION",
      `${what} is not what it should be: expected ${told(expected)}, found ${told(found)}; it was damaged, cut short or replaced where it is kept or on its way`,
    );
    this.expected = expected;
    this.found = found;
  }
}

function told({ digest, size }: ContentFacts): string {
  const facts = [...(digest ? [String(digest)] : []), ...(size === undefined ? [] : [`${size} bytes`])];
  return facts.length > 0 ? facts.join(" of ") : "nothing in particular";
}
