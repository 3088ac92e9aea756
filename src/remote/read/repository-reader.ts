import { Memo } from "../../bytes/index.js";
import type { Reference, Repository } from "../../name/index.js";
import { isDigest } from "../../name/kind.js";
import {
  type Descriptor,
  type Hash,
  type MediaType,
  type Platform,
  VerificationError,
} from "../../v1/index.js";
import type { Client } from "../auth/client.js";
import type { Connection } from "../auth/connection.js";
import { type BlobQuery, BlobReader } from "./blob-reader.js";
import { ManifestReader, type ReadManifest } from "./manifest-reader.js";

/** How a repository is read. */
export interface ReadingOptions {
  readonly maxManifestBytes?: number | undefined;
  /** What an image is chosen for from an index. */
  readonly platform: Platform;
}

/** Reads from one repository. It asks nothing before it is asked something. */
export class RepositoryReader {
  readonly repository: Repository;
  readonly options: ReadingOptions;
  readonly #client: Client;
  readonly #blobs: Memo<BlobReader>;
  readonly #manifests: Memo<ManifestReader>;

  constructor(repository: Repository, client: Client, options: ReadingOptions) {
    this.repository = repository;
    this.options = options;
    this.#client = client;
    const { transport, retry } = client;
    this.#blobs = new Memo(
      async (signal) => new BlobReader(await this.#connect(signal), repository, transport, retry),
    );
    this.#manifests = new Memo(
      async (signal) => new ManifestReader(await this.#connect(signal), repository, retry),
    );
  }

  /** Reads a manifest. @param accept kinds of manifests that are wanted; by default all */
  async manifest(
    reference: Reference,
    signal?: AbortSignal,
    accept?: readonly MediaType[],
  ): Promise<ReadManifest> {
    const manifests = await this.#manifests.get({ signal });
    const expected = isDigest(reference) ? reference.digest() : undefined;
    const { maxManifestBytes } = this.options;
    return manifests.get(reference.identifier(), expected, { accept, maxManifestBytes, signal });
  }

  /** Asks what a manifest is. @throws {VerificationError} if it has another digest than was asked for */
  async head(reference: Reference, signal?: AbortSignal): Promise<Descriptor> {
    const manifests = await this.#manifests.get({ signal });
    const { digest, size, ...rest } = (await manifests.head(reference.identifier(), { signal }))!;
    if (isDigest(reference) && !reference.digest().equals(digest)) {
      throw new VerificationError(
        `the manifest ${reference.name()}`,
        { digest: reference.digest() },
        { digest, size },
      );
    }
    return { ...rest, size, digest };
  }

  /** Opens a blob, as `BlobReader.open` does. */
  async blob(blob: BlobQuery, signal?: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    return (await this.#blobs.get({ signal })).open(blob, signal);
  }

  /** The number of bytes of a blob. */
  async blobSize(digest: Hash, signal?: AbortSignal): Promise<number> {
    return (await this.#blobs.get({ signal })).size(digest, signal);
  }

  /** Whether the repository has a blob. */
  async hasBlob(digest: Hash, signal?: AbortSignal): Promise<boolean> {
    return (await this.#blobs.get({ signal })).has(digest, signal);
  }

  #connect(signal: AbortSignal): Promise<Connection> {
    return this.#client.connect(this.repository, [this.repository.scope("pull")], signal);
  }
}
