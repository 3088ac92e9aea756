import type { Repository } from "../../name/index.js";
import type { Hash } from "../../v1/index.js";
import type { Connection } from "../auth/connection.js";
import { NetworkError } from "../transport/network-error.js";
import { ProtocolError } from "../transport/protocol-error.js";
import { RegistryError, settle } from "../transport/registry-error.js";
import type { RetryPolicy } from "../transport/retry.js";
import { isGone } from "./chunked.js";
import { UploadSession } from "./session.js";

/** The blobs of one repository. */
export class Blobs {
  readonly #connection: Connection;
  readonly #root: string;

  constructor(connection: Connection, repository: Repository) {
    this.#connection = connection;
    this.#root = `${connection.root.href}${repository.repositoryStr()}/blobs/`;
  }

  /** Where a blob is. */
  url(digest: Hash): URL {
    return new URL(`${this.#root}${digest}`);
  }

  /**
   * Whether the repository has a blob.
   *
   * @param retry by default the question is asked once
   * @throws {RegistryError} if the registry answers neither 200 nor 404
   */
  async has(digest: Hash, signal?: AbortSignal, retry?: RetryPolicy): Promise<boolean> {
    const answer = await this.#connection.send({ method: "HEAD", url: this.url(digest), signal }, retry);
    await settle(answer, [200, 404], signal);
    return answer.response.status === 200;
  }

  /** Opens an upload, as {@link UploadSession.open} does. */
  async open(signal?: AbortSignal): Promise<UploadSession> {
    const session = await UploadSession.open(this.#connection, new URL(`${this.#root}uploads/`), signal);
    return session!;
  }

  /**
   * Has a blob of another repository of the same registry mounted, without its being sent. A registry that does not do it, or fails, has
   * an upload opened instead, without a word of mounting: some refuse what others pass over.
   *
   * @returns undefined if the blob was mounted
   * @throws what {@link open} throws
   */
  async mount(digest: Hash, from: Repository, signal?: AbortSignal): Promise<UploadSession | undefined> {
    const url = new URL(`${this.#root}uploads/`);
    url.search = `?mount=${encodeURIComponent(String(digest))}&from=${encodeURIComponent(from.repositoryStr())}`;
    try {
      return await UploadSession.open(this.#connection, url, signal);
    } catch (failure) {
      signal?.throwIfAborted();
      if (
        failure instanceof RegistryError ||
        failure instanceof NetworkError ||
        failure instanceof ProtocolError
      ) {
        return this.open(signal);
      }
      throw failure;
    }
  }

  /**
   * Commits an upload. A registry that no longer knows the session may have committed it already, and only its answer been
   * lost to a proxy that asked again; then the blob is there.
   *
   * @param retry how often it is asked whether the blob is there; the commit is tried once
   * @throws what {@link UploadSession.commit} throws, if the blob is not there
   */
  async commit(
    session: UploadSession,
    digest: Hash,
    retry: RetryPolicy,
    signal?: AbortSignal,
  ): Promise<void> {
    try {
      await session.commit(digest);
    } catch (failure) {
      if (!isGone(failure) || !(await this.#hasAfterAll(digest, retry, signal))) {
        throw failure;
      }
    }
  }
  /** Whether a blob is there; not, where that can't be known. */
  async #hasAfterAll(digest: Hash, retry: RetryPolicy, signal: AbortSignal | undefined): Promise<boolean> {
    try {
      return await this.has(digest, signal, retry);
    } catch {
      signal?.throwIfAborted();
      return false;
    }
  }
}
