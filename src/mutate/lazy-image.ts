import { Memo } from "../bytes/index.js";
import { configLayer } from "../partial/index.js";
import type { CallOptions, ConfigFile, Hash, Image, Layer, Manifest, MediaType } from "../v1/index.js";

/** An image that is made when something of it is first asked for. */
export class LazyImage implements Image {
  readonly #image: Memo<Image>;

  constructor(make: (options: CallOptions) => Promise<Image>) {
    this.#image = new Memo((signal) => make({ signal }));
  }

  async layers(options?: CallOptions): Promise<readonly Layer[]> {
    return (await this.#image.get(options)).layers(options);
  }

  async mediaType(options?: CallOptions): Promise<MediaType> {
    return (await this.#image.get(options)).mediaType(options);
  }

  async size(options?: CallOptions): Promise<number> {
    return (await this.#image.get(options)).size(options);
  }

  async configName(options?: CallOptions): Promise<Hash> {
    return (await this.#image.get(options)).configName(options);
  }

  async configFile(options?: CallOptions): Promise<ConfigFile> {
    return (await this.#image.get(options)).configFile(options);
  }

  async rawConfigFile(options?: CallOptions): Promise<Uint8Array> {
    return (await this.#image.get(options)).rawConfigFile(options);
  }

  async configLayer(options?: CallOptions): Promise<Layer> {
    return configLayer(await this.#image.get(options), options);
  }

  async digest(options?: CallOptions): Promise<Hash> {
    return (await this.#image.get(options)).digest(options);
  }

  async manifest(options?: CallOptions): Promise<Manifest> {
    return (await this.#image.get(options)).manifest(options);
  }

  async rawManifest(options?: CallOptions): Promise<Uint8Array> {
    return (await this.#image.get(options)).rawManifest(options);
  }

  async layerByDigest(digest: Hash, options?: CallOptions): Promise<Layer> {
    return (await this.#image.get(options)).layerByDigest(digest, options);
  }

  async layerByDiffID(diffID: Hash, options?: CallOptions): Promise<Layer> {
    return (await this.#image.get(options)).layerByDiffID(diffID, options);
  }
}
