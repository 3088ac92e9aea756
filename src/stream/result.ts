import type { Hash } from "../v1/index.js";

/** What one pass over a source has found out, once the layer's bytes have been handed out to the last. */
export interface LayerResult {
  /** The hash of the compressed bytes. */
  readonly digest: Hash;
  /** The hash of the uncompressed bytes. */
  readonly diffID: Hash;
  /** The number of compressed bytes. */
  readonly size: number;
  /** The number of uncompressed bytes. */
  readonly uncompressedSize: number;
  /** How many threads compressed: fewer than were asked for where the runtime has none, or the layer was soon made. */
  readonly threads: number;
  /** Whose SHA-256 it was: the runtime's own is used only if it was asked for and is there. */
  readonly sha256: "wasm" | "native";
}
