import { CheckpointReader } from "./reader.js";
import { CheckpointWriter } from "./writer.js";

const KIND = "sha256";
const WORDS_SIZE = 32;
const BLOCK_SIZE = 64;

/** A SHA-256 over a message that goes on. */
export interface Sha256State {
  /** H0..H7 over the whole blocks so far, big-endian. */
  readonly words: Uint8Array;
  /** The incomplete block: as many bytes as `total` leaves, divided by 64. */
  readonly tail: Uint8Array;
  /** Bytes of the message so far. */
  readonly total: number;
}

/** The state as a checkpoint, some 150 bytes. @throws NotInitializedError */
export function writeSha256State({ words, tail, total }: Sha256State): Uint8Array<ArrayBuffer> {
  return new CheckpointWriter({ kind: KIND, format: "", inputOffset: total, outputOffset: 0 })
    .bytes(words)
    .bytes(tail)
    .finish();
}

/** The state that a checkpoint holds. @throws CheckpointError @throws NotInitializedError */
export function readSha256State(checkpoint: Uint8Array): Sha256State {
  const reader = new CheckpointReader(checkpoint).expect(KIND, "");
  const total = reader.description.inputOffset;
  const words = reader.bytes(WORDS_SIZE);
  const tail = reader.bytes(total % BLOCK_SIZE);
  reader.end();
  return { words, tail, total };
}
