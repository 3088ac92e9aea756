import { verifyBytes } from "../../bytes/index.js";
import { compressedToLayer } from "../../partial/index.js";
import {
  type CallOptions,
  type Descriptor,
  type Hash,
  type Image,
  type ImageIndex,
  type IndexManifest,
  isImage,
  isIndex,
  isSchema1,
  type Layer,
  type MediaType,
  type Platform,
  parseIndexManifest,
  UnsupportedError,
} from "../../v1/index.js";
import { quote } from "../../v1/quote.js";
import { choosePlatform, DEFAULT_PLATFORM } from "./choose-platform.js";
import type { ReadManifest } from "./manifest-reader.js";
import { ManifestUnknownError } from "./manifest-unknown-error.js";
import { imageOf } from "./remote-image.js";
import { DescribedLayer } from "./remote-layer.js";
import type { RepositoryReader } from "./repository-reader.js";

/** An index that has been read; its children are read when they are asked for. */
export class RemoteIndex implements ImageIndex {
  readonly #reader: RepositoryReader;
  readonly #read: ReadManifest;
  readonly #listed: Descriptor | undefined;
  #parsed: IndexManifest | undefined;

  /** @param listed how another index lists it, if it was found there */
  constructor(reader: RepositoryReader, read: ReadManifest, listed?: Descriptor) {
    this.#reader = reader;
    this.#read = read;
    this.#listed = listed;
  }

  async mediaType(): Promise<MediaType> {
    return this.#read.mediaType;
  }

  async digest(): Promise<Hash> {
    return this.#read.digest;
  }

  async size(): Promise<number> {
    return this.#read.bytes.byteLength;
  }

  async indexManifest(): Promise<IndexManifest> {
    this.#parsed ??= parseIndexManifest(this.#read.bytes);
    return this.#parsed;
  }

  async rawManifest(): Promise<Uint8Array> {
    return this.#read.bytes.slice();
  }

  async descriptor(): Promise<Descriptor> {
    const { mediaType, bytes, digest } = this.#read;
    return { mediaType, size: bytes.byteLength, digest, ...this.#listed };
  }

  /** @throws {ManifestUnknownError} if the index lists none with that digest */
  async image(digest: Hash, { signal }: CallOptions = {}): Promise<Image> {
    const listed = await this.#find(digest);
    return openImage(this.#reader, await this.#readChild(listed, signal), listed, signal);
  }

  /** @throws {ManifestUnknownError} if the index lists none with that digest */
  async imageIndex(digest: Hash, { signal }: CallOptions = {}): Promise<ImageIndex> {
    const listed = await this.#find(digest);
    return openIndex(this.#reader, await this.#readChild(listed, signal), listed);
  }

  /** What the index lists that is neither an image nor an index, as a blob. @throws {ManifestUnknownError} */
  async layer(digest: Hash): Promise<Layer> {
    return compressedToLayer(new DescribedLayer(this.#reader, await this.#find(digest)));
  }

  /**
   * The image for the platform that the reader was given.
   *
   * @throws {ManifestUnknownError} if the index lists none
   */
  async imageForPlatform({ signal }: CallOptions = {}): Promise<Image> {
    const { platform } = this.#reader.options;
    const manifests = (await this.indexManifest()).manifests ?? [];
    const chosen = choosePlatform(manifests, platform);
    if (chosen === undefined) {
      const listed = manifests.map((each): Platform => each.platform ?? DEFAULT_PLATFORM);
      throw new ManifestUnknownError(this.#name, platform, listed);
    }
    return openImage(this.#reader, await this.#readChild(chosen, signal), chosen, signal);
  }

  get #name(): string {
    return `the index ${this.#reader.repository.name()}@${this.#read.digest}`;
  }

  async #find(digest: Hash): Promise<Descriptor> {
    const found = (await this.indexManifest()).manifests?.find((each) => each.digest.equals(digest));
    if (found === undefined) {
      throw new ManifestUnknownError(this.#name, digest);
    }
    return found;
  }

  /** A child that its descriptor carries itself is not asked for. */
  async #readChild(child: Descriptor, signal: AbortSignal | undefined): Promise<ReadManifest> {
    const { data, digest, size, mediaType } = child;
    const what = `manifest ${digest}`;
    if (data !== undefined) {
      await verifyBytes(data, { digest, size, what });
      return { bytes: new Uint8Array(data), mediaType, digest };
    }
    const read = await this.#reader.manifest(this.#reader.repository.digest(digest), signal);
    await verifyBytes(read.bytes, { digest: read.digest, size, what });
    return read;
  }
}

/**
 * A manifest that was read, as an image. Of an index it is the image for the reader's platform. What is of an unknown type is taken for an
 * image, and fails where it is none.
 *
 * @throws {UnsupportedError} if it is of Docker's first schema, whose images have no configuration of their own
 * @throws {ManifestUnknownError} if it is an index without an image for the platform
 */
export async function openImage(
  reader: RepositoryReader,
  read: ReadManifest,
  listed?: Descriptor,
  signal?: AbortSignal,
): Promise<Image> {
  if (isIndex(read.mediaType)) {
    return new RemoteIndex(reader, read, listed).imageForPlatform({ signal });
  }
  if (isSchema1(read.mediaType)) {
    throw new UnsupportedError(
      `${reader.repository.name()}@${read.digest} is a manifest of Docker's first schema, which has no configuration: push the image anew with a current client, or read its layers with schema1() of what get() gives`,
    );
  }
  return imageOf(reader, read, listed);
}

/**
 * A manifest that was read, as an index.
 *
 * @throws {UnsupportedError} if it is none
 */
export function openIndex(reader: RepositoryReader, read: ReadManifest, listed?: Descriptor): ImageIndex {
  if (!isIndex(read.mediaType)) {
    throw new UnsupportedError(
      `${reader.repository.name()}@${read.digest} is no index but ${quote(read.mediaType)}${
        isImage(read.mediaType) ? ": read it as an image" : ""
      }`,
    );
  }
  return new RemoteIndex(reader, read, listed);
}
