import { quietly, unlessAborted } from "../bytes/index.js";
import { descriptor, type Matcher } from "../partial/index.js";
import type { CallOptions, Descriptor, Hash, Image, ImageIndex, Layer } from "../v1/index.js";
import { Blobs } from "./blobs.js";
import { collectGarbage, type GarbageOptions } from "./garbage.js";
import { IndexFile } from "./index-file.js";
import { LayoutError } from "./layout-error.js";
import { LayoutIndex } from "./layout-index.js";
import type { LayoutStorage } from "./storage.js";
import { writeChildren, writeImage, writeIndex, writeLayer } from "./write.js";
import { type AppendOptions, described, type WriteOptions, writingOf } from "./write-options.js";

/** How a layout is read. */
export interface LayoutOptions extends CallOptions {
  /** The most bytes that `index.json`, a manifest or a configuration may have. Default: 4 MiB. */
  readonly maxManifestBytes?: number | undefined;
}

/**
 * A layout of images (OCI image-spec, image-layout.md) in a storage: blobs under their digests, and `index.json`, which lists what
 * can be found in it by name.
 *
 * What is read is verified. What is written appears as a whole or not at all, blobs before what lists them; and changes of
 * `index.json` that are made at once, by whomever, are all there afterwards.
 */
export class Layout {
  readonly #blobs: Blobs;
  readonly #index: IndexFile;

  /** {@link fromStorage} is the usual way. */
  constructor(storage: LayoutStorage, { maxManifestBytes }: LayoutOptions = {}) {
    this.#blobs = new Blobs(storage, maxManifestBytes);
    this.#index = new IndexFile(storage, maxManifestBytes);
  }

  /** Where the layout is kept. */
  get storage(): LayoutStorage {
    return this.#blobs.storage;
  }

  /**
   * The index that is `index.json`, as it is when it is first asked for something, or an index that it lists.
   *
   * @throws {LayoutNotFoundError} if it lists none of this digest
   * @throws {LayoutError} if that is no index
   */
  async imageIndex(digest?: Hash, options?: CallOptions): Promise<ImageIndex> {
    const top = this.#top();
    return digest === undefined ? top : top.imageIndex(digest, options);
  }

  /**
   * An image that `index.json` lists; without a digest, the only one.
   *
   * @throws {LayoutNotFoundError} if it lists none of this digest
   * @throws {LayoutError} if that is no image, or a digest is needed to tell which one is meant
   */
  async image(digest?: Hash, options?: CallOptions): Promise<Image> {
    const top = this.#top();
    if (digest !== undefined) return top.image(digest, options);
    const { manifests = [] } = await top.indexManifest(options);
    const [only] = manifests;
    if (only === undefined || manifests.length > 1) {
      throw new LayoutError(
        `the layout in ${this.storage.name} lists ${manifests.length} manifests, so that it is not clear which image is meant: give a digest`,
      );
    }
    return top.imageOf(only);
  }

  /**
   * Opens a blob; its stream fails before its last bytes if they are not those of the digest.
   *
   * @throws {LayoutNotFoundError} if there is none
   * @throws {LayoutError} if its file is no plain file
   */
  blob(digest: Hash, options?: CallOptions): Promise<ReadableStream<Uint8Array>> {
    return this.#blobs.open({ digest }, options);
  }

  /**
   * Reads a blob into memory.
   *
   * @throws {SizeLimitError} if it has more bytes than `maxBytes`, or than a manifest may have
   * @throws what {@link blob} and its stream throw
   */
  bytes(
    digest: Hash,
    options?: CallOptions & { readonly maxBytes?: number | undefined },
  ): Promise<Uint8Array<ArrayBuffer>> {
    return this.#blobs.read({ digest }, options);
  }

  /**
   * Writes a blob, unless one of this digest and size is there.
   *
   * @param size bytes; undefined if it isn't known: then a blob of any size is taken for it
   * @param content its bytes; not touched, but cancelled, if they aren't needed
   * @throws {VerificationError} if they are others; nothing of them is kept
   */
  async writeBlob(
    digest: Hash,
    size: number | undefined,
    content: ReadableStream<Uint8Array>,
    options: WriteOptions = {},
  ): Promise<void> {
    let isOpen = false;
    const open = async (): Promise<ReadableStream<Uint8Array>> => {
      isOpen = true;
      return content;
    };
    try {
      await this.#blobs.write({ digest, size }, open, writingOf(options));
    } finally {
      if (!isOpen) quietly(content.cancel());
    }
  }

