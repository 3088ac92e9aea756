import type { ErrorCode } from "../core/error.js";
import { VarveError } from "../core/error.js";
import { messageOf } from "../core/message.js";
import type { Source } from "./source/source.js";

/**
 * Keeps the bytes of one layer, so that they can be read again. `spool` in {@link StreamLayerOptions} takes one;
 * {@link memorySpool} and `diskSpool` of `varve/node` make one, and anything else that can keep bytes may be one.
 *
 * It is given the *compressed* bytes. They are a fraction of the content, they are what a digest and a size are known
 * of before they are read again, and the content comes of them by decompressing, many times faster than they came of
 * it; from the content the same compressed bytes could be had only by doing all the work again.
 */
export interface Spool {
  /**
   * Appends bytes, which are its caller's again when this has returned, or when the promise that it returned has
   * settled. It is called once at a time.
   */
  write(bytes: Uint8Array): void | Promise<void>;
  /**
   * Gives all that was written, from its first byte on. It is called when everything has been written, any number of
   * times; the sources that it gives may be read side by side.
   */
  read(): Source;
  /** Lets go of the bytes. It may be called more than once, without any having been written, and during a write. */
  remove(): void | Promise<void>;
}

/**
 * A spool is full, failed, was removed, or gives back other bytes than it was given. `cause` is its own error, if it
 * has one. Its `code` is `ERR_VARVE_SPOOL`.
 */
export class SpoolError extends VarveError {
  override readonly name = "SpoolError";

  /** @param message what is wrong and what to do */
  constructor(message: string, cause?: unknown) {
    const code: ErrorCode = "ERR_VARVE_SPOOL";
    super(code, message, cause === undefined ? {} : { cause });
  }
}

/** Has a spool keep a piece of its layer. @throws {SpoolError} whatever it fails with */
export async function keepIn(spool: Spool, piece: Uint8Array): Promise<void> {
  try {
    await spool.write(piece);
  } catch (error) {
    if (error instanceof SpoolError) throw error;
    throw new SpoolError(`the spool could not keep the layer (${messageOf(error)})`, error);
  }
}
