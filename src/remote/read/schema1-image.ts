import { BlobUnknownError, compressedToLayer } from "../../partial/index.js";
import {
  type CallOptions,
  type ConfigFile,
  type Hash,
  type Image,
  type Layer,
  type Manifest,
  type MediaType,
  UnsupportedError,
} from "../../v1/index.js";
import { parseObject } from "../../v1/json/read.js";
import type { ReadManifest } from "./manifest-reader.js";
import { RemoteLayer } from "./remote-layer.js";
import type { RepositoryReader } from "./repository-reader.js";

/**
 * An image of Docker's first schema, of which there is a manifest that lists layers and nothing else: no configuration, no sizes, no
 * hashes of what is in them. What needs these rejects with an `UnsupportedError`.
 */
export class Schema1Image implements Image {
  readonly #reader: RepositoryReader;
  readonly #read: ReadManifest;
  #digests: readonly Hash[] | undefined;

  constructor(reader: RepositoryReader, read: ReadManifest) {
    this.#reader = reader;
    this.#read = read;
  }

  /**
   * The layers, from the bottom to the top: the manifest has them the other way round. Empty ones are among them.
   *
   * @throws {JSONError} if the manifest is not of the schema
   */
  async layers(): Promise<readonly Layer[]> {
    return this.#listed().map((digest) => this.#layer(digest));
  }

  async layerByDigest(digest: Hash): Promise<Layer> {
    if (!this.#listed().some((each) => each.equals(digest))) {
      throw new BlobUnknownError("blob", digest);
    }
    return this.#layer(digest);
  }

  async mediaType(): Promise<MediaType> {
    return this.#read.mediaType;
  }

  async size(): Promise<number> {
    return this.#read.bytes.byteLength;
  }

  /** Of a signed manifest, the hash of what was signed, as the registry gives it. */
  async digest(): Promise<Hash> {
    return this.#read.digest;
  }

  async rawManifest(): Promise<Uint8Array> {
    return this.#read.bytes.slice();
  }

  configName(): Promise<Hash> {
    return this.#lacks("a configuration");
  }

  configFile(): Promise<ConfigFile> {
    return this.#lacks("a configuration");
  }

  rawConfigFile(): Promise<Uint8Array> {
    return this.#lacks("a configuration");
  }

  manifest(): Promise<Manifest> {
    return this.#lacks("descriptors");
  }

  layerByDiffID(_: Hash, __?: CallOptions): Promise<Layer> {
    return this.#lacks("the hashes of uncompressed layers");
  }

  #listed(): readonly Hash[] {
    this.#digests ??= (
      parseObject("manifest of Docker's first schema", this.#read.bytes).objects("fsLayers") ?? []
    )
      .map((each) => each.required("blobSum", each.hash("blobSum")))
      .reverse();
    return this.#digests;
  }

  #layer(digest: Hash): Layer {
    return compressedToLayer(new RemoteLayer(this.#reader, digest));
  }

  async #lacks(what: string): Promise<never> {
    throw new UnsupportedError(
      `${this.#reader.repository.name()}@${this.#read.digest} is a manifest of Docker's first schema, which doesn't have ${what}: only its layers can be read`,
    );
  }
}
