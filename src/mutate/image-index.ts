import { Memo, unlessAborted } from "../bytes/index.js";
import { computeManifests, type Describable, manifests, optionalMethod } from "../partial/index.js";
import type { CallOptions, Hash, Image, ImageIndex, IndexManifest, Layer, MediaType } from "../v1/index.js";
import { unlessNotComputed } from "../v1/unless-not-computed.js";
import { ChildNotFoundError } from "./child-not-found.js";
import { type ComputedIndex, computeIndex, type IndexMutation, keptManifests } from "./compute-index.js";
import { type Appendable, describeIndexAddition } from "./index-addition.js";
import { isImage, isImageIndex, isLayer } from "./kind.js";

/**
 * An index that differs from another in some way. What it is is computed when it is first asked for, and kept; while it
 * cannot be computed, because a child has a stream that has not been read to its end, {@link manifests}, {@link mediaType}
 * and the children whose digests are known are there.
 */
export class MutatedIndex implements ImageIndex {
  readonly #base: ImageIndex;
  readonly #mutation: IndexMutation;
  readonly #computed: Memo<ComputedIndex>;

  constructor(base: ImageIndex, mutation: IndexMutation) {
    this.#base = base;
    this.#mutation = mutation;
    this.#computed = new Memo((signal) => computeIndex(base, mutation, { signal }));
  }

  async mediaType(options?: CallOptions): Promise<MediaType> {
    return this.#mutation.mediaType ?? this.#base.mediaType(options);
  }

  async digest(options?: CallOptions): Promise<Hash> {
    return (await this.#computed.get(options)).digest;
  }

  async size(options?: CallOptions): Promise<number> {
    return (await this.#computed.get(options)).raw.length;
  }

  async indexManifest(options?: CallOptions): Promise<IndexManifest> {
    return (await this.#computed.get(options)).manifest;
  }

  async rawManifest(options?: CallOptions): Promise<Uint8Array> {
    return (await this.#computed.get(options)).raw.slice();
  }

  /** The base's children and the added ones, as they were given: nothing has to be known of these. */
  async manifests(options: CallOptions = {}): Promise<readonly Describable[]> {
    const { additions = [] } = this.#mutation;
    return [...(await this.#keptChildren(options)), ...additions.map(({ add }) => add)];
  }

  async image(digest: Hash, options: CallOptions = {}): Promise<Image> {
    const child = await this.#find(digest, options);
    if (child === undefined) return this.#base.image(digest, options);
    if (isImage(child)) return child;
    throw new ChildNotFoundError("image", digest);
  }

  async imageIndex(digest: Hash, options: CallOptions = {}): Promise<ImageIndex> {
    const child = await this.#find(digest, options);
    if (child === undefined) return this.#base.imageIndex(digest, options);
    if (isImageIndex(child)) return child;
    throw new ChildNotFoundError("index", digest);
  }

  /**
   * The layer with this digest.
   *
   * @throws {ChildNotFoundError} if the index lists none
   */
  async layer(digest: Hash, options: CallOptions = {}): Promise<Layer> {
    const child = await this.#find(digest, options);
    const own = optionalMethod(this.#base, "layer");
    if (child === undefined && own !== undefined) return own(digest, options);
    if (child !== undefined && isLayer(child)) return child;
    throw new ChildNotFoundError("layer", digest);
  }

  async #keptChildren(options: CallOptions): Promise<readonly Describable[]> {
    const base = this.#base;
    if (this.#mutation.remove === undefined) return manifests(base, options);
    const manifest = await unlessNotComputed(unlessAborted(options.signal, base.indexManifest(options)));
    if (manifest === undefined) return manifests(base, options);
    const kept = keptManifests(manifest, this.#mutation);
    const layer = optionalMethod(base, "layer");
    return computeManifests(
      {
        indexManifest: async () => ({ ...manifest, manifests: kept }),
        image: (digest, options) => base.image(digest, options),
        imageIndex: (digest, options) => base.imageIndex(digest, options),
        ...(layer && { layer }),
      },
      options,
    );
  }

  /**
   * The added child with this digest; undefined if it is one of the base's.
   *
   * @throws {ChildNotFoundError} if the index lists none, as far as its children's digests are known
   */
  async #find(digest: Hash, options: CallOptions): Promise<Appendable | undefined> {
    const computed = await unlessNotComputed(this.#computed.get(options));
    if (computed !== undefined) {
      if (!lists(computed.manifest.manifests, digest)) throw new ChildNotFoundError("child", digest);
      return computed.added.get(String(digest));
    }
    for (const addition of this.#mutation.additions ?? []) {
      const descriptor = await unlessNotComputed(describeIndexAddition(addition, options));
      if (descriptor?.digest.equals(digest)) return addition.add;
    }
    return undefined;
  }
}

function lists(manifests: IndexManifest["manifests"], digest: Hash): boolean {
  return manifests?.some((each) => each.digest.equals(digest)) ?? false;
}
