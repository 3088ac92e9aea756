import { type Hash, hashFromBytes } from "../v1/index.js";
import { ChunkLengths } from "./chunk-lengths.js";
import { type Digester, type Digesters, newDigester } from "./digester.js";
import { RefusalError } from "./refusal.js";
import { chunksOf } from "./request-body.js";
import type { BlobUpload, UploadRecord } from "./storage.js";
import { takenOver, unknownUpload, wrongLength } from "./upload-refusals.js";

/**
 * One blob on its way in, over any number of requests. Bytes are hashed as they are stored, so that the digest is known when
 * the last one has come, whatever the blob's length. What the session says it holds is what is stored: a body that breaks off
 * leaves exactly the bytes before the break.
 *
 * An upload that an earlier registry left is gone on with. What is stored of it is then hashed again, when more comes: a hash that had
 * been saved could only tell what was received, not what has outlasted the end of that registry.
 */
export class UploadSession {
  readonly repository: string;
  /** Bytes stored so far. */
  size: number;
  /** Whether a PATCH has been taken to its end. */
  patched = false;
  readonly chunks: ChunkLengths = new ChunkLengths();
  /** When a request last had to do with this session, as `Date.now()` tells it. */
  lastUsed: number;

  readonly #upload: BlobUpload;
  readonly #algorithm: string;
  readonly #digesters: Digesters;
  /** The hash of what is stored. Made when the first byte comes, so that a session which nobody uses costs nothing. */
  #digester: Digester | undefined;
  #waiting = 0;
  #queue: Promise<unknown> = Promise.resolve();
  #newest: AbortController | undefined;
  #closing = false;
  #ended = false;

  /**
   * @param record names the algorithm that the client is expected to name in the end; another one costs a second look at the bytes
   * @param digesters has one for that algorithm
   * @param left how far the upload has come, and when; as a rule it begins
   */
  constructor(
    record: UploadRecord,
    upload: BlobUpload,
    digesters: Digesters,
    left: { readonly size: number; readonly lastUsed: number } = { size: 0, lastUsed: Date.now() },
  ) {
    this.repository = record.repository;
    this.size = left.size;
    this.lastUsed = left.lastUsed;
    this.#upload = upload;
    this.#algorithm = record.algorithm;
    this.#digesters = digesters;
  }

  /** Whether the session is over: its blob is stored, or its bytes are gone. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether a request is at work on this session. */
  get busy(): boolean {
    return this.#waiting > 0;
  }

  /**
   * Does one request's work while no other does. The newest request wins: a body that is still being received for an earlier
   * one is given up, with the bytes stored so far kept. A client that lost its connection may therefore go on at once,
   * though its old connection has not been seen to end.
   *
   * @throws {RefusalError} 404 if the session ended meanwhile, 409 if a newer request came before this one's turn
   */
  async exclusively<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const turn = new AbortController();
    this.#newest?.abort(takenOver());
    this.#newest = turn;
    this.#waiting += 1;
    this.lastUsed = Date.now();
    const done = this.#queue.then(() => {
      if (this.#ended) throw unknownUpload();
      turn.signal.throwIfAborted();
      return work(turn.signal);
    });
    this.#queue = done.catch(() => {});
    try {
      return await done;
    } finally {
      this.#waiting -= 1;
      this.lastUsed = Date.now();
    }
  }

  /**
   * Stores and hashes a body behind what is held already.
   *
   * @param expected its length in bytes, where the request announced one; more bytes are not stored
   * @throws {RefusalError} 400 if the body breaks off or is not of the expected length; what was stored of it stays
   * @throws whatever the store throws; the session is then over
   */
  async receive(
    body: ReadableStream<Uint8Array> | null,
    expected: number | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      await this.#hashLeft();
      await this.#upload.append(this.#hashed(body, expected, signal));
    } catch (error) {
      if (!(error instanceof RefusalError)) await this.#drop();
      throw error;
    }
  }

  /**
   * Compares the digest and lets the store keep the blob. The session is over afterwards, whatever the outcome.
   *
   * @throws {RefusalError} 400 DIGEST_INVALID if the bytes have another digest
   */
  async finish(digest: Hash): Promise<void> {
    try {
      const actual = await this.#digest(digest.algorithm);
      if (!actual.equals(digest)) {
        throw new RefusalError(
          400,
          "DIGEST_INVALID",
          `the ${this.size} bytes uploaded have the digest ${actual}, not ${digest}; the upload is dropped`,
          { detail: { expected: digest, actual, size: this.size } },
        );
      }
      await this.#upload.commit(this.repository, digest);
      this.#ended = true;
    } catch (error) {
      await this.#drop();
      throw error;
    }
  }

  /** Ends the session and frees what it holds. */
  async discard(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await this.#upload.discard();
  }

  /** Ends the session as far as this registry is concerned: what the store keeps is left to the next one, all else is freed. */
  async close(): Promise<void> {
    this.#closing = true;
    await this.exclusively(async () => {
      if (this.#upload.isKept !== true) return this.discard();
      this.#ended = true;
    });
  }

  /** Discards after a failure, which is what the client is told of, whether or not discarding fails too. */
  async #drop(): Promise<void> {
    await this.discard().catch(() => {});
  }

  /** Hashes and counts each chunk once the store has it, which is when the store asks for the next. */
  async *#hashed(
    body: ReadableStream<Uint8Array> | null,
    expected: number | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const end = expected === undefined ? Number.POSITIVE_INFINITY : this.size + expected;
    for await (const chunk of this.#received(body, signal)) {
      const taken = chunk.subarray(0, end - this.size);
      if (taken.length > 0) {
        yield taken;
        this.#running().update(taken);
        this.size += taken.length;
      }
      if (taken.length < chunk.length) throw wrongLength("more", expected);
    }
    if (expected !== undefined && this.size < end) throw wrongLength("fewer", expected);
  }

  async *#received(
    body: ReadableStream<Uint8Array> | null,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* chunksOf(body, signal);
    } catch (cause) {
      if (cause instanceof RefusalError) throw cause;
      throw new RefusalError(
        400,
        "BLOB_UPLOAD_INVALID",
        `the body broke off; the upload holds ${this.size} bytes: go on from there`,
        { cause },
      );
    }
  }

  /**
   * Hashes what an earlier registry has stored. A newer request does not break this off, since it needs it too.
   *
   * @throws {RefusalError} 409 if the registry is closed meanwhile
   */
  async #hashLeft(): Promise<void> {
    if (this.#digester !== undefined || this.size === 0) return;
    const digester = newDigester(this.#digesters, this.#algorithm);
    let hashed = 0;
    for await (const chunk of this.#upload.read()) {
      if (this.#closing) throw takenOver();
      digester.update(chunk);
      hashed += chunk.length;
    }
    if (hashed !== this.size)
      throw new Error(`the upload has ${hashed} bytes in its store, not ${this.size}`);
    this.#digester = digester;
  }

  #running(): Digester {
    this.#digester ??= newDigester(this.#digesters, this.#algorithm);
    return this.#digester;
  }

  async #digest(algorithm: string): Promise<Hash> {
    if (algorithm === this.#algorithm) return hashFromBytes(algorithm, this.#running().digest());
    const digester = newDigester(this.#digesters, algorithm);
    for await (const chunk of this.#upload.read()) digester.update(chunk);
    return hashFromBytes(algorithm, digester.digest());
  }
}
