import { Memo } from "../../bytes/index.js";
import { Digest } from "../../name/index.js";
import type { CompressedLayer } from "../../partial/index.js";
import {
  type CallOptions,
  type Descriptor,
  dockerLayer,
  type Hash,
  type MediaType,
  type ReadOptions,
} from "../../v1/index.js";
import type { RepositoryReader } from "./repository-reader.js";

/** A blob of a repository as a layer, of which only the digest may be known. Nothing is asked before it is needed. */
export class RemoteLayer implements CompressedLayer {
  /** Where it is: other repositories of the registry can have it mounted from there. */
  readonly reference: Digest;
  readonly #reader: RepositoryReader;
  readonly #size: Memo<number> = new Memo((signal) => this.#reader.blobSize(this.reference.digest(), signal));

  constructor(reader: RepositoryReader, digest: Hash) {
    this.#reader = reader;
    this.reference = new Digest(reader.repository, digest);
  }

  async digest(): Promise<Hash> {
    return this.reference.digest();
  }

  size(options?: CallOptions): Promise<number> {
    return this.#size.get(options);
  }

  /** Nothing tells what it is: it is taken for what most layers are. */
  async mediaType(): Promise<MediaType> {
    return dockerLayer;
  }

  exists({ signal }: CallOptions = {}): Promise<boolean> {
    return this.#reader.hasBlob(this.reference.digest(), signal);
  }

  compressed({ signal }: ReadOptions = {}): Promise<ReadableStream<Uint8Array>> {
    return this.#reader.blob({ digest: this.reference.digest() }, signal);
  }
}

/** A layer that a manifest describes. */
export class DescribedLayer implements CompressedLayer {
  readonly reference: Digest;
  readonly #reader: RepositoryReader;
  readonly #descriptor: Descriptor;

  constructor(reader: RepositoryReader, descriptor: Descriptor) {
    this.#reader = reader;
    this.#descriptor = descriptor;
    this.reference = new Digest(reader.repository, descriptor.digest);
  }

  /** As the manifest has it. */
  async descriptor(): Promise<Descriptor> {
    return this.#descriptor;
  }

  async digest(): Promise<Hash> {
    return this.#descriptor.digest;
  }

  async size(): Promise<number> {
    return this.#descriptor.size;
  }

  async mediaType(): Promise<MediaType> {
    return this.#descriptor.mediaType;
  }

  exists({ signal }: CallOptions = {}): Promise<boolean> {
    return this.#reader.hasBlob(this.#descriptor.digest, signal);
  }

  compressed({ signal }: ReadOptions = {}): Promise<ReadableStream<Uint8Array>> {
    return this.#reader.blob(this.#descriptor, signal);
  }
}
