import { fromBytes, opened } from "../bytes/index.js";
import type { ReadOptions } from "../v1/index.js";

/**
 * Opens a file from its beginning. It is called each time that something of the file is needed, and must give the same bytes
 * each time; whoever calls it reads the stream to its end or cancels it.
 *
 * @param options a signal that tells that the stream is no longer wanted; an opener may leave it alone
 */
export type Opener = (
  options?: ReadOptions,
) => ReadableStream<Uint8Array> | Promise<ReadableStream<Uint8Array>>;

/** Opens what is in memory, or what a browser holds as a `Blob` or a `File`. */
export function openerOf(content: Uint8Array | Blob): Opener {
  return content instanceof Uint8Array
    ? (options) => fromBytes(content, { ...options, what: "a tarball" })
    : () => content.stream();
}

/**
 * Calls an opener, and does not wait for it any longer once the signal is aborted; what it opens nevertheless is cancelled.
 *
 * @throws the signal's reason, and what the opener fails with
 */
export function openedBy(opener: Opener, { signal }: ReadOptions): Promise<ReadableStream<Uint8Array>> {
  return opened((async () => opener({ signal }))(), { signal });
}
