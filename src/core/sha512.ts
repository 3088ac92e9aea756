import { checkBytes } from "./check-bytes.js";
import { readHashState, SHA512, writeHashState } from "./checkpoint/hash-state.js";
import { readLongHashWords, writeLongHashWords } from "./hash-words.js";
import { HashFinishedError } from "./sha256.js";
import { type Sha512Instance, sha512Instances } from "./sha512-instance.js";

/**
 * Incremental SHA-512 (FIPS 180-4) in WebAssembly.
 *
 * Each object holds an instance of its own, until `digest`; then the instance serves the next one.
 */
export class Sha512 {
  #instance: Sha512Instance | undefined;
  /** Bytes in the input region that are not hashed yet. */
  #filled = 0;
  #total = 0;

  /** @throws NotInitializedError when `init()` has not been awaited */
  constructor() {
    this.#instance = sha512Instances.acquire();
    this.#instance.exports.sha512Reset();
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
        exports.sha512Process(inputAddress, input.length >>> 7);
        this.#filled = 0;
      }
    }
    this.#total += bytes.length;
    return this;
  }

  /**
   * Ends the message and returns its digest, 64 bytes that the caller owns. May be called once. @throws
   * HashFinishedError
   */
  digest(): Uint8Array<ArrayBuffer> {
    const instance = this.#open();
    const blocks = this.#filled >>> 7;
    instance.exports.sha512Process(instance.inputAddress, blocks);
    instance.exports.sha512Finish(instance.inputAddress + (blocks << 7), this.#filled & 127, this.#total);
    const digest = new Uint8Array(instance.digest);
    this.#instance = undefined;
    sha512Instances.release(instance);
    return digest;
  }

  /**
   * The hash of what has been appended so far, as a value of some 300 bytes from which {@link resume} goes on: in
   * another process, on another runtime, in another build. The hash itself goes on as well.
   *
   * It holds up to 127 bytes of the message, and whoever has it can continue the hash: of a secret message it is a
   * secret.
   *
   * @throws HashFinishedError
   */
  save(): Uint8Array<ArrayBuffer> {
    const { exports, input, inputAddress, state } = this.#open();
    const blocks = this.#filled >>> 7;
    exports.sha512Process(inputAddress, blocks);
    input.copyWithin(0, blocks << 7, this.#filled);
    this.#filled &= SHA512.blockSize - 1;
    const tail = input.subarray(0, this.#filled);
    return writeHashState(SHA512, { words: readLongHashWords(state), tail, total: this.#total });
  }

  /**
   * A hash that goes on where {@link save} stood.
   *
   * @throws {CheckpointError} if it is none of a SHA-512, or not intact
   * @throws {NotInitializedError}
   */
  static resume(saved: Uint8Array): Sha512 {
    const { words, tail, total } = readHashState(SHA512, saved);
    const hash = new Sha512();
    const { input, state } = hash.#open();
    writeLongHashWords(state, words);
    input.set(tail);
    hash.#filled = tail.length;
    hash.#total = total;
    return hash;
  }

  #open(): Sha512Instance {
    if (!this.#instance) throw new HashFinishedError("Sha512");
    return this.#instance;
  }
}

/** The SHA-512 of a message that is at hand as a whole: 64 bytes. @throws NotInitializedError */
export function sha512(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Sha512().update(bytes).digest();
}
