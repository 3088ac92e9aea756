import { checkCompressionLevel } from "../compression-level.js";
import { damaged } from "./envelope.js";
import { CheckpointError } from "./error.js";
import { CheckpointReader } from "./reader.js";
import { CheckpointWriter } from "./writer.js";

/** The format of the bytes that the encoder writes: assembly/deflate/FORMAT.md. */
export const ENCODER_FORMAT = "varve-gzip/0";
/** Bytes of a full segment, which the format fixes. */
export const SEGMENT_SIZE = 0x40000;
/** Bytes before a segment that its matches may reach. */
const WINDOW_SIZE = 0x8000;

const WORDS_SIZE = 32;
const BLOCK_SIZE = 64;

/** Both hashes of a layer at a segment boundary. */
export interface LayerHashes {
  /** H0..H7 over the input so far, big-endian; a segment is a number of whole blocks, so nothing is left over. */
  readonly input: Uint8Array;
  /** H0..H7 over the whole blocks of the output so far, big-endian. */
  readonly output: Uint8Array;
  /** The output's incomplete block: as many bytes as the output's length leaves, divided by 64. */
  readonly outputTail: Uint8Array;
}

/**
 * Everything that the rest of a gzip stream depends on, at a segment boundary. One thread and many come to the same
 * state at the same boundary.
 */
export interface EncoderState {
  readonly level: number;
  /** Bytes of input before the boundary: a number of whole segments. */
  readonly inputOffset: number;
  /** Bytes of output before the boundary. */
  readonly outputOffset: number;
  /** CRC-32 of the input so far. */
  readonly crc32: number;
  /** The 32 KiB of input before the boundary; empty at the start of the stream. */
  readonly window: Uint8Array;
  /** Undefined for gzip alone. */
  readonly hashes: LayerHashes | undefined;
}

function kindOf(layer: boolean): string {
  return layer ? "gzip-layer" : "gzip";
}

/** The state as a checkpoint, about 33 KiB. @throws NotInitializedError */
export function writeEncoderState(state: EncoderState): Uint8Array<ArrayBuffer> {
  const { level, inputOffset, outputOffset, crc32, window, hashes } = state;
  const kind = kindOf(hashes !== undefined);
  const writer = new CheckpointWriter({ kind, format: ENCODER_FORMAT, inputOffset, outputOffset })
    .i8(level)
    .u32(crc32)
    .bytes(window);
  if (hashes) writer.bytes(hashes.input).bytes(hashes.output).bytes(hashes.outputTail);
  return writer.finish();
}

/**
 * The state that a checkpoint holds.
 *
 * @param layer whether a layer machine is to be resumed, which needs the hashes, or gzip alone
 * @param expectedLevel the level that it must have been taken at; any if undefined
 * @throws CheckpointError
 * @throws CompressionLevelError if there is no such level as is expected
 * @throws NotInitializedError
 */
export function readEncoderState(
  checkpoint: Uint8Array,
  layer: boolean,
  expectedLevel: number | undefined,
): EncoderState {
  const reader = new CheckpointReader(checkpoint).expect(kindOf(layer), ENCODER_FORMAT);
  const { inputOffset, outputOffset } = reader.description;
  const started = inputOffset > 0;
  if (inputOffset % SEGMENT_SIZE !== 0 || started !== outputOffset > 0)
    throw damaged("its offsets are those of no segment boundary");
  const level = reader.i8();
  checkLevel(level, expectedLevel);
  const crc32 = reader.u32();
  const window = reader.bytes(started ? WINDOW_SIZE : 0);
  const hashes = layer
    ? {
        input: reader.bytes(WORDS_SIZE),
        output: reader.bytes(WORDS_SIZE),
        outputTail: reader.bytes(outputOffset % BLOCK_SIZE),
      }
    : undefined;
  reader.end();
  return { level, inputOffset, outputOffset, crc32, window, hashes };
}

function checkLevel(level: number, expected: number | undefined): void {
  if (expected !== undefined && checkCompressionLevel(expected) !== level)
    throw new CheckpointError("level", `it was taken at level ${level}, where level ${expected} is expected`);
  let known: number | undefined;
  try {
    known = checkCompressionLevel(level);
  } catch {
    throw new CheckpointError("level", `it was taken at level ${level}, which this varve does not have`);
  }
  if (known !== level) throw damaged(`level ${level} is another's name`);
}
