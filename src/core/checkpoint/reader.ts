import { checkBytes } from "../check-bytes.js";
import { checksum } from "./checksum.js";
import {
  CHECKPOINT_MAXIMUM,
  CHECKSUM_SIZE,
  type CheckpointDescription,
  damaged,
  HEAD_OFFSET,
  LENGTH_OFFSET,
  MAGIC,
  VERSION,
  VERSION_OFFSET,
} from "./envelope.js";
import { CheckpointError } from "./error.js";

/**
 * Reads a saved state, field by field, as {@link CheckpointWriter} has written it. It is verified as a whole before
 * the first field is read, and copied before that, so that nobody changes it in between. Every field is held to the
 * state's bounds all the same: a checksum can be made by anyone.
 */
export class CheckpointReader {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  /** Where the fields end. */
  readonly #end: number;
  #at: number = HEAD_OFFSET;
  /** What it says of itself. */
  readonly description: CheckpointDescription;

  /**
   * @throws {CheckpointError} if it is none, or not intact, or of a newer version
   * @throws {NotInitializedError}
   */
  constructor(checkpoint: Uint8Array) {
    checkBytes(checkpoint);
    this.#bytes = new Uint8Array(checkpoint.subarray(0, CHECKPOINT_MAXIMUM + 1));
    this.#view = new DataView(this.#bytes.buffer);
    this.#end = this.#verify();
    const inputOffset = this.u64();
    const outputOffset = this.u64();
    this.description = { kind: this.#text(), format: this.#text(), inputOffset, outputOffset };
  }

  /** Refuses a state of another kind than the caller can resume, or of another format. @throws CheckpointError */
  expect(kind: string, format: string): this {
    const { description } = this;
    if (description.kind !== kind)
      throw new CheckpointError(
        "kind",
        `it is that of a ${quoted(description.kind)}, where one of a ${quoted(kind)} is expected`,
      );
    if (description.format !== format)
      throw new CheckpointError(
        "format",
        `it was taken in the format ${quoted(description.format)}, where ${quoted(format)} is written here`,
      );
    return this;
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  i8(): number {
    return this.#view.getInt8(this.#advance(1));
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  u64(): number {
    const value = Number(this.#view.getBigUint64(this.#advance(8), true));
    if (!Number.isSafeInteger(value)) throw damaged("a count is beyond 2^53");
    return value;
  }

  /** Bytes behind their number, which must be the one that is given, if one is. The view is the caller's own. */
  bytes(length?: number): Uint8Array<ArrayBuffer> {
    const size = this.#view.getUint16(this.#advance(2), true);
    if (length !== undefined && size !== length)
      throw damaged(`a field has ${size} bytes, where ${length} belong`);
    const at = this.#advance(size);
    return this.#bytes.subarray(at, at + size);
  }

  /** Refuses fields beyond those that were read. */
  end(): void {
    if (this.#at !== this.#end) throw damaged("it has more fields than belong to it");
  }

  #text(): string {
    const length = this.u8();
    const at = this.#advance(length);
    return String.fromCharCode(...this.#bytes.subarray(at, at + length));
  }

  #advance(size: number): number {
    const at = this.#at;
    if (at + size > this.#end) throw damaged("it has fewer fields than belong to it");
    this.#at += size;
    return at;
  }

  /** Returns where the fields end. */
  #verify(): number {
    const { length } = this.#bytes;
    for (let i = 0; i < MAGIC.length && i < length; i++) {
      if (this.#bytes[i] !== MAGIC[i])
        throw new CheckpointError("not-a-checkpoint", "these bytes are none of varve's");
    }
    if (length < HEAD_OFFSET) throw truncated(length);
    const version = this.#view.getUint16(VERSION_OFFSET, true);
    if (version > VERSION)
      throw new CheckpointError(
        "version",
        `it has version ${version}, and this varve reads version ${VERSION}: use the varve that wrote it, or a newer one`,
      );
    if (version !== VERSION) throw damaged("there is no such version");
    const whole = this.#view.getUint32(LENGTH_OFFSET, true);
    if (whole > CHECKPOINT_MAXIMUM || whole < HEAD_OFFSET + CHECKSUM_SIZE)
      throw damaged("its length is impossible");
    if (length < whole) throw truncated(length);
    if (length > whole) throw damaged("bytes follow its end");
    const end = whole - CHECKSUM_SIZE;
    const expected = checksum(this.#bytes.subarray(0, end));
    if (expected.some((byte, i) => byte !== this.#bytes[end + i]))
      throw damaged("its checksum is not that of its bytes");
    return end;
  }
}

function truncated(length: number): CheckpointError {
  return new CheckpointError("truncated", `it ends after ${length} bytes, before its time`);
}

/** Names are bytes, some of which could steer a terminal. */
function quoted(name: string): string {
  return JSON.stringify(name.slice(0, 32).replace(/[^ -~]/g, "?"));
}
