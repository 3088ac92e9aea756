import { type Digesters, readyDigesters, requireDigester } from "./digester.js";
import { RefusalError } from "./refusal.js";
import type { BlobStore } from "./storage.js";
import { UploadSession, unknownUpload } from "./upload-session.js";

/** Bounds of {@link UploadSessions}. */
export interface UploadSessionLimits {
  /** How long, in milliseconds, a session may lie untouched. Its bytes go when another one begins. */
  readonly lifetime: number;
  /** Most sessions that are open at a time. */
  readonly count: number;
}

/** The uploads that are open. They live in memory, so they end with the registry that began them. */
export class UploadSessions {
  readonly #sessions = new Map<string, UploadSession>();
  readonly #blobs: BlobStore;
  readonly #digesters: Digesters;
  readonly #limits: UploadSessionLimits;
  /** Sessions that are being begun, which count already. */
  #beginning = 0;

  constructor(blobs: BlobStore, digesters: Digesters, limits: UploadSessionLimits) {
    this.#blobs = blobs;
    this.#digesters = digesters;
    this.#limits = limits;
  }

  /**
   * Begins a session.
   *
   * @param algorithm the one that the blob's digest is expected to have
   * @returns its id, which nobody can guess
   * @throws {RefusalError} 429 TOOMANYREQUESTS if too many are open, 400 UNSUPPORTED for an unknown algorithm
   */
  async begin(repository: string, algorithm: string): Promise<string> {
    requireDigester(this.#digesters, algorithm);
    await this.#dropExpired();
    if (this.#sessions.size + this.#beginning >= this.#limits.count) {
      throw new RefusalError(
        429,
        "TOOMANYREQUESTS",
        `${this.#limits.count} uploads are open, which is this registry's limit; finish or cancel some`,
        { headers: { "Retry-After": "10" } },
      );
    }
    this.#beginning += 1;
    try {
      await readyDigesters();
      const upload = await this.#blobs.beginUpload();
      const id = crypto.randomUUID();
      this.#sessions.set(id, new UploadSession(repository, upload, algorithm, this.#digesters));
      return id;
    } finally {
      this.#beginning -= 1;
    }
  }

  /** @throws {RefusalError} 404 BLOB_UPLOAD_UNKNOWN if the repository has no such session */
  find(repository: string, id: string): UploadSession {
    const session = this.#sessions.get(id);
    if (session === undefined || session.ended || session.repository !== repository) throw unknownUpload();
    if (this.#isExpired(session)) throw unknownUpload();
    session.lastUsed = Date.now();
    return session;
  }

  /**
   * Does one request's work on a session, as {@link UploadSession.exclusively} does, and forgets the session if that ended it.
   *
   * @throws {RefusalError} 404 BLOB_UPLOAD_UNKNOWN if the repository has no such session
   */
  async use<T>(
    repository: string,
    id: string,
    work: (session: UploadSession, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const session = this.find(repository, id);
    try {
      return await session.exclusively((signal) => work(session, signal));
    } finally {
      if (session.ended) this.#sessions.delete(id);
    }
  }

  /** Ends every session; a body that is being received is given up. */
  async close(): Promise<void> {
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    await Promise.allSettled(sessions.map((session) => session.exclusively(() => session.discard())));
  }

  #isExpired(session: UploadSession): boolean {
    return !session.busy && session.lastUsed <= Date.now() - this.#limits.lifetime;
  }

  async #dropExpired(): Promise<void> {
    const expired = [...this.#sessions].filter(([, session]) => this.#isExpired(session));
    for (const [id] of expired) this.#sessions.delete(id);
    await Promise.allSettled(expired.map(([, session]) => session.discard()));
  }
}
