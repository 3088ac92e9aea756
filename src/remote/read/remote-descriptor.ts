import {
  type CallOptions,
  type Descriptor,
  type Hash,
  type Image,
  type ImageIndex,
  isSchema1,
  type MediaType,
  UnsupportedError,
} from "../../v1/index.js";
import { quote } from "../../v1/quote.js";
import { manifestFacts } from "./manifest-facts.js";
import type { ReadManifest } from "./manifest-reader.js";
import { openImage, openIndex } from "./remote-index.js";
import type { RepositoryReader } from "./repository-reader.js";
import { Schema1Image } from "./schema1-image.js";

/** A manifest that was read, of whatever kind, with its descriptor. */
export class RemoteDescriptor implements Descriptor {
  readonly mediaType: MediaType;
  readonly size: number;
  readonly digest: Hash;
  /** The manifest's own. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** What the manifest says that the artifact is, or the media type of its configuration. */
  readonly artifactType?: MediaType;
  /** The manifest's own bytes. */
  readonly manifest: Uint8Array;
  readonly #reader: RepositoryReader;
  readonly #read: ReadManifest;

  constructor(reader: RepositoryReader, read: ReadManifest) {
    const { mediaType, digest, bytes } = read;
    this.#reader = reader;
    this.#read = read;
    this.mediaType = mediaType;
    this.size = bytes.byteLength;
    this.digest = digest;
    this.manifest = bytes;
    const { annotations, artifactType } = manifestFacts(bytes, mediaType);
    if (annotations !== undefined) {
      this.annotations = annotations;
    }
    if (artifactType !== undefined) {
      this.artifactType = artifactType;
    }
  }

  /** The manifest's own bytes, as what can be written has them. */
  async rawManifest(): Promise<Uint8Array> {
    return this.manifest;
  }

  /**
   * The manifest as an image; of an index, the image for the platform.
   *
   * @throws {UnsupportedError} if it is of Docker's first schema: see {@link schema1}
   * @throws {ManifestUnknownError} if it is an index without an image for the platform
   */
  image({ signal }: CallOptions = {}): Promise<Image> {
    return openImage(this.#reader, this.#read, undefined, signal);
  }

  /**
   * The manifest as an index.
   *
   * @throws {UnsupportedError} if it is none
   */
  imageIndex(): ImageIndex {
    return openIndex(this.#reader, this.#read);
  }

  /**
   * A manifest of Docker's first schema as an image of which only the layers can be read.
   *
   * @throws {UnsupportedError} if it is none
   */
  schema1(): Image {
    if (!isSchema1(this.mediaType)) {
      throw new UnsupportedError(
        `${this.#reader.repository.name()}@${this.digest} is not of Docker's first schema but ${quote(this.mediaType)}: read it as an image or an index`,
      );
    }
    return new Schema1Image(this.#reader, this.#read);
  }
}
