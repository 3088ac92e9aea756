import { hashOf, Memo } from "../bytes/index.js";
import { compressedToLayer } from "../partial/index.js";
import {
  type CallOptions,
  type Descriptor,
  type Hash,
  type Image,
  type ImageIndex,
  type IndexManifest,
  isImage,
  isIndex,
  type Layer,
  type MediaType,
  ociImageIndex,
  parseIndexManifest,
} from "../v1/index.js";
import { quote } from "../v1/quote.js";
import type { Blobs } from "./blobs.js";
import { LayoutError, LayoutNotFoundError } from "./layout-error.js";
import { imageAt } from "./layout-image.js";
import { LayoutLayer } from "./layout-layer.js";

/** An index of a layout: `index.json`, or a blob. It is read once, when it is first asked for, and stays as it was then. */
export class LayoutIndex implements ImageIndex {
  readonly #blobs: Blobs;
  readonly #raw: Memo<Uint8Array>;
  readonly #descriptor: Descriptor | undefined;

  /** @param descriptor what names it; undefined for `index.json`, which nothing names */
  constructor(
    blobs: Blobs,
    read: (options: CallOptions) => Promise<Uint8Array>,
    descriptor: Descriptor | undefined,
  ) {
    this.#blobs = blobs;
    this.#raw = new Memo((signal) => read({ signal }));
    this.#descriptor = descriptor;
    if (descriptor !== undefined) this.descriptor = async () => descriptor;
  }

  /** As the index above has it, with its annotations. */
  readonly descriptor?: (options?: CallOptions) => Promise<Descriptor>;

  async mediaType(options?: CallOptions): Promise<MediaType> {
    return this.#descriptor?.mediaType ?? (await this.indexManifest(options)).mediaType ?? ociImageIndex;
  }

  async digest(options?: CallOptions): Promise<Hash> {
    return this.#descriptor?.digest ?? hashOf(await this.#raw.get(options));
  }

  async size(options?: CallOptions): Promise<number> {
    return this.#descriptor?.size ?? (await this.#raw.get(options)).length;
  }

  async indexManifest(options?: CallOptions): Promise<IndexManifest> {
    return parseIndexManifest(await this.#raw.get(options));
  }

  async rawManifest(options?: CallOptions): Promise<Uint8Array> {
    return (await this.#raw.get(options)).slice();
  }

  /** @throws {LayoutNotFoundError} if it lists none of this digest @throws {LayoutError} if that is no image */
  async image(digest: Hash, options?: CallOptions): Promise<Image> {
    return this.imageOf(await this.#listed(digest, options));
  }

  /** @throws {LayoutNotFoundError} if it lists none of this digest @throws {LayoutError} if that is no index */
  async imageIndex(digest: Hash, options?: CallOptions): Promise<LayoutIndex> {
    const descriptor = await this.#listed(digest, options);
    if (!isIndex(descriptor.mediaType)) throw this.#wrong(descriptor, "an index");
    return new LayoutIndex(this.#blobs, (given) => this.#blobs.read(descriptor, given), descriptor);
  }

  /** A blob that it lists, whatever that is. @throws {LayoutNotFoundError} if it lists none of this digest */
  async layer(digest: Hash, options?: CallOptions): Promise<Layer> {
    return compressedToLayer(new LayoutLayer(this.#blobs, await this.#listed(digest, options)));
  }

  /** The image that one of its descriptors names. @throws {LayoutError} if it is no image */
  imageOf(descriptor: Descriptor): Image {
    if (!isImage(descriptor.mediaType)) throw this.#wrong(descriptor, "an image");
    return imageAt(this.#blobs, descriptor);
  }

  async #listed(digest: Hash, options: CallOptions | undefined): Promise<Descriptor> {
    const { manifests = [] } = await this.indexManifest(options);
    const found = manifests.find((each) => each.digest.equals(digest));
    if (found === undefined) {
      throw new LayoutNotFoundError(
        `${this.#name} lists no ${digest}: its manifests are what can be had from it`,
      );
    }
    return found;
  }

  #wrong({ digest, mediaType }: Descriptor, kind: string): LayoutError {
    return new LayoutError(`${this.#name} lists ${digest} as ${quote(mediaType)}, which is not ${kind}`);
  }

  get #name(): string {
    const name = this.#descriptor === undefined ? "index.json" : `the index ${this.#descriptor.digest}`;
    return `${name} of the layout in ${this.#blobs.storage.name}`;
  }
}
