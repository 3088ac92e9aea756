import { hashOf, Memo } from "../bytes/index.js";
import {
  type CallOptions,
  type ConfigFile,
  type Descriptor,
  encodeManifest,
  type Hash,
  type Image,
  type Layer,
  type Manifest,
  type MediaType,
} from "../v1/index.js";
import { configFile, configName } from "./config.js";
import { descriptor } from "./descriptor.js";
import { BlobUnknownError } from "./errors.js";
import { digest, size } from "./manifest.js";

/** What a manifest that is made up says that it and its configuration are. */
export interface ComposedTypes {
  readonly manifest: MediaType;
  readonly config: MediaType;
}

/** A manifest that was made up, and the layers that it lists, by their digests. */
interface Composition {
  readonly manifest: Manifest;
  readonly raw: Uint8Array;
  readonly layers: ReadonlyMap<string, Layer>;
}

/**
 * An image whose manifest is made of its configuration and its layers. It is made when it is first needed, which takes the
 * digest of every layer, and kept.
 */
export abstract class ComposedImage implements Image {
  readonly #types: ComposedTypes;
  readonly #composition: Memo<Composition> = new Memo((signal) => this.#compose({ signal }));

  constructor(types: ComposedTypes) {
    this.#types = types;
  }

  abstract layers(options?: CallOptions): Promise<readonly Layer[]>;

  abstract rawConfigFile(options?: CallOptions): Promise<Uint8Array>;

  abstract layerByDiffID(diffID: Hash, options?: CallOptions): Promise<Layer>;

  async mediaType(): Promise<MediaType> {
    return this.#types.manifest;
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

  digest(options?: CallOptions): Promise<Hash> {
    return digest(this, options);
  }

  async manifest(options?: CallOptions): Promise<Manifest> {
    return (await this.#composition.get(options)).manifest;
  }

  async rawManifest(options?: CallOptions): Promise<Uint8Array> {
    return (await this.#composition.get(options)).raw.slice();
  }

  /** @throws {BlobUnknownError} if there is no layer with this digest */
  async layerByDigest(hash: Hash, options?: CallOptions): Promise<Layer> {
    const found = (await this.#composition.get(options)).layers.get(String(hash));
    if (found === undefined) throw new BlobUnknownError("blob", hash);
    return found;
  }

  async #compose(options: CallOptions): Promise<Composition> {
    const config = await this.rawConfigFile(options);
    const listed: Descriptor[] = [];
    const layers = new Map<string, Layer>();
    for (const layer of await this.layers(options)) {
      const own = await descriptor(layer, options);
      listed.push(own);
      const name = String(own.digest);
      if (!layers.has(name)) layers.set(name, layer);
    }
    const manifest: Manifest = {
      schemaVersion: 2,
      mediaType: this.#types.manifest,
      config: { mediaType: this.#types.config, size: config.length, digest: await hashOf(config) },
      layers: listed,
    };
    return { manifest, raw: encodeManifest(manifest), layers };
  }
}
