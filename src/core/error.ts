/** A stable, machine-readable name of a failure; every error of this package has one in `code`. */
export type ErrorCode = `ERR_VARVE_${string}`;

/** What every {@link VarveError} may carry beside its message. */
export interface VarveErrorOptions {
  /** The failure underneath, kept as `cause`. */
  readonly cause?: unknown;
  /** Whether the same call may succeed when it is simply made again. Default: false. */
  readonly retryable?: boolean;
}

/**
 * The base of the errors that varve throws on its own account. The message says what went wrong, where, and what to
 * do about it; `code` is for programs and never changes its meaning. Arguments of a wrong type or out of range are a
 * `TypeError` or a `RangeError` instead, which have `code` and `retryable` too.
 */
export class VarveError extends Error {
  override readonly name: string = "VarveError";
  readonly code: ErrorCode;
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options: VarveErrorOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

/**
 * Whether what was thrown has a code. Objects that are given may be of another copy of this package, whose errors have the same codes and
 * other classes.
 */
export function hasCode(thrown: unknown, code: ErrorCode): thrown is VarveError {
  return typeof thrown === "object" && thrown !== null && "code" in thrown && thrown.code === code;
}
