import { readEncoderState } from "./encoder-state.js";
import { type CheckpointDescription, damaged } from "./envelope.js";
import { SHA256, writeHashState } from "./hash-state.js";
import { CheckpointReader } from "./reader.js";

/**
 * What a checkpoint says of itself, once it has been found intact: what it was taken of, and where its input and its
 * output go on.
 *
 * @throws {CheckpointError} if it is none, or not intact, or of a newer version
 * @throws {NotInitializedError}
 */
export function describeCheckpoint(checkpoint: Uint8Array): CheckpointDescription {
  return new CheckpointReader(checkpoint).description;
}

/**
 * The hash of the input that a layer's checkpoint stands for: what `Sha256.save()` gives after the same bytes. Whoever
 * resumes over a source that can be read again hashes its first `inputOffset` bytes and compares: other bytes mean
 * another source, and the resumed layer would be a mixture of both.
 *
 * @throws {CheckpointError} if it is not intact, or no layer's
 * @throws {NotInitializedError}
 */
export function checkpointInputHash(checkpoint: Uint8Array): Uint8Array<ArrayBuffer> {
  const { inputOffset, hashes } = readEncoderState(checkpoint, true, undefined);
  if (hashes === undefined) throw damaged("it has no hashes");
  return writeHashState(SHA256, { words: hashes.input, tail: new Uint8Array(0), total: inputOffset });
}

/**
 * The hash of the output that had been made where a layer's checkpoint was taken: what `Sha256.save()` gives after the same
 * bytes. Whoever keeps that output, or has sent it somewhere, goes on hashing it from there.
 *
 * @throws {CheckpointError} if it is not intact, or no layer's
 * @throws {NotInitializedError}
 */
export function checkpointOutputHash(checkpoint: Uint8Array): Uint8Array<ArrayBuffer> {
  const { outputOffset, hashes } = readEncoderState(checkpoint, true, undefined);
  if (hashes === undefined) throw damaged("it has no hashes");
  return writeHashState(SHA256, { words: hashes.output, tail: hashes.outputTail, total: outputOffset });
}
