import { isBrowser } from "../transport/browser.js";
import { causedBy } from "../transport/earlier-failure.js";
import { NetworkError } from "../transport/network-error.js";
import { ProtocolError, UnsafeLocationError } from "../transport/protocol-error.js";
import { redactURL } from "../transport/redact.js";
import { RegistryError, settle } from "../transport/registry-error.js";
import type { RetryPolicy } from "../transport/retry.js";
import type { Answer } from "../transport/transport.js";
import { unlessGivenUp } from "./given-up.js";
import { lastByteOf, type SessionRequest, type UploadSession } from "./session.js";
import { UploadLostError } from "./upload-lost-error.js";
import type { UploadWindow } from "./upload-window.js";

/** A chunk is not made smaller than this because a registry takes none so large: what refuses 64 KiB refuses for another reason. */
const SMALLEST_CHUNK = 64 * 1024;

/** A registry gets no larger chunks than this by asking for them: each is held in memory. */
const LARGEST_MINIMUM = 64 * 1024 * 1024;

/** How a blob is sent in chunks. */
export interface ChunkedOptions {
  /** Bytes of each chunk but the last, to begin with; made smaller if the registry refuses it for its size. */
  readonly chunkSize: number;
  /** Bytes of memory that a registry may ask for as the least size of a chunk. Default: 64 MiB, or `chunkSize` if that is more. */
  readonly maxChunkSize?: number | undefined;
  /** Whether what the registry says that it has (`Range`) is true. Default: true. */
  readonly trustRange?: boolean | undefined;
  /** Whether the registry can be asked what it has. Default: true. */
  readonly canAsk?: boolean | undefined;
  /** How often a chunk is tried; begins anew whenever the registry has come to have more. */
  readonly retry: RetryPolicy;
  /** Told the number of bytes that the registry has confirmed beside those before; what it throws fails the upload. */
  readonly onSent: (bytes: number) => void;
  /** Waited for whenever the registry has come to have more, before anything else is sent. What it throws fails the upload. */
  readonly onConfirmed?: ((offset: number) => Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A blob on its way in chunks (OCI distribution-spec, "Pushing a blob in chunks"). Its whole state is the session's location and
 * {@link offset}: with both, and a source from there on, it can be gone on with elsewhere.
 *
 * A chunk is kept until the registry has it. Nothing is sent a second time before the registry has been asked what it has: docker-registry 2.8
 * doesn't look at `Content-Range`, and would append what it has already.
 */
export class ChunkedUpload {
  readonly #session: UploadSession;
  readonly #source: UploadWindow;
  readonly #options: ChunkedOptions;
  #offset: number;
  #size: number;
  #failures = 0;

  /**
   * @param source the blob from the offset on
   * @param offset bytes that the registry has
   * @throws {ProtocolError} if the registry wants chunks larger than may be, or than it takes itself
   */
  constructor(session: UploadSession, source: UploadWindow, options: ChunkedOptions, offset = 0) {
    this.#session = session;
    this.#source = source;
    this.#options = options;
    this.#offset = offset;
    const { minimumChunk, maximumChunk = Number.POSITIVE_INFINITY } = session;
    const limit = Math.max(options.maxChunkSize ?? LARGEST_MINIMUM, options.chunkSize);
    if (minimumChunk > Math.min(limit, maximumChunk)) {
      throw new ProtocolError(
        `${redactURL(session.location)}: the registry wants chunks of at least ${minimumChunk} bytes (OCI-Chunk-Min-Length), and ${
          minimumChunk > maximumChunk
            ? `takes none of more than ${maximumChunk} (OCI-Chunk-Max-Length)`
            : `each is held in memory, of which no more than ${limit} are given; send the blob in one request, or raise maxChunkSize`
        }`,
      );
    }
    this.#size = Math.max(Math.min(options.chunkSize, maximumChunk), minimumChunk);
  }

  /** Bytes that the registry has confirmed. */
  get offset(): number {
    return this.#offset;
  }

  /** Bytes of each chunk but the last, as things are. */
  get chunkSize(): number {
    return this.#size;
  }

  /**
   * Sends the source to its end. Afterwards the session can be committed. An abortion leaves a chunk under way to its `cancel` or `leave`.
   *
   * @throws {RegistryError | NetworkError} what the last of the tries came to
   * @throws {UploadLostError} if the registry has less than it had confirmed, or has forgotten the session
   * @throws {ProtocolError | UnsafeLocationError} if the session cannot be gone on with
   * @throws what the source throws
   */
  async run(): Promise<void> {
    for (;;) {
      await this.#source.fill(this.#size);
      const chunk = this.#source.held.subarray(0, this.#size);
      if (chunk.byteLength === 0) {
        return;
      }
      const before = this.#offset;
      try {
        await this.#send(chunk);
      } catch (failure) {
        this.#options.signal?.throwIfAborted();
        await this.#recover(failure, chunk.byteLength);
      }
      if (this.#offset > before) {
        await this.#options.onConfirmed?.(this.#offset);
      }
    }
  }

  async #send(chunk: Uint8Array<ArrayBuffer>): Promise<void> {
    const end = this.#offset + chunk.byteLength;
    const request: SessionRequest = {
      method: "PATCH",
      headers: { "content-type": "application/octet-stream", "content-range": `${this.#offset}-${end - 1}` },
      body: isBrowser() ? new Blob([chunk]) : chunk,
    };
    const { signal } = this.#options;
    const send = (own: AbortSignal): Promise<Answer> => this.#session.send({ ...request, signal: own });
    const answer = await unlessGivenUp(signal, send, (givenUp) => this.#session.giveUp(givenUp));
    await settle(answer, [201, 202, 204], signal);
    this.#session.follow(answer);
    const last = this.#options.trustRange === false ? undefined : lastByteOf(answer);
    if (last === undefined || last + 1 === end) {
      this.#advance(end);
      return;
    }
    throw new ProtocolError(
      `PATCH ${redactURL(answer.url)}: accepted bytes ${this.#offset} to ${end - 1}, and then said that it has those to ${last}; if this registry's Range is known to be wrong, say so with the option quirks`,
      { retryable: true },
    );
  }

  /** Finds out what the registry has after a chunk failed, and goes on from there; throws the failure if that is no use. */
  async #recover(failure: unknown, length: number): Promise<void> {
    const tooLarge = mayBeTooLarge(failure);
    this.#failures += 1;
    const { retry, signal, canAsk } = this.#options;
    const passing = tooLarge || isPassing(failure) || retry.allows(failure);
    if (isGone(failure)) {
      throw new UploadLostError(describe(failure), this.#offset, undefined, failure);
    }
    if (!passing || canAsk === false || (!tooLarge && this.#failures >= retry.attempts)) {
      throw failure;
    }
    if (!tooLarge && !(failure instanceof ProtocolError)) {
      await retry.pause(
        this.#failures,
        failure instanceof RegistryError ? failure.retryAfter : undefined,
        signal,
      );
    }
    const before = this.#offset;
    await this.#resume(failure, length);
    if (this.#offset === before && (tooLarge || failure instanceof NetworkError)) {
      this.#shrink(failure, length, tooLarge);
    }
  }

  /** Goes on from what the registry has. */
  async #resume(failure: unknown, length: number): Promise<void> {
    const stored = await this.#stored(failure);
    if (stored < this.#offset) {
      throw new UploadLostError(describe(failure), this.#offset, stored, failure);
    }
    if (stored > this.#offset + length) {
      throw new ProtocolError(
        `${describe(failure)}: the registry has ${stored} bytes of the upload, and only ${this.#offset + length} were sent; something else writes to it too`,
        { cause: failure },
      );
    }
    this.#advance(stored);
  }

  async #stored(failure: unknown): Promise<number> {
    const { retry, signal } = this.#options;
    let last: number | undefined;
    try {
      last = await retry.run(() => this.#session.lastByte(), signal, isPassing);
    } catch (unanswered) {
      signal?.throwIfAborted();
      if (unanswered instanceof ProtocolError || unanswered instanceof UnsafeLocationError) {
        causedBy(unanswered, failure);
        throw unanswered;
      }
      throw isGone(unanswered)
        ? new UploadLostError(describe(failure), this.#offset, undefined, failure)
        : failure;
    }
    // Registries say 0-0 where there is nothing, too. One byte alone is never confirmed before there are more.
    return last === undefined || (last === 0 && this.#offset !== 1) ? 0 : last + 1;
  }

  /** Makes the chunks smaller, for a registry or a proxy that takes none so large; what is at hand is enough to go on with. */
  #shrink(failure: unknown, length: number, tooLarge: boolean): void {
    const least = Math.max(this.#session.minimumChunk, SMALLEST_CHUNK);
    const half = Math.max(Math.floor(length / 2), least);
    if (half < length) {
      this.#size = half;
    } else if (tooLarge) {
      throw failure;
    }
  }

  #advance(to: number): void {
    const gained = to - this.#offset;
    if (gained > 0) {
      this.#source.letGo(gained);
      this.#offset = to;
      this.#failures = 0;
      this.#options.onSent(gained);
    }
  }
}

/** 413; and 416, which GHCR gives for chunks over 4 MiB, and others for chunks out of order. */
function mayBeTooLarge(failure: unknown): boolean {
  return failure instanceof RegistryError && (failure.status === 413 || failure.status === 416);
}

/**
 * What may be different once the registry has been asked what it has: whatever kept the chunk from being answered, but a certificate that was
 * refused, and whatever the registry or a proxy blames itself for.
 */
function isPassing(failure: unknown): boolean {
  if (failure instanceof RegistryError && (failure.status >= 500 || failure.status === 499)) {
    return true;
  }
  const typed =
    failure instanceof RegistryError || failure instanceof ProtocolError || failure instanceof NetworkError;
  return typed && failure.retryable;
}

/** Whether a refusal means that there is no such upload. Azure's registry says BLOB_UPLOAD_INVALID where others say BLOB_UPLOAD_UNKNOWN. */
export function isGone(failure: unknown): boolean {
  return (
    failure instanceof RegistryError &&
    (failure.status === 404 || failure.status === 410) &&
    failure.errors.every(({ code }) => code.startsWith("BLOB_UPLOAD_"))
  );
}

function describe(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure);
}
