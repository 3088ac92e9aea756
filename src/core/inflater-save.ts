import { damaged } from "./checkpoint/envelope.js";
import {
  hasHistory,
  type InflaterKind,
  type InflaterState,
  lengthCounts,
  WORDS,
} from "./checkpoint/inflater-state.js";
import type { CoreInstance } from "./core-instance.js";
import { readHashWords, writeHashWords } from "./hash-words.js";
import {
  BIT_BUFFER,
  BIT_COUNT,
  BLOCK_START,
  CARRY,
  FIXED_TABLES,
  FLOOR,
  HASHED,
  IN_SYMBOLS,
  INPUT_TOTAL,
  MODE,
  OUTPUT,
  OUTPUT_TOTAL,
} from "./inflater-fields.js";

const WINDOW_SIZE = 0x8000;

/** The state of an instance that inflates, between two pieces of input. The views in it are those of its memory. */
export function saveInflater(
  { memory, inflater, inputState, outputState }: CoreInstance,
  kind: InflaterKind,
  limits: Pick<InflaterState, "maxBytes" | "ignoreTrailing">,
): InflaterState {
  const { state, compressedAddress, inflatedAddress } = inflater;
  const word = (offset: number): number => state.getUint32(offset, true);
  const mode = word(MODE);
  // Which tables stand in memory means something only to whoever reads symbols with them.
  const words = WORDS.map(([offset]) => (offset === FIXED_TABLES && mode !== IN_SYMBOLS ? 0 : word(offset)));
  const { precode, codes } = lengthCounts(mode, words);
  const bitCount = word(BIT_COUNT);
  const end = word(OUTPUT);
  const reach = hasHistory(mode) ? Math.min(WINDOW_SIZE, end - word(FLOOR)) : 0;
  return {
    ...limits,
    kind,
    inputOffset: Number(state.getBigUint64(INPUT_TOTAL, true)),
    outputOffset: Number(state.getBigUint64(OUTPUT_TOTAL, true)) + (end - inflatedAddress),
    mode,
    words,
    blockStart: Number(state.getBigUint64(BLOCK_START, true)),
    // Above the bits that count there may be others, which will be read again.
    bits: BigInt.asUintN(bitCount, state.getBigUint64(BIT_BUFFER, true)),
    bitCount,
    precodeLengths: inflater.precodeLengths.subarray(0, precode),
    codeLengths: inflater.codeLengths.subarray(0, codes),
    history: memory.subarray(end - reach, end),
    hashes:
      kind === "gunzip-layer"
        ? {
            compressed: readHashWords(outputState),
            compressedTail: memory.subarray(compressedAddress - word(CARRY), compressedAddress),
            uncompressed: readHashWords(inputState),
            uncompressedTail: memory.subarray(word(HASHED), end),
          }
        : undefined,
  };
}

/** Sets an instance that has just begun a stream to a state, and returns the address of its output. @throws CheckpointError */
export function enterInflater(instance: CoreInstance, saved: InflaterState): number {
  const { memory, inflater, inputState, outputState, exports } = instance;
  const { state, compressedAddress, inflatedAddress } = inflater;
  const { bitCount, hashes, history, mode } = saved;
  const uncompressedTail = hashes?.uncompressedTail ?? new Uint8Array(0);
  state.setBigUint64(INPUT_TOTAL, BigInt(saved.inputOffset), true);
  state.setBigUint64(OUTPUT_TOTAL, BigInt(saved.outputOffset), true);
  state.setUint32(MODE, mode, true);
  for (const [i, [offset]] of WORDS.entries()) state.setUint32(offset, saved.words[i] ?? 0, true);
  state.setBigUint64(BLOCK_START, BigInt(saved.blockStart), true);
  state.setBigUint64(BIT_BUFFER, saved.bits, true);
  state.setUint32(BIT_COUNT, bitCount, true);
  inflater.precodeLengths.set(saved.precodeLengths);
  inflater.codeLengths.set(saved.codeLengths);
  memory.set(uncompressedTail, inflatedAddress - uncompressedTail.length);
  memory.set(history, inflatedAddress - history.length);
  if (hashes) {
    writeHashWords(outputState, hashes.compressed);
    writeHashWords(inputState, hashes.uncompressed);
    state.setUint32(CARRY, hashes.compressedTail.length, true);
    memory.set(hashes.compressedTail, compressedAddress - hashes.compressedTail.length);
  }
  if (!exports.inflateResume(history.length, uncompressedTail.length))
    throw damaged("its code lengths are those of no code");
  if (bitCount >= 8) {
    // More than the rest of a byte is only kept of something incomplete: nothing can come of it alone.
    exports.inflate(0, 1);
    const moved = state.getUint32(OUTPUT, true) !== inflatedAddress || state.getUint32(MODE, true) !== mode;
    if (moved || state.getUint32(BIT_COUNT, true) !== bitCount) throw damaged("its bits are not incomplete");
  }
  return inflatedAddress;
}
