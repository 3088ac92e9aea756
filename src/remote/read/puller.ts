import type { Digest, Reference, Registry, Repository } from "../../name/index.js";
import { compressedToLayer } from "../../partial/index.js";
import type { CallOptions, Descriptor, Image, ImageIndex, Layer } from "../../v1/index.js";
import { Client } from "../auth/client.js";
import { namesIn, withPageSize } from "../discover/names.js";
import { pages } from "../discover/pages.js";
import { readReferrers } from "../discover/referrers.js";
import type { ReferrersFilter, RemoteOptions } from "../options.js";
import { operation } from "../transport/operation.js";
import { DEFAULT_PLATFORM } from "./choose-platform.js";
import { RemoteDescriptor } from "./remote-descriptor.js";
import { RemoteIndex } from "./remote-index.js";
import { RemoteLayer } from "./remote-layer.js";
import { RepositoryReader } from "./repository-reader.js";

/** Reads from registries, and remembers for the next call how it got in. A failure is not remembered. */
export class Puller {
  readonly #options: RemoteOptions;
  readonly #client: Client;
  readonly #readers: Map<string, RepositoryReader> = new Map();

  /** Use {@link newPuller}. */
  constructor(options: RemoteOptions) {
    this.#options = options;
    this.#client = new Client(options);
  }

  /** Reads a manifest, as `get` does. */
  get(reference: Reference, { signal }: CallOptions = {}): Promise<RemoteDescriptor> {
    return operation(`reading ${reference.name()}`, signal, async () => {
      const reader = this.#readerOf(reference.context());
      return new RemoteDescriptor(reader, await reader.manifest(reference, signal));
    });
  }

  /** Asks what a manifest is, as `head` does. */
  head(reference: Reference, { signal }: CallOptions = {}): Promise<Descriptor> {
    return operation(`reading ${reference.name()}`, signal, () =>
      this.#readerOf(reference.context()).head(reference, signal),
    );
  }

  /** Reads an image's manifest, as `image` does. */
  image(reference: Reference, options: CallOptions = {}): Promise<Image> {
    return operation(`reading ${reference.name()}`, options.signal, async () =>
      (await this.get(reference, options)).image(options),
    );
  }

  /** Reads an index, as `index` does. */
  async index(reference: Reference, options: CallOptions = {}): Promise<ImageIndex> {
    return (await this.get(reference, options)).imageIndex();
  }

  /** A blob as a layer, as `layer` does. Nothing is asked. */
  layer(reference: Digest): Layer {
    return compressedToLayer(new RemoteLayer(this.#readerOf(reference.context()), reference.digest()));
  }

  /** The tags of a repository, page by page. */
  async *lister(
    repository: Repository,
    { signal }: CallOptions = {},
  ): AsyncGenerator<readonly string[], void, undefined> {
    const connection = await this.#client.connect(repository, [repository.scope("pull")], signal);
    const url = new URL(`${connection.root.href}${repository.repositoryStr()}/tags/list`);
    const { pageSize, maxManifestBytes } = this.#options;
    const query = { connection, retry: this.#client.retry, maxManifestBytes, signal };
    for await (const page of pages(withPageSize(url, pageSize), query)) {
      yield namesIn(page, "tags");
    }
  }

  /** The tags of a repository, as `list` gives them. */
  list(repository: Repository, options: CallOptions = {}): Promise<readonly string[]> {
    return operation(`listing the tags of ${repository}`, options.signal, () =>
      gathered(this.lister(repository, options)),
    );
  }

  /**
   * The repositories of a registry, page by page.
   *
   * @param last the repository to begin after
   */
  async *cataloger(
    registry: Registry,
    { signal, last }: CallOptions & { readonly last?: string | undefined } = {},
  ): AsyncGenerator<readonly string[], void, undefined> {
    const connection = await this.#client.connect(registry, [registry.scope("*")], signal);
    const url = new URL(`${connection.root.href}_catalog`);
    if (last !== undefined) {
      url.searchParams.set("last", last);
    }
    const { pageSize, maxManifestBytes } = this.#options;
    const query = { connection, retry: this.#client.retry, maxManifestBytes, signal };
    for await (const page of pages(withPageSize(url, pageSize), query)) {
      yield namesIn(page, "repositories");
    }
  }

  /** The repositories of a registry, as `catalog` gives them. */
  catalog(registry: Registry, options: CallOptions = {}): Promise<readonly string[]> {
    return operation(`listing the repositories of ${registry}`, options.signal, () =>
      gathered(this.cataloger(registry, options)),
    );
  }

  /** What refers to a manifest, as `referrers` gives it. */
  referrers(
    subject: Digest,
    options: CallOptions & { readonly filter?: ReferrersFilter | undefined } = {},
  ): Promise<ImageIndex> {
    const { signal, filter = this.#options.filter } = options;
    return operation(`listing what refers to ${subject.name()}`, signal, async () => {
      const repository = subject.context();
      const reader = this.#readerOf(repository);
      const { maxManifestBytes, referrersTagFallback: tagFallback = true } = this.#options;
      const read = await readReferrers(reader, subject, {
        connection: await this.#client.connect(repository, [repository.scope("pull")], signal),
        retry: this.#client.retry,
        artifactType: filter?.artifactType,
        maxManifestBytes,
        tagFallback,
        signal,
      });
      return new RemoteIndex(reader, read);
    });
  }

  #readerOf(repository: Repository): RepositoryReader {
    const key = `${repository.scheme()} ${repository}`;
    const { maxManifestBytes, platform = DEFAULT_PLATFORM } = this.#options;
    const reader =
      this.#readers.get(key) ??
      new RepositoryReader(repository, this.#client, { maxManifestBytes, platform });
    this.#readers.set(key, reader);
    return reader;
  }
}

/**
 * Makes a puller. Nothing is asked of any registry before something is read. A signal is given to each call, and not
 * heeded among the options here.
 *
 * @throws {RemoteOptionError} if the options contradict each other
 */
export function newPuller(options: RemoteOptions = {}): Puller {
  return new Puller(options);
}

async function gathered(lists: AsyncIterable<readonly string[]>): Promise<readonly string[]> {
  const all: (readonly string[])[] = [];
  for await (const list of lists) {
    all.push(list);
  }
  return all.flat();
}
