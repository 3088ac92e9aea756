import { MAX_MANIFEST_BYTES, Memo, readAll } from "../../bytes/index.js";
import {
  blobDescriptor,
  type CompressedImageCore,
  type CompressedLayer,
  compressedToImage,
  compressedToLayer,
} from "../../partial/index.js";
import {
  type CallOptions,
  type Descriptor,
  type Hash,
  type Image,
  type Layer,
  type Manifest,
  type MediaType,
  parseManifest,
  SizeLimitError,
} from "../../v1/index.js";
import type { ReadManifest } from "./manifest-reader.js";
import { DescribedLayer } from "./remote-layer.js";
import type { RepositoryReader } from "./repository-reader.js";

/**
 * An image whose manifest has been read; its configuration and its layers are read when they are asked for.
 *
 * @param listed how an index lists it, if it was found there
 */
export function imageOf(reader: RepositoryReader, read: ReadManifest, listed?: Descriptor): Image {
  return compressedToImage(new RemoteImage(reader, read, listed));
}

class RemoteImage implements CompressedImageCore {
  readonly #reader: RepositoryReader;
  readonly #read: ReadManifest;
  readonly #listed: Descriptor | undefined;
  readonly #config: Memo<Uint8Array> = new Memo((signal) => this.#readConfig(signal));
  #parsed: Manifest | undefined;

  constructor(reader: RepositoryReader, read: ReadManifest, listed: Descriptor | undefined) {
    this.#reader = reader;
    this.#read = read;
    this.#listed = listed;
  }

  async rawManifest(): Promise<Uint8Array> {
    return this.#read.bytes.slice();
  }

  async mediaType(): Promise<MediaType> {
    return this.#read.mediaType;
  }

  async manifest(): Promise<Manifest> {
    this.#parsed ??= parseManifest(this.#read.bytes);
    return this.#parsed;
  }

  async descriptor(): Promise<Descriptor> {
    const { mediaType, bytes, digest } = this.#read;
    const { artifactType, config } = await this.manifest();
    const type = artifactType || config.mediaType;
    return {
      mediaType,
      size: bytes.byteLength,
      digest,
      ...(type ? { artifactType: type } : {}),
      ...this.#listed,
    };
  }

  async rawConfigFile(options?: CallOptions): Promise<Uint8Array> {
    return (await this.#config.get(options)).slice();
  }

  /** The configuration as a blob that can be mounted. */
  async configLayer(): Promise<Layer> {
    return compressedToLayer(new DescribedLayer(this.#reader, (await this.manifest()).config));
  }

  async layerByDigest(digest: Hash): Promise<CompressedLayer> {
    return new DescribedLayer(this.#reader, await blobDescriptor(this, digest));
  }

  async #readConfig(signal: AbortSignal): Promise<Uint8Array> {
    const { config } = await this.manifest();
    const { maxManifestBytes = MAX_MANIFEST_BYTES } = this.#reader.options;
    const what = `the configuration ${config.digest}`;
    if (config.size > maxManifestBytes) {
      throw new SizeLimitError(what, maxManifestBytes, "raise maxManifestBytes");
    }
    return readAll(await this.#reader.blob(config, signal), { signal, what, maxBytes: maxManifestBytes });
  }
}
