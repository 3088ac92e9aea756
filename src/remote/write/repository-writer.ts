import { Memo } from "../../bytes/index.js";
import type { Reference, Repository } from "../../name/index.js";
import { isDigest } from "../../name/kind.js";
import { configLayer, type Describable, manifests } from "../../partial/index.js";
import { type Descriptor, type Image, type ImageIndex, isDistributable, type Layer } from "../../v1/index.js";
import { unlessNotComputed } from "../../v1/unless-not-computed.js";
import type { Client } from "../auth/client.js";
import type { RemoteOptions } from "../options.js";
import { all } from "../transport/all.js";
import type { JobSlots } from "../transport/job-slots.js";
import { LayerWriter, type LayerWriting } from "./layer-writer.js";
import { ManifestWriter } from "./manifest-writer.js";
import { mountScopes, widenToMount } from "./mount-source.js";
import { OnceTable } from "./once-table.js";
import { describeTaggable, has, isImageLike, isIndexLike, openTaggable, type Taggable } from "./taggable.js";

/**
 * Writes to one repository: what something is made of before itself, and everything once. What runs at a time is bounded by the slots, which
 * only single requests and blobs take, so that nothing that waits for something else holds one.
 */
export class RepositoryWriter {
  readonly #repository: Repository;
  readonly #options: RemoteOptions;
  readonly #client: Client;
  readonly #slots: JobSlots;
  readonly #layers: LayerWriter;
  /** Manifests of which all that belongs to them has been written; by digest, or, before they have one, by what they are. */
  readonly #parts: OnceTable<string | object, Descriptor | undefined> = new OnceTable();
  /** Manifests that have been written themselves, by digest. */
  readonly #written: OnceTable<string, Descriptor> = new OnceTable();
  readonly #manifests: Memo<ManifestWriter> = new Memo((signal) => this.#newManifestWriter(signal));

  constructor(repository: Repository, client: Client, slots: JobSlots, options: RemoteOptions) {
    this.#repository = repository;
    this.#options = options;
    this.#client = client;
    this.#slots = slots;
    this.#layers = new LayerWriter(
      repository,
      (signal) => client.connect(repository, this.#scopes, signal),
      client.retry,
      slots,
      options,
    );
  }

  get #scopes(): readonly string[] {
    return [this.#repository.scope("push,pull")];
  }

  /** Writes one layer. */
  writeLayer(layer: Layer, writing: LayerWriting): Promise<Descriptor> {
    return this.#layers.write(layer, writing);
  }

  /** Writes a manifest only, whatever is there. */
  async put(reference: Reference, taggable: Taggable, signal?: AbortSignal): Promise<Descriptor> {
    const writer = await this.#manifests.get({ signal });
    return this.#slots.run(signal, () => writer.put(reference, taggable, signal));
  }

