import { CheckpointReader } from "./reader.js";
import { CheckpointWriter } from "./writer.js";

/** A hash of FIPS 180-4, as far as its state is concerned. */
export interface HashKind {
  /** What its checkpoints are checkpoints of. */
  readonly kind: string;
  /** Bytes of H0..H7. */
  readonly wordsSize: number;
  /** Bytes of a block. */
  readonly blockSize: number;
}

export const SHA256: HashKind = { kind: "sha256", wordsSize: 32, blockSize: 64 };
export const SHA512: HashKind = { kind: "sha512", wordsSize: 64, blockSize: 128 };

/** A hash over a message that goes on. */
export interface HashState {
  /** H0..H7 over the whole blocks so far, big-endian. */
  readonly words: Uint8Array;
  /** The incomplete block: as many bytes as `total` leaves, divided by the size of a block. */
  readonly tail: Uint8Array;
  /** Bytes of the message so far. */
  readonly total: number;
}

/** The state as a checkpoint, some 300 bytes at most. @throws NotInitializedError */
export function writeHashState(
  { kind }: HashKind,
  { words, tail, total }: HashState,
): Uint8Array<ArrayBuffer> {
  return new CheckpointWriter({ kind, format: "", inputOffset: total, outputOffset: 0 })
    .bytes(words)
    .bytes(tail)
    .finish();
}

/** The state that a checkpoint holds. @throws CheckpointError @throws NotInitializedError */
export function readHashState({ kind, wordsSize, blockSize }: HashKind, checkpoint: Uint8Array): HashState {
  const reader = new CheckpointReader(checkpoint).expect(kind, "");
  const total = reader.description.inputOffset;
  const words = reader.bytes(wordsSize);
  const tail = reader.bytes(total % blockSize);
  reader.end();
  return { words, tail, total };
}
