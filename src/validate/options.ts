import type { CallOptions } from "../v1/index.js";

/** How thoroughly something is validated. */
export interface ValidateOptions extends CallOptions {
  /** Only asks whether the layers exist, and reads none. Manifests and configurations are validated all the same. Default: false. */
  readonly fast?: boolean | undefined;
  /** Also reads what `uncompressed()` gives, which for many layers is a second pass. Default: false. */
  readonly uncompressed?: boolean | undefined;
  /**
   * The most memory, in bytes, that one layer's paths may take while they are compared; a layer with more is not valid, for it
   * is not known to be. Default: 64 MiB, which is enough for some 300000 paths.
   */
  readonly maxPathBytes?: number | undefined;
  /** The most bytes that a compressed layer may come to. Default: as many as come; they are not kept. */
  readonly maxUncompressedBytes?: number | undefined;
  /** Called with the number of bytes of layers that have been read so far, compressed. */
  readonly onProgress?: ((progress: ValidateProgress) => void) | undefined;
}

/** How far a validation is. */
export interface ValidateProgress {
  /** Bytes of layers that have been read, compressed. */
  readonly complete: number;
}