  /**
   * Writes something with all that belongs to it, unless the reference leads to it already, in which case nothing further is looked at.
   * Images and indexes without a digest yet are looked for when they have one.
   */
  async push(reference: Reference, taggable: Taggable, writing: LayerWriting): Promise<Descriptor> {
    const { signal } = writing;
    const writer = await this.#manifests.get({ signal });
    const early = await describeTaggable(taggable, signal);
    if (early !== undefined && (await this.#isThere(writer, reference, early, signal))) {
      return early;
    }
    const key = early === undefined ? taggable : String(early.digest);
    const described = await this.#parts.run(key, signal, async (shared) => {
      await this.#writeParts(taggable, { ...writing, signal: shared });
      return early ?? (await describeTaggable(taggable, shared));
    });
    if (early === undefined && described !== undefined) {
      this.#parts.set(String(described.digest), described);
      if (await this.#isThere(writer, reference, described, signal)) {
        return described;
      }
    }
    return this.#putOnce(writer, reference, taggable, signal);
  }

  /** Each tag is a name of its own, which may be refused when another is not. A digest need be written to once, or not at all after a tag. */
  async #putOnce(
    writer: ManifestWriter,
    reference: Reference,
    taggable: Taggable,
    signal: AbortSignal | undefined,
  ): Promise<Descriptor> {
    const put = (given: AbortSignal | undefined): Promise<Descriptor> =>
      this.#slots.run(given, () => writer.put(reference, taggable, given));
    if (isDigest(reference)) {
      return this.#written.run(reference.identifier(), signal, put);
    }
    const written = await put(signal);
    this.#written.set(String(written.digest), written);
    return written;
  }

  #isThere(
    writer: ManifestWriter,
    reference: Reference,
    { digest }: Descriptor,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    return this.#slots.run(signal, () => writer.has(reference, digest, signal));
  }

  async #writeParts(taggable: Taggable, writing: LayerWriting): Promise<void> {
    const whole = await openTaggable(taggable, writing.signal);
    if (isIndexLike(whole)) {
      await this.#writeChildren(whole, writing);
    } else if (isImageLike(whole)) {
      await this.#writeBlobs(whole, writing);
    }
  }

  /** Layers and configuration; the latter alone and last, if it depends on streams. */
  async #writeBlobs(image: Image, writing: LayerWriting): Promise<void> {
    const { signal } = writing;
    const layers = await this.#distributable(await image.layers({ signal }), signal);
    const config = await unlessNotComputed(configLayer(image, { signal }));
    const blobs = config === undefined ? layers : [...layers, config];
    await this.#widen(blobs, signal);
    await all(
      signal,
      blobs.map((blob) => (shared) => this.#layers.write(blob, { ...writing, signal: shared })),
    );
    if (config === undefined) {
      await this.#layers.write(await configLayer(image, { signal }), writing);
    }
  }

  async #writeChildren(index: ImageIndex, writing: LayerWriting): Promise<void> {
    const children = await manifests(index, { signal: writing.signal });
    await all(
      writing.signal,
      children.map((child) => (signal) => this.#writeChild(child, { ...writing, signal })),
    );
  }

  /** A child that is only described must be there already; the registry refuses the index if it is not. */
  async #writeChild(child: Describable, writing: LayerWriting): Promise<void> {
    const { signal } = writing;
    if (isIndexLike(child) || isImageLike(child)) {
      await this.#pushChild(child, writing);
    } else if (has(child, "compressed")) {
      const [layer] = await this.#distributable([child as Layer], signal);
      if (layer !== undefined) {
        await this.#widen([layer], signal);
        await this.#layers.write(layer, writing);
      }
    }
  }

  async #pushChild(child: Image | ImageIndex, writing: LayerWriting): Promise<void> {
    const { signal } = writing;
    const known = await describeTaggable(child, signal);
    if (known === undefined) {
      await this.#writeParts(child, writing);
    }
    const digest = known?.digest ?? (await child.digest({ signal }));
    await this.push(this.#repository.digest(digest), child, writing);
  }

  async #distributable(layers: readonly Layer[], signal: AbortSignal | undefined): Promise<readonly Layer[]> {
    if (this.#options.nondistributable === true) {
      return layers;
    }
    const mediaTypes = await Promise.all(layers.map((layer) => layer.mediaType({ signal })));
    return layers.filter((_, index) => isDistributable(mediaTypes[index] ?? ""));
  }

  /** One handshake for all repositories that blobs can be mounted from; if that is refused, each is asked for on its own. */
  async #widen(blobs: readonly Layer[], signal: AbortSignal | undefined): Promise<void> {
    const scopes = mountScopes(blobs, this.#repository);
    if (scopes.length > 0) {
      const connection = await this.#client.connect(this.#repository, this.#scopes, signal);
      await widenToMount(connection, scopes, signal);
    }
  }

  async #newManifestWriter(signal: AbortSignal): Promise<ManifestWriter> {
    const { referrersTagFallback: tagFallback = true, maxManifestBytes } = this.#options;
    const connection = await this.#client.connect(this.#repository, this.#scopes, signal);
    const recording = { tagFallback, maxManifestBytes };
    return new ManifestWriter(connection, this.#repository, this.#client.retry, recording);
  }
}
