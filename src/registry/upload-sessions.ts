import { type Digesters, readyDigesters, requireDigester } from "./digester.js";
import { RefusalError } from "./refusal.js";
import type { BlobStore } from "./storage.js";
import { unknownUpload } from "./upload-refusals.js";
import { UploadSession } from "./upload-session.js";

/** Bounds of {@link UploadSessions}. */
export interface UploadSessionLimits {
  /** How long, in milliseconds, a session may lie untouched. Its bytes go when another one begins. */
  readonly lifetime: number;
  /** Most sessions that are open at a time. */
  readonly count: number;
}

/** The uploads that are open: those that were begun here, and those that an earlier registry over the same store left. */
export class UploadSessions {
  readonly #sessions = new Map<string, UploadSession>();
  readonly #blobs: BlobStore;
  readonly #digesters: Digesters;
  readonly #limits: UploadSessionLimits;
  /** Sessions that are being begun, which count already. */
  #beginning = 0;
  #takingUp: Promise<void> | undefined;

  constructor(blobs: BlobStore, digesters: Digesters, limits: UploadSessionLimits) {
    this.#blobs = blobs;
    this.#digesters = digesters;
    this.#limits = limits;
  }

  /**
   * Begins a session.
   *
   * @param algorithm the one that the blob's digest is expected to have
   * @param isTold whether the client learns the id, and so can go on with the upload after a restart
   * @returns its id, which nobody can guess
   * @throws {RefusalError} 429 TOOMANYREQUESTS if too many are open, 400 UNSUPPORTED for an unknown algorithm
   */
  async begin(repository: string, algorithm: string, isTold: boolean): Promise<string> {
    requireDigester(this.#digesters, algorithm);
    await this.#takeUp();
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
      const record = { id: crypto.randomUUID(), repository, algorithm };
      const upload = await this.#blobs.beginUpload(isTold ? record : undefined);
      this.#sessions.set(record.id, new UploadSession(record, upload, this.#digesters));
      return record.id;
    } finally {
      this.#beginning -= 1;
    }
  }

  /** @throws {RefusalError} 404 BLOB_UPLOAD_UNKNOWN if the repository has no such session */
  async find(repository: string, id: string): Promise<UploadSession> {
    if (!this.#sessions.has(id)) await this.#takeUp();
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
    const session = await this.find(repository, id);
    try {
      return await session.exclusively((signal) => work(session, signal));
    } finally {
      if (session.ended) this.#sessions.delete(id);
    }
  }

  /** Ends every session; a body that is being received is given up. What the store keeps is left to the next registry. */
  async close(): Promise<void> {
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    await Promise.allSettled(sessions.map((session) => session.close()));
  }

  /** Takes up what an earlier registry left, as far as that has not been done. */
  #takeUp(): Promise<void> {
    this.#takingUp ??= this.#takeUpLeft().finally(() => {
      this.#takingUp = undefined;
    });
    return this.#takingUp;
  }

  async #takeUpLeft(): Promise<void> {
    const left = (await this.#blobs.uploadsLeft?.()) ?? [];
    if (left.length > 0) await readyDigesters();
    for (const each of left) {
      this.#sessions.set(each.id, new UploadSession(each, each.upload, this.#digesters, each));
    }
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
