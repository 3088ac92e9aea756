import { ComposedImage } from "../partial/composed-image.js";
import { BlobUnknownError, configLayer } from "../partial/index.js";
import {
  type CallOptions,
  dockerConfigJSON,
  dockerManifestSchema2,
  type Hash,
  type Layer,
  ociConfigJSON,
  ociManifestSchema1,
} from "../v1/index.js";

/** An image of a tarball, which has a configuration and layers, and no manifest of OCI's or of Docker's registry. */
export class TarballImage extends ComposedImage {
  readonly #config: Uint8Array;
  readonly #layers: readonly Layer[];
  readonly #byDiffID: ReadonlyMap<string, Layer>;

  /**
   * @param diffIDs what the configuration lists
   * @param layers the layers with these diffIDs, in their order
   * @param oci whether the manifest is of OCI's types, instead of Docker's
   */
  constructor(config: Uint8Array, diffIDs: readonly Hash[], layers: readonly Layer[], oci: boolean) {
    super(
      oci
        ? { manifest: ociManifestSchema1, config: ociConfigJSON }
        : { manifest: dockerManifestSchema2, config: dockerConfigJSON },
    );
    this.#config = config;
    this.#layers = layers;
    // The first of several stands.
    this.#byDiffID = new Map(diffIDs.map((each, index) => [String(each), layers[index]!] as const).reverse());
  }

  async layers(): Promise<readonly Layer[]> {
    return [...this.#layers];
  }

  async rawConfigFile(): Promise<Uint8Array> {
    return this.#config.slice();
  }

  /** The layer, or the configuration, that has this digest. */
  override async layerByDigest(hash: Hash, options?: CallOptions): Promise<Layer> {
    if (hash.equals(await this.configName(options))) return configLayer(this, options);
    return super.layerByDigest(hash, options);
  }

  async layerByDiffID(diffID: Hash): Promise<Layer> {
    const found = this.#byDiffID.get(String(diffID));
    if (found === undefined) throw new BlobUnknownError("diffID", diffID);
    return found;
  }
}
