import { fromBytes, hashOf } from "../bytes/index.js";
import {
  type CallOptions,
  type Hash,
  type Layer,
  type MediaType,
  ociConfigJSON,
  type ReadOptions,
} from "../v1/index.js";
import { optionalMethod } from "./inner.js";
import type { WithRawConfigFile } from "./interfaces.js";

/**
 * An image's configuration as a blob, so that it can be kept and sent as layers are: the image's own `configLayer()`, if it
 * has one, or else its bytes as they are, whose media type is OCI's whatever the image is.
 *
 * @throws {NotComputedError} if the configuration is not known yet
 */
export async function configLayer(image: WithRawConfigFile, options?: CallOptions): Promise<Layer> {
  const own = optionalMethod(image, "configLayer");
  if (own !== undefined) {
    return own(options);
  }
  const content = await image.rawConfigFile(options);
  return new ConfigLayer(content, await hashOf(content));
}

class ConfigLayer implements Layer {
  readonly #content: Uint8Array;
  readonly #hash: Hash;

  constructor(content: Uint8Array, hash: Hash) {
    this.#content = content;
    this.#hash = hash;
  }

  async digest(): Promise<Hash> {
    return this.#hash;
  }

  async diffID(): Promise<Hash> {
    return this.#hash;
  }

  async size(): Promise<number> {
    return this.#content.length;
  }

  async mediaType(): Promise<MediaType> {
    return ociConfigJSON;
  }

  async compressed(options: ReadOptions = {}): Promise<ReadableStream<Uint8Array>> {
    return fromBytes(this.#content, { ...options, what: "a configuration" });
  }

  uncompressed(options?: ReadOptions): Promise<ReadableStream<Uint8Array>> {
    return this.compressed(options);
  }
}
