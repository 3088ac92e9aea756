import { checkBytes } from "./check-bytes.js";
import { readHashState, SHA256, writeHashState } from "./checkpoint/hash-state.js";
import { VarveError } from "./error.js";
import { readHashWords, writeHashWords } from "./hash-words.js";
import { type Sha256Instance, sha256Instances } from "./sha256-instance.js";

/** Bytes of a SHA-256 digest. */
export const SHA256_SIZE = 32;

/** A hash was used after its digest had been taken. */
export class HashFinishedError extends VarveError {
  override readonly name = "HashFinishedError";

  /** @param hash the class to make another one of */
  constructor(hash = "Sha256") {
    super(
      "ERR_VARVE_HASH_FINISHED",
      `this hash has given its digest already: make a new ${hash} for the next message`,
    );
  }
}

/**
 * Incremental SHA-256 (FIPS 180-4) in WebAssembly.
 *
 * Each object holds an instance of its own, until `digest`; then the instance serves the next one.
 */
export class Sha256 {
  #instance: Sha256Instance | undefined;
  /** Bytes in the input region that are not hashed yet. */
  #filled = 0;
  #total = 0;

  /** @throws NotInitializedError when `init()` has not been awaited */
  constructor() {
    this.#instance = sha256Instances.acquire();
    this.#instance.exports.sha256Reset(0);
  }

  /** Appends bytes to the message. They are copied: the caller may change them afterwards. @throws HashFinishedError */
  update(bytes: Uint8Array): this {
    checkBytes(bytes);
    const { exports, input, inputAddress } = this.#open();
    for (let offset = 0; offset < bytes.length; ) {
      const piece = Math.min(bytes.length - offset, input.length - this.#filled);
      input.set(piece === bytes.length ? bytes : bytes.subarray(offset, offset + piece), this.#filled);
      offset += piece;
      this.#filled += piece;
      if (this.#filled === input.length) {
        exports.sha256Process(0, inputAddress, input.length >>> 6);
        this.#filled = 0;
      }
    }
    this.#total += bytes.length;
    return this;
  }

  /**
   * Ends the message and returns its digest, 32 bytes that the caller owns. May be called once. @throws
   * HashFinishedError
   */
  digest(): Uint8Array<ArrayBuffer> {
    const instance = this.#open();
    const blocks = this.#filled >>> 6;
    instance.exports.sha256Process(0, instance.inputAddress, blocks);
    instance.exports.sha256Finish(0, instance.inputAddress + (blocks << 6), this.#filled & 63, this.#total);
    const digest = new Uint8Array(instance.digest);
    this.#instance = undefined;
    sha256Instances.release(instance);
    return digest;
  }

  /**
   * The hash of what has been appended so far, as a value of some 200 bytes from which {@link resume} goes on: in
   * another process, on another runtime, in another build. The hash itself goes on as well.
   *
   * It holds up to 63 bytes of the message, and whoever has it can continue the hash: of a secret message it is a
   * secret.
   *
   * @throws HashFinishedError
   */
  save(): Uint8Array<ArrayBuffer> {
    const { exports, input, inputAddress, state } = this.#open();
    const blocks = this.#filled >>> 6;
    exports.sha256Process(0, inputAddress, blocks);
    input.copyWithin(0, blocks << 6, this.#filled);
    this.#filled &= SHA256.blockSize - 1;
    const tail = input.subarray(0, this.#filled);
    return writeHashState(SHA256, { words: readHashWords(state), tail, total: this.#total });
  }

  /**
   * A hash that goes on where {@link save} stood.
   *
   * @throws {CheckpointError} if it is none of a SHA-256, or not intact
   * @throws {NotInitializedError}
   */
  static resume(saved: Uint8Array): Sha256 {
    const { words, tail, total } = readHashState(SHA256, saved);
    const hash = new Sha256();
    const { input, state } = hash.#open();
    writeHashWords(state, words);
    input.set(tail);
    hash.#filled = tail.length;
    hash.#total = total;
    return hash;
  }

  #open(): Sha256Instance {
    if (!this.#instance) throw new HashFinishedError();
    return this.#instance;
  }
}

/** The SHA-256 of a message that is at hand as a whole: 32 bytes. @throws NotInitializedError */
export function sha256(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Sha256().update(bytes).digest();
}
