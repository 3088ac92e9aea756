import { unlessAborted } from "../../bytes/index.js";
import type { Repository } from "../../name/index.js";
import {
  type Descriptor,
  encodeIndexManifest,
  type Hash,
  type IndexManifest,
  ociImageIndex,
  parseIndexManifest,
} from "../../v1/index.js";
import { type Connection, isStatus } from "../auth/connection.js";
import { NO_REFERRERS_API, referrersURL } from "../discover/referrers-api.js";
import { referrersTag } from "../discover/referrers-tag.js";
import type { ManifestReader, ReadManifest } from "../read/manifest-reader.js";
import { ProtocolError } from "../transport/protocol-error.js";
import { settle } from "../transport/registry-error.js";
import type { Referrer } from "./referrer.js";

/** How often a list that somebody else writes at the same time is read and written anew. */
const MOST_CONFLICTS = 5;

/** How referrers are recorded. */
export interface RecordingOptions {
  /** Whether a tag may be used where there is no API for referrers. */
  readonly tagFallback: boolean;
  readonly maxManifestBytes?: number | undefined;
}

/**
 * Sees to it that what is about a manifest is found from that manifest: by the registry itself, or else by a list under a tag, which
 * clients keep (OCI distribution-spec, "Pushing Manifests with Subject").
 */
export class ReferrersRecorder {
  readonly #connection: Connection;
  readonly #repository: Repository;
  readonly #manifests: ManifestReader;
  readonly #options: RecordingOptions;
  /** The lists that are being written, by tag: one at a time, or one would overwrite the other. */
  readonly #writing: Map<string, Promise<void>> = new Map();

  constructor(
    connection: Connection,
    repository: Repository,
    manifests: ManifestReader,
    options: RecordingOptions,
  ) {
    this.#connection = connection;
    this.#repository = repository;
    this.#manifests = manifests;
    this.#options = options;
  }

  /**
   * Records a manifest that has been written.
   *
   * @param answered the response to its PUT; with `OCI-Subject` the registry says that it has seen to it
   * @throws {RegistryError} if there is no API for referrers and the tag must not be used; or reading or writing that fails
   * @throws {ProtocolError} if what is under the tag is no OCI index
   */
  async record(answered: Response, referrer: Referrer, signal?: AbortSignal): Promise<void> {
    if (answered.headers.has("oci-subject") || (await this.#isKept(referrer.subject, signal))) {
      return;
    }
    const tag = referrersTag(referrer.subject);
    const before = this.#writing.get(tag) ?? Promise.resolve();
    const writing = before.catch(() => undefined).then(() => this.#addTo(tag, referrer.descriptor, signal));
    this.#writing.set(tag, writing);
    await unlessAborted(signal, writing);
  }

  /** Whether the registry keeps the list itself. */
  async #isKept(subject: Hash, signal: AbortSignal | undefined): Promise<boolean> {
    const url = referrersURL(this.#connection.root, this.#repository, subject);
    const headers = { accept: ociImageIndex };
    const answer = await this.#connection.send({ method: "GET", url, headers, signal });
    await settle(answer, this.#options.tagFallback ? [200, ...NO_REFERRERS_API] : [200], signal);
    return answer.response.status === 200;
  }

  async #addTo(tag: string, added: Descriptor, signal: AbortSignal | undefined): Promise<void> {
    for (let conflicts = 0; ; conflicts++) {
      const { index, etag } = await this.#read(tag, signal);
      const listed = index.manifests ?? [];
      if (listed.some(({ digest }) => digest.equals(added.digest))) {
        return;
      }
      const manifests = [...listed, added].sort(byDigest);
      try {
        await this.#write(tag, { ...index, manifests }, etag, signal);
        return;
      } catch (failure) {
        if (!isStatus(failure, 412) || conflicts >= MOST_CONFLICTS) {
          throw failure;
        }
      }
    }
  }

  async #read(
    tag: string,
    signal: AbortSignal | undefined,
  ): Promise<{ index: IndexManifest; etag?: string | undefined }> {
    const { maxManifestBytes } = this.#options;
    let found: ReadManifest;
    try {
      found = await this.#manifests.get(tag, undefined, {
        accept: [ociImageIndex],
        maxManifestBytes,
        signal,
      });
    } catch (failure) {
      if (isStatus(failure, 404)) {
        return { index: { schemaVersion: 2, mediaType: ociImageIndex, manifests: [] } };
      }
      throw failure;
    }
    const index = this.#parse(tag, found);
    return { index, etag: found.etag };
  }

  #parse(tag: string, { bytes, mediaType }: ReadManifest): IndexManifest {
    let cause: unknown;
    try {
      const index = parseIndexManifest(bytes);
      if (index.schemaVersion === 2 && mediaType.split(";")[0] === ociImageIndex) {
        return index;
      }
    } catch (failure) {
      cause = failure;
    }
    throw new ProtocolError(
      `the tag ${tag} of ${this.#repository} should be the list of what refers to a manifest, an OCI index, and is something else; remove it, or turn the fallback off with referrersTagFallback`,
      cause === undefined ? {} : { cause },
    );
  }

  async #write(
    tag: string,
    index: IndexManifest,
    etag: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    // A weak tag never matches (RFC 9110, section 13.1.1).
    const condition = etag === undefined || etag.startsWith("W/") ? {} : { "if-match": etag };
    const answer = await this.#connection.send({
      method: "PUT",
      url: this.#manifests.url(tag),
      headers: { "content-type": ociImageIndex, ...condition },
      body: encodeIndexManifest(index),
      signal,
    });
    await settle(answer, [200, 201, 202], signal);
  }
}

function byDigest(a: Descriptor, b: Descriptor): number {
  const [first, second] = [String(a.digest), String(b.digest)];
  return first < second ? -1 : Number(first > second);
}
