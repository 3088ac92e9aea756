import { checksum } from "./checksum.js";
import {
  CHECKPOINT_MAXIMUM,
  CHECKSUM_SIZE,
  type CheckpointDescription,
  HEAD_OFFSET,
  LENGTH_OFFSET,
  MAGIC,
  VERSION,
  VERSION_OFFSET,
} from "./envelope.js";

/**
 * Writes a saved state, field by field: the envelope of envelope.ts around fields that have no names, so that reader
 * and writer of a kind must agree on their order. Whoever adds or changes a field gives the kind another name, or
 * the envelope another version.
 */
export class CheckpointWriter {
  readonly #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(CHECKPOINT_MAXIMUM);
  readonly #view: DataView = new DataView(this.#bytes.buffer);
  #at: number = HEAD_OFFSET;

  constructor({ kind, format, inputOffset, outputOffset }: CheckpointDescription) {
    this.#bytes.set(MAGIC);
    this.#view.setUint16(VERSION_OFFSET, VERSION, true);
    this.u64(inputOffset);
    this.u64(outputOffset);
    this.#text(kind);
    this.#text(format);
  }

  /** An integer from 0 to 255. */
  u8(value: number): this {
    this.#view.setUint8(this.#at, value);
    this.#at += 1;
    return this;
  }

  /** An integer from -128 to 127. */
  i8(value: number): this {
    this.#view.setInt8(this.#at, value);
    this.#at += 1;
    return this;
  }

  /** An integer below 2^32. */
  u32(value: number): this {
    this.#view.setUint32(this.#at, value, true);
    this.#at += 4;
    return this;
  }

  /** An integer from 0 to 2^53 - 1. */
  u64(value: number): this {
    this.#view.setBigUint64(this.#at, BigInt(value), true);
    this.#at += 8;
    return this;
  }

  /** Bytes, fewer than 65536, behind their number. */
  bytes(value: Uint8Array): this {
    this.#view.setUint16(this.#at, value.length, true);
    this.#bytes.set(value, this.#at + 2);
    this.#at += 2 + value.length;
    return this;
  }

  /** The state with its length and its checksum, in a buffer of its own. To be called once, last. @throws NotInitializedError */
  finish(): Uint8Array<ArrayBuffer> {
    const end = this.#at;
    this.#view.setUint32(LENGTH_OFFSET, end + CHECKSUM_SIZE, true);
    this.#bytes.set(checksum(this.#bytes.subarray(0, end)), end);
    return this.#bytes.slice(0, end + CHECKSUM_SIZE);
  }

  #text(value: string): void {
    this.u8(value.length);
    for (let i = 0; i < value.length; i++) this.u8(value.charCodeAt(i));
  }
}
