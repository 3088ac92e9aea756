import { hashOf, Memo } from "../bytes/index.js";
import {
  BlobUnknownError,
  blobToDiffID,
  configFile,
  configLayer,
  configName,
  descriptor,
  digest,
  manifest,
  size,
} from "../partial/index.js";
import {
  type CallOptions,
  type ConfigFile,
  type Descriptor,
  dockerConfigJSON,
  dockerManifestSchema2,
  encodeManifest,
  type Hash,
  type Image,
  type Layer,
  type Manifest,
  type MediaType,
  ociConfigJSON,
  ociManifestSchema1,
} from "../v1/index.js";

/** An image whose manifest is made of its configuration and its layers. */
export class TarballImage implements Image {
  readonly #config: Uint8Array;
  readonly #layers: readonly Layer[];
  readonly #oci: boolean;
  readonly #manifest: Memo<Uint8Array> = new Memo((signal) => this.#newManifest({ signal }));

  /**
   * @param layers as many as the configuration lists
   * @param oci whether the manifest is of OCI's types, instead of Docker's
   */
  constructor(config: Uint8Array, layers: readonly Layer[], oci: boolean) {
    this.#config = config;
    this.#layers = layers;
    this.#oci = oci;
  }

  async layers(): Promise<readonly Layer[]> {
    return [...this.#layers];
  }

  async mediaType(): Promise<MediaType> {
    return this.#oci ? ociManifestSchema1 : dockerManifestSchema2;
  }

  size(options?: CallOptions): Promise<number> {
    return size(this, options);
  }

  configName(options?: CallOptions): Promise<Hash> {
    return configName(this, options);
  }

  configFile(options?: CallOptions): Promise<ConfigFile> {
    return configFile(this, options);
  }

  async rawConfigFile(): Promise<Uint8Array> {
    return this.#config.slice();
  }

  digest(options?: CallOptions): Promise<Hash> {
    return digest(this, options);
  }

  manifest(options?: CallOptions): Promise<Manifest> {
    return manifest(this, options);
  }

  async rawManifest(options?: CallOptions): Promise<Uint8Array> {
    return (await this.#manifest.get(options)).slice();
  }

  /** The layer, or the configuration, that has this digest. */
  async layerByDigest(hash: Hash, options?: CallOptions): Promise<Layer> {
    if (hash.equals(await this.configName(options))) return configLayer(this, options);
    return this.layerByDiffID(await blobToDiffID(this, hash, options), options);
  }

  async layerByDiffID(diffID: Hash, options?: CallOptions): Promise<Layer> {
    for (const layer of this.#layers) if (diffID.equals(await layer.diffID(options))) return layer;
    throw new BlobUnknownError("diffID", diffID);
  }

  async #newManifest(options: CallOptions): Promise<Uint8Array> {
    const layers: Descriptor[] = [];
    for (const each of this.#layers) layers.push(await descriptor(each, options));
    return encodeManifest({
      schemaVersion: 2,
      mediaType: await this.mediaType(),
      config: {
        mediaType: this.#oci ? ociConfigJSON : dockerConfigJSON,
        size: this.#config.length,
        digest: await hashOf(this.#config),
      },
      layers,
    });
  }
}
