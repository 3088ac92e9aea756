import { checkMaxBytes } from "../core/inflater.js";
import { type Compression, compressionByName, type ReadingOptions } from "../v1/index.js";
import { CompressedInput } from "./compressed-input.js";
import { StreamLayer } from "./layer.js";
import type { StreamLayerOptions } from "./layer-options.js";
import type { Source } from "./source/source.js";

/**
 * How a layer is made of a source that is compressed already; `maxBytes` bounds its uncompressed bytes, and
 * `expectedSize` hints at its compressed ones.
 */
export interface CompressedLayerOptions
  extends ReadingOptions,
    Omit<
      StreamLayerOptions,
      "compression" | "compressionLevel" | "resume" | "threads" | "sha256" | "createWorker"
    > {
  /**
   * What the source is compressed with; other input then fails. `"zstd"`, given or detected, needs `varve/zstd` to
   * have been imported. Default: what the source's first bytes say (see `detectCompression` of `varve/v1`).
   */
  readonly compression?: "gzip" | "none" | "zstd" | Compression | undefined;
  /** What the layer says that it is. Default: the compression's, which may be known only once reading has begun. */
  readonly mediaType?: StreamLayerOptions["mediaType"];
}

/**
 * Makes a layer of a source that is compressed already. Its bytes are handed on as they are, while they are
 * decompressed in the same pass: so the digest and the size are those of the source, diffID and `uncompressedSize`
 * those of what it decompresses to, and all are known when it has been read to its end.
 *
 * What is damaged, truncated, followed by something else, or larger than it may be, fails the layer with the error of
 * its compression as the cause, such as `ZstdError`: pieces that were handed out before are the source's, but there
 * is no digest of them. Everything else is as with {@link newLayer}.
 *
 * A source that ends within its first bytes can't be told from one that isn't compressed: give `compression` where it
 * is known.
 *
 * @throws {SourceError} if the source is of no known kind, such as a string
 * @throws {InflateOptionError} if `maxBytes` is no number of bytes
 * @throws {UnknownCompressionError} if there is no compression of that name; if it was detected, the layer fails so
 */
export function fromCompressed(source: Source, options: CompressedLayerOptions = {}): StreamLayer {
  const { compression, maxBytes, maxWindowSize, ...rest } = options;
  checkMaxBytes(maxBytes);
  const given = typeof compression === "string" ? compressionByName(compression) : compression;
  return new StreamLayer(source, {
    ...rest,
    compression: new CompressedInput(given, { maxBytes, maxWindowSize }),
  });
}
