import type { Compression, MachineOptions, MediaType } from "../v1/index.js";
import type { ProgressListener } from "./progress.js";
import type { Spool } from "./spool.js";

/** How a layer is made of a source. */
export interface StreamLayerOptions extends MachineOptions {
  /** How the bytes are compressed; `"zstd"` once `varve/zstd` has been imported. Default: `"gzip"`. */
  readonly compression?: "gzip" | "none" | "zstd" | Compression | undefined;
  /**
   * How hard to try, on the compression's own scale; checked when the layer is read. For gzip: -2 (Huffman code only), -1 (6), 0
   * (stores), 1 (fastest) to 12 (smallest). Default: the compression's, 1 for gzip.
   */
  readonly compressionLevel?: number | undefined;
  /**
   * What the layer says that it is; any string, taken as it is, which does not alter the bytes. Default: the
   * compression's.
   */
  readonly mediaType?: MediaType | undefined;
  /** How many bytes the source is expected to give: a hint, for progress alone, that nothing is held to. */
  readonly expectedSize?: number | undefined;
  /**
   * Keeps the compressed bytes while they are read, so that the layer can be read again, and {@link
   * StreamLayer.uncompressed} is supported. It is for this layer alone, which removes it when it fails or is closed.
   */
  readonly spool?: Spool | undefined;
  /** Aborting it ends the layer, read or not, with {@link AbortedError}, whose cause is the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
  /**
   * A checkpoint that {@link StreamLayer.checkpoint} gave: the layer goes on there. The source then gives the input
   * from the checkpoint's input offset on, and the bytes that are read begin at its output offset
   * (`describeCheckpoint` of `varve/core` tells both); the values are those of the whole layer. Nothing can tell
   * whether the source is the one that the checkpoint was taken of, unless the caller holds what stood before against
   * `checkpointInputHash`. The checkpoint tells the level; a `compressionLevel` beside it must be the same. It is
   * checked when the layer is read.
   */
  readonly resume?: Uint8Array | undefined;
}
