import { RemoteOptionError } from "../option-error.js";
import type { UploadMode } from "./mode.js";
import type { QuirkOptions } from "./quirks.js";

/** How blobs are sent. */
export interface UploadOptions {
  /**
   * The way to send blobs. Default: `"streaming"`; `"chunked"` in browsers, behind hosts that limit a request's body, and for a blob that is
   * refused as too large and can be read again. Layers that don't know their digest are never sent `"monolithic"`.
   */
  readonly upload?: UploadMode | undefined;
  /** Bytes of a chunk, where blobs are sent in chunks, and so of memory for each upload. Default: 8 MiB. */
  readonly chunkSize?: number | undefined;
  /** Bytes of a chunk that a registry may ask for beyond `chunkSize`, and so of memory for each upload. Default: 64 MiB. */
  readonly maxChunkSize?: number | undefined;
  /** Deviations of registries that their names don't tell, by host. */
  readonly quirks?: QuirkOptions | undefined;
}

const DEFAULT_CHUNK_SIZE = 8 * 1024 * 1024;

/** @throws {RemoteOptionError} if it is not a whole number of bytes from 1 on */
export function chunkSizeOf({ chunkSize = DEFAULT_CHUNK_SIZE }: UploadOptions): number {
  if (!Number.isSafeInteger(chunkSize) || chunkSize < 1) {
    throw new RemoteOptionError(`chunkSize is ${chunkSize}: give a whole number of bytes, at least 1`);
  }
  return chunkSize;
}
