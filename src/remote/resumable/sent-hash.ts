import { Sha256 } from "../../core/index.js";
import { SourceChangedError } from "../../stream/index.js";

/** The hash of a layer's bytes up to some offset, as it was saved. */
export interface SavedHash {
  readonly offset: number;
  readonly hash: Uint8Array;
}

/**
 * Hashes a layer's bytes in the order in which the registry has them. Where those that are made again reach the end of what had been sent
 * before, they must have the hash of that: a checkpoint stands somewhat before it, and what lies in between comes of the source anew.
 */
export class SentHash {
  readonly #hash: Sha256;
  #expected: SavedHash | undefined;
  #offset: number;

  /**
   * @param from where hashing goes on; the layer's beginning if undefined
   * @param expected the hash of what had been sent before; undefined if nothing had
   * @throws NotInitializedError
   */
  constructor(from: SavedHash | undefined, expected: SavedHash | undefined) {
    this.#hash = from === undefined ? new Sha256() : Sha256.resume(from.hash);
    this.#offset = from?.offset ?? 0;
    this.#expected = expected;
  }

  /** @throws {SourceChangedError} if other bytes than these had been sent before */
  update(bytes: Uint8Array): void {
    const expected = this.#expected;
    const before = expected === undefined ? -1 : expected.offset - this.#offset;
    this.#offset += bytes.byteLength;
    if (expected === undefined || before <= 0 || before > bytes.byteLength) {
      this.#hash.update(bytes);
      return;
    }
    this.#hash.update(bytes.subarray(0, before));
    this.#expected = undefined;
    if (this.#hash.save().some((byte, index) => byte !== expected.hash[index])) {
      throw new SourceChangedError(
        `it no longer gives the ${expected.offset} compressed bytes that had been sent`,
      );
    }
    this.#hash.update(bytes.subarray(before));
  }

  save(): Uint8Array<ArrayBuffer> {
    return this.#hash.save();
  }

  /** Gives up what hashing takes. */
  end(): void {
    this.#hash.digest();
  }
}
