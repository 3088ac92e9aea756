import { type Hash, hashFromBytes, VerificationError } from "../v1/index.js";
import { ChunkReader } from "./chunk-reader.js";
import { type ChunkSource, NAMELESS, type ReadingContext } from "./chunk-source.js";
import { type Hasher, hashOf, newHasher } from "./hasher.js";
import { readableOf } from "./readable.js";

/** What content is held to. */
export interface Expectation {
  /** By sha256 or sha512. */
  readonly digest: Hash;
  /** Bytes; undefined if it is not known. */
  readonly size?: number | undefined;
}

/**
 * Hands a stream's bytes on, and fails with a `VerificationError` if they are not what they should be: at once when there
 * are more than there should be, of which none are handed out; at the end when there are fewer; and when the digest is
 * another one, which with a size is found out before the last bytes are handed out, without one at the end. It buffers
 * nothing, reads nothing before it is read, and cancelling it cancels the stream.
 *
 * @throws {TypeError} at the call, if the stream is locked
 */
export function verified(
  stream: ReadableStream<Uint8Array>,
  options: Expectation & ReadingContext,
): ReadableStream<Uint8Array> {
  const { what = NAMELESS } = options;
  return readableOf(new VerifiedSource(new ChunkReader(stream), options, what), options);
}

/**
 * Holds bytes that are at hand to what they should be.
 *
 * @throws {VerificationError} if their number or their digest is another one
 */
export async function verifyBytes(
  bytes: Uint8Array,
  { digest, size, what = NAMELESS }: Expectation & { readonly what?: string | undefined },
): Promise<void> {
  if (size !== undefined && bytes.length !== size) {
    throw new VerificationError(what, { digest, size }, { size: bytes.length });
  }
  const found = await hashOf(bytes, digest.algorithm);
  if (!found.equals(digest)) {
    throw new VerificationError(what, { digest, size }, { digest: found, size: bytes.length });
  }
}

class VerifiedSource implements ChunkSource {
  readonly #reader: ChunkReader;
  readonly #expected: Expectation;
  readonly #what: string;
  #hasher: Hasher | undefined;
  #size = 0;
  #verified = false;

  constructor(reader: ChunkReader, { digest, size }: Expectation, what: string) {
    this.#reader = reader;
    this.#expected = { digest, size };
    this.#what = what;
  }

  async next(): Promise<Uint8Array | undefined> {
    this.#hasher ??= await newHasher(this.#expected.digest.algorithm);
    const chunk = await this.#reader.next();
    const { size } = this.#expected;
    if (chunk === undefined) {
      if (size !== undefined && this.#size < size) {
        throw this.#refusal({ size: this.#size });
      }
      this.#compare(this.#hasher);
      return undefined;
    }
    this.#size += chunk.length;
    if (size !== undefined && this.#size > size) {
      throw this.#refusal({ size: this.#size });
    }
    if (chunk.length > 0) {
      this.#hasher.update(chunk);
      if (this.#size === size) {
        this.#compare(this.#hasher);
      }
    }
    return chunk;
  }

  close(reason: unknown): Promise<void> {
    return this.#reader.close(reason);
  }

  #compare(hasher: Hasher): void {
    if (this.#verified) {
      return;
    }
    const { digest } = this.#expected;
    const found = hashFromBytes(digest.algorithm, hasher.digest());
    if (!found.equals(digest)) {
      throw this.#refusal({ digest: found, size: this.#size });
    }
    this.#verified = true;
  }

  #refusal(found: VerificationError["found"]): VerificationError {
    return new VerificationError(this.#what, this.#expected, found);
  }
}
