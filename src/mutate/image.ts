import { Memo, unlessAborted } from "../bytes/index.js";
import { digestsByDiffID } from "../partial/blobs.js";
import { BlobUnknownError, configLayer } from "../partial/index.js";
import type { CallOptions, ConfigFile, Hash, Image, Layer, Manifest, MediaType } from "../v1/index.js";
import { addedLayers } from "./addition.js";
import { type ComputedImage, computeImage, type ImageMutation } from "./compute-image.js";

/**
 * An image that differs from another in some way. What it is is computed when it is first asked for, and kept; while it
 * cannot be computed, because an added layer is a stream that has not been read to its end, only {@link layers} and {@link
 * mediaType} answer.
 */
export class MutatedImage implements Image {
  readonly #base: Image;
  readonly #mutation: ImageMutation;
  readonly #computed: Memo<ComputedImage>;
  readonly #digests: Memo<ReadonlyMap<string, Hash>> = new Memo((signal) =>
    digestsByDiffID(this, { signal }),
  );

  constructor(base: Image, mutation: ImageMutation) {
    this.#base = base;
    this.#mutation = mutation;
    this.#computed = new Memo((signal) => computeImage(base, mutation, { signal }));
  }

  /** The base's layers and the added ones, as they were given: nothing has to be known of them. */
  async layers(options?: CallOptions): Promise<readonly Layer[]> {
    const { additions = [], rebuilt = false } = this.#mutation;
    const layers = rebuilt ? [] : await unlessAborted(options?.signal, this.#base.layers(options));
    return [...layers, ...addedLayers(additions)];
  }

  async mediaType(options?: CallOptions): Promise<MediaType> {
    return this.#mutation.mediaType ?? this.#base.mediaType(options);
  }

  async size(options?: CallOptions): Promise<number> {
    return (await this.#computed.get(options)).raw.length;
  }

  async configName(options?: CallOptions): Promise<Hash> {
    const { config } = await this.#computed.get(options);
    return config === undefined ? this.#base.configName(options) : config.name;
  }

  async configFile(options?: CallOptions): Promise<ConfigFile> {
    const { config } = await this.#computed.get(options);
    return config === undefined ? this.#base.configFile(options) : config.file;
  }

  async rawConfigFile(options?: CallOptions): Promise<Uint8Array> {
    const { config } = await this.#computed.get(options);
    return config === undefined ? this.#base.rawConfigFile(options) : config.raw.slice();
  }

  /** The configuration as a blob; the base's own, which may know where it lies, if it was not changed. */
  async configLayer(options?: CallOptions): Promise<Layer> {
    const { config } = await this.#computed.get(options);
    if (config === undefined) return configLayer(this.#base, options);
    return configLayer({ rawConfigFile: (options) => this.rawConfigFile(options) }, options);
  }

  async digest(options?: CallOptions): Promise<Hash> {
    return (await this.#computed.get(options)).digest;
  }

  async manifest(options?: CallOptions): Promise<Manifest> {
    return (await this.#computed.get(options)).manifest;
  }

  async rawManifest(options?: CallOptions): Promise<Uint8Array> {
    return (await this.#computed.get(options)).raw.slice();
  }

  /** The layer with this digest, or the configuration, if the digest is its name. */
  async layerByDigest(digest: Hash, options?: CallOptions): Promise<Layer> {
    const { manifest, listed, added } = await this.#computed.get(options);
    if (manifest.config.digest.equals(digest)) return this.configLayer(options);
    if (!listed.has(String(digest))) throw new BlobUnknownError("blob", digest);
    return added.get(String(digest)) ?? this.#base.layerByDigest(digest, options);
  }

  async layerByDiffID(diffID: Hash, options?: CallOptions): Promise<Layer> {
    const digest = (await this.#digests.get(options)).get(String(diffID));
    if (digest === undefined) throw new BlobUnknownError("diffID", diffID);
    return this.layerByDigest(digest, options);
  }
}