  /**
   * Writes a layer, unless it is there. One that knows its digest only when it has been read goes straight in, and is named
   * afterwards.
   *
   * @returns its digest
   * @throws {VerificationError} if its bytes are others than it says; nothing of them is kept
   */
  writeLayer(layer: Layer, options: WriteOptions = {}): Promise<Hash> {
    return writeLayer(this.#blobs, layer, writingOf(options));
  }

  /** Writes an image, streaming layers included, without listing it. @returns the manifest's digest */
  writeImage(image: Image, options: WriteOptions = {}): Promise<Hash> {
    return writeImage(this.#blobs, image, writingOf(options));
  }

  /** Writes an index and all that is in it, without listing it. @returns its digest */
  writeIndex(index: ImageIndex, options: WriteOptions = {}): Promise<Hash> {
    return writeIndex(this.#blobs, index, writingOf(options));
  }

  /** Writes an image and lists it. */
  appendImage(image: Image, options: AppendOptions = {}): Promise<void> {
    return this.replaceImage(image, undefined, options);
  }

  /** Writes an index and all that is in it, and lists it. */
  appendIndex(index: ImageIndex, options: AppendOptions = {}): Promise<void> {
    return this.replaceIndex(index, undefined, options);
  }

  /** Lists what a descriptor names, which is not looked at, and may not be there. */
  appendDescriptor(descriptor: Descriptor, options?: CallOptions): Promise<void> {
    return this.#index.edit({ add: descriptor }, options);
  }

  /** Writes an image, and lists it in place of what matches; all at once, so that one of both is always listed. */
  async replaceImage(image: Image, matcher: Matcher | undefined, options: AppendOptions = {}): Promise<void> {
    await this.#index.check(options);
    await writeImage(this.#blobs, image, writingOf(options));
    const add = described(await descriptor(image, options), options);
    await this.#index.edit({ remove: matcher, add }, options);
  }

  /** Writes an index and all that is in it, and lists it in place of what matches. */
  async replaceIndex(
    index: ImageIndex,
    matcher: Matcher | undefined,
    options: AppendOptions = {},
  ): Promise<void> {
    await this.#index.check(options);
    await writeIndex(this.#blobs, index, writingOf(options));
    const add = described(await descriptor(index, options), options);
    await this.#index.edit({ remove: matcher, add }, options);
  }

  /** Takes what matches from the list. The blobs stay, until {@link garbageCollect} removes them. */
  removeDescriptors(matcher: Matcher, options?: CallOptions): Promise<void> {
    return this.#index.edit({ remove: matcher }, options);
  }

  /** Removes a blob, whether it is listed or not; there may be none. */
  async removeBlob(digest: Hash, options?: CallOptions): Promise<void> {
    await this.storage.remove(digest, options);
  }

  /**
   * Finds the blobs that nothing in `index.json` leads to, and removes them if it is told to.
   *
   * @returns those that were found or, if they are to be removed, those that were
   * @throws {LayoutError} if it can't be known what leads where, because something is listed whose kind is unknown
   * @throws {LayoutNotFoundError} if a manifest is listed that isn't there; nothing is then removed
   */
  garbageCollect(options: GarbageOptions = {}): Promise<readonly Hash[]> {
    return collectGarbage(this.#blobs, this.#index, options);
  }

  #top(): LayoutIndex {
    return new LayoutIndex(this.#blobs, (options) => this.#index.read(options), undefined);
  }
}

/**
 * Opens the layout in a storage.
 *
 * @throws {LayoutNotFoundError} if there is none
 * @throws {LayoutError} if it is of a version that isn't known
 */
export async function fromStorage(storage: LayoutStorage, options: LayoutOptions = {}): Promise<Layout> {
  await new IndexFile(storage, options.maxManifestBytes).check(options);
  return new Layout(storage, options);
}

/**
 * Writes an index and all that is in it as a layout: it becomes `index.json`, in place of one that was there, and of which the blobs
 * stay.
 *
 * @throws {LayoutError} if there is a layout of a version that isn't known
 */
export async function write(
  storage: LayoutStorage,
  index: ImageIndex,
  options: LayoutOptions & WriteOptions = {},
): Promise<Layout> {
  const { maxManifestBytes } = options;
  const file = new IndexFile(storage, maxManifestBytes);
  await file.mark(options);
  await writeChildren(new Blobs(storage, maxManifestBytes), index, writingOf(options));
  await file.replace(await unlessAborted(options.signal, index.rawManifest(options)), options);
  return new Layout(storage, options);
}
