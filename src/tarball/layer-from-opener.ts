import { peek } from "../bytes/index.js";
import { uncompressedToLayer } from "../partial/index.js";
import {
  type CallOptions,
  type Compression,
  compressionByName,
  detectCompression,
  dockerLayer,
  type Layer,
  MAGIC_BYTES,
  type MachineOptions,
  type MediaType,
  type ReadOptions,
} from "../v1/index.js";
import { CompressedFileLayer } from "./compressed-layer.js";
import { type Opener, openedBy } from "./opener.js";
import { PlainFileLayer } from "./plain-layer.js";

/** How a layer is made of a file. */
export interface LayerOptions extends MachineOptions, CallOptions {
  /** How a file that is not compressed is; one that is stays as it is. Default: `"gzip"`. */
  readonly compression?: "gzip" | "none" | "zstd" | Compression | undefined;
  /** On the compression's own scale. Default: the compression's, 1 for gzip. */
  readonly compressionLevel?: number | undefined;
  /** What the layer says that it is. Default: what its compression makes. */
  readonly mediaType?: MediaType | undefined;
}

/**
 * Makes a layer of a file that is one: a tar, compressed with gzip or zstd or not at all, which its first bytes say. Only
 * these are read here. Digest, diffID and size are found out when they are first needed, by reading the file once, or
 * twice if it must be compressed; from then on, each reading is held to them.
 *
 * @throws {UnknownCompressionError} if there is no compression of that name
 * @throws what the opener fails with
 */
export async function layerFromOpener(opener: Opener, options: LayerOptions = {}): Promise<Layer> {
  const { signal, ...rest } = options;
  const file = await openedBy(opener, { signal });
  const { start, stream } = await peek(file, MAGIC_BYTES, { signal, what: "a layer" });
  await stream.cancel();
  const found = detectCompression(start);
  const open = (call: ReadOptions = {}): Promise<ReadableStream<Uint8Array>> => openedBy(opener, call);
  if (found === "none")
    return uncompressedToLayer(new PlainFileLayer({ open, mediaType: dockerLayer }), rest);
  const { mediaType = compressionByName(found).defaultMediaType } = options;
  return new CompressedFileLayer({ open, compression: found, mediaType });
}
