import { hashOf, Memo } from "../bytes/index.js";
import { BlobUnknownError, descriptor } from "../partial/index.js";
import {
  type CallOptions,
  encodeIndexManifest,
  type Hash,
  type Image,
  type ImageIndex,
  type IndexManifest,
  type MediaType,
  ociImageIndex,
  parseIndexManifest,
} from "../v1/index.js";
import { image } from "./image.js";
import { type RandomOptions, sourceOf, whole } from "./options.js";

/**
 * Makes an index of so many random images, of OCI's media type. Nothing is made before it is asked for.
 *
 * @param byteSize of the one file in each layer
 * @param layers how many each image has
 * @param count how many images; each has other bytes
 * @throws {RandomError} if a number is none that can be used
 */
export function index(
  byteSize: number,
  layers: number,
  count: number,
  options: RandomOptions = {},
): ImageIndex {
  const source = sourceOf(options);
  return new RandomIndex(
    Array.from({ length: whole("number of images", count) }, () => image(byteSize, layers, { source })),
  );
}

class RandomIndex implements ImageIndex {
  readonly #images: readonly Image[];
  readonly #manifest: Memo<Uint8Array> = new Memo((signal) => this.#describe({ signal }));

  constructor(images: readonly Image[]) {
    this.#images = images;
  }

  async mediaType(): Promise<MediaType> {
    return ociImageIndex;
  }

  async digest(options?: CallOptions): Promise<Hash> {
    return hashOf(await this.#manifest.get(options));
  }

  async size(options?: CallOptions): Promise<number> {
    return (await this.#manifest.get(options)).length;
  }

  async indexManifest(options?: CallOptions): Promise<IndexManifest> {
    return parseIndexManifest(await this.#manifest.get(options));
  }

  async rawManifest(options?: CallOptions): Promise<Uint8Array> {
    return (await this.#manifest.get(options)).slice();
  }

  /** @throws {BlobUnknownError} if there is none */
  async image(digest: Hash, options?: CallOptions): Promise<Image> {
    for (const each of this.#images) {
      if ((await each.digest(options)).equals(digest)) return each;
    }
    throw new BlobUnknownError("blob", digest);
  }

  /** @throws {BlobUnknownError} always: there are no indexes in it */
  async imageIndex(digest: Hash): Promise<ImageIndex> {
    throw new BlobUnknownError("blob", digest);
  }

  async #describe(options: CallOptions): Promise<Uint8Array> {
    const manifests = [];
    for (const each of this.#images) {
      const { mediaType, size, digest } = await descriptor(each, options);
      manifests.push({ mediaType, size, digest });
    }
    return encodeIndexManifest({ schemaVersion: 2, mediaType: ociImageIndex, manifests });
  }
}
