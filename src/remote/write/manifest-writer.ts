import { hashOf } from "../../bytes/index.js";
import type { Reference, Repository } from "../../name/index.js";
import { isDigest } from "../../name/kind.js";
import type { Descriptor, Hash } from "../../v1/index.js";
import type { Connection } from "../auth/connection.js";
import { RemoteOptionError } from "../option-error.js";
import { ManifestReader } from "../read/manifest-reader.js";
import { printable } from "../transport/printable.js";
import { ProtocolError } from "../transport/protocol-error.js";
import { redactURL } from "../transport/redact.js";
import { settle } from "../transport/registry-error.js";
import { onceOnly, type RetryPolicy } from "../transport/retry.js";
import { referrerIn } from "./referrer.js";
import { type RecordingOptions, ReferrersRecorder } from "./referrers-recorder.js";
import { mediaTypeOf, type Taggable } from "./taggable.js";

/** Writes manifests to one repository. */
export class ManifestWriter {
  readonly #connection: Connection;
  readonly #retry: RetryPolicy;
  readonly #reader: ManifestReader;
  readonly #recorder: ReferrersRecorder;

  constructor(connection: Connection, repository: Repository, retry: RetryPolicy, options: RecordingOptions) {
    this.#connection = connection;
    this.#retry = retry;
    this.#reader = new ManifestReader(connection, repository, retry);
    // It is tried again together with what it belongs to, and not on its own beside.
    const reader = new ManifestReader(connection, repository, onceOnly);
    this.#recorder = new ReferrersRecorder(connection, repository, reader, options);
  }

  /**
   * Whether a reference leads to that digest already. A registry that forbids the question (403) is taken not to have the manifest:
   * some answer so for what isn't there.
   *
   * @throws {RegistryError | ProtocolError} if that can't be known
   */
  async has(reference: Reference, digest: Hash, signal?: AbortSignal): Promise<boolean> {
    const found = await this.#reader.head(reference.identifier(), { signal }, [403, 404]);
    return found?.digest.equals(digest) === true;
  }

  /**
   * Writes a manifest, whatever is there; and if it is about another one, has that recorded. Both are tried again together.
   *
   * @throws {RemoteOptionError} if it is written by digest and has another one
   * @throws {ProtocolError} if the registry says that it has stored something else
   */
  async put(reference: Reference, taggable: Taggable, signal?: AbortSignal): Promise<Descriptor> {
    const bytes = new Uint8Array(await taggable.rawManifest({ signal }));
    const mediaType = await mediaTypeOf(taggable, { signal });
    const wanted = isDigest(reference) ? reference.digest() : undefined;
    const digest = await hashOf(bytes, wanted?.algorithm);
    if (wanted !== undefined && !wanted.equals(digest)) {
      throw new RemoteOptionError(
        `cannot write to ${reference.name()}: what is to be written has the digest ${digest}; write it to that, or to a tag`,
      );
    }
    const referrer = referrerIn(bytes, mediaType, digest);
    await this.#retry.run(async () => {
      const answered = await this.#send(reference.identifier(), bytes, mediaType, digest, signal);
      if (referrer !== undefined) {
        await this.#recorder.record(answered, referrer, signal);
      }
    }, signal);
    return { mediaType, size: bytes.byteLength, digest };
  }

  async #send(
    identifier: string,
    bytes: Uint8Array<ArrayBuffer>,
    mediaType: string,
    digest: Hash,
    signal: AbortSignal | undefined,
  ): Promise<Response> {
    const answer = await this.#connection.send({
      method: "PUT",
      url: this.#reader.url(identifier),
      headers: { "content-type": mediaType },
      body: bytes,
      signal,
    });
    await settle(answer, [200, 201, 202], signal);
    const confirmed = answer.response.headers.get("docker-content-digest");
    if (confirmed !== null && confirmed !== String(digest)) {
      throw new ProtocolError(
        `PUT ${redactURL(answer.url)}: the registry stored ${printable(answer.conceal(confirmed), 160)} where ${digest} was sent; the manifest was changed on the way, or the registry is at fault`,
      );
    }
    return answer.response;
  }
}
