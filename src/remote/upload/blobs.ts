import type { Repository } from "../../name/index.js";
import type { Hash } from "../../v1/index.js";
import { RegistryError, settle } from "../transport/registry-error.js";
import type { Transport } from "../transport/transport.js";
import { UploadSession } from "./upload-session.js";

/** The blobs of one repository. */
export class Blobs {
  readonly #transport: Transport;
  readonly #root: string;
  readonly #signal: AbortSignal | undefined;

  /** @param root the root of the registry's API, ending in `/v2/` */
  constructor(transport: Transport, root: URL, repository: Repository, signal?: AbortSignal) {
    this.#transport = transport;
    this.#root = `${root.href}${repository.repositoryStr()}/blobs/`;
    this.#signal = signal;
  }

  /**
   * Whether the repository has a blob.
   *
   * @throws {RegistryError} if the registry answers neither 200 nor 404
   */
  async has(digest: Hash): Promise<boolean> {
    const url = new URL(`${this.#root}${digest}`);
    const answer = await this.#transport.send({ method: "HEAD", url, signal: this.#signal });
    await settle(answer, [200, 404], this.#signal);
    return answer.response.status === 200;
  }

  /** Opens an upload, as {@link UploadSession.open} does. */
  open(): Promise<UploadSession> {
    return UploadSession.open(this.#transport, new URL(`${this.#root}uploads/`), this.#signal);
  }

  /**
   * Commits an upload. A registry that no longer knows the session may have committed it already, and only its answer been
   * lost to a proxy that asked again; then the blob is there.
   *
   * @throws what {@link UploadSession.commit} throws, if the blob is not there
   */
  async commit(session: UploadSession, digest: Hash): Promise<void> {
    try {
      await session.commit(digest);
    } catch (failure) {
      if (!isUnknownUpload(failure) || !(await this.has(digest).catch(() => false))) {
        throw failure;
      }
    }
  }
}

function isUnknownUpload(failure: unknown): boolean {
  return (
    failure instanceof RegistryError &&
    failure.status === 404 &&
    failure.errors.some(({ code }) => code === "BLOB_UPLOAD_UNKNOWN")
  );
}
