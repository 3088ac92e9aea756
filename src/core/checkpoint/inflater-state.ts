import {
  AFTER_MEMBER,
  AT_BLOCK,
  AT_DYNAMIC_COUNTS,
  DIST_COUNT,
  FIELD,
  FINAL_BLOCK,
  FIXED_TABLES,
  FLAGS,
  GATHERED,
  HEADER_CRC,
  IN_CODE_LENGTHS,
  IN_PRECODE,
  IN_SYMBOLS,
  IN_TRAILING,
  LITLEN_COUNT,
  MEMBER_CRC,
  MEMBER_SIZE,
  MEMBERS,
  PRECODE_COUNT,
  REMAINING,
} from "../inflater-fields.js";
import { damaged } from "./envelope.js";
import { CheckpointReader } from "./reader.js";
import { CheckpointWriter } from "./writer.js";

/** What is saved: {@link Inflate}, {@link Gunzip}, or {@link GunzipLayerMachine}. */
export type InflaterKind = "inflate" | "gunzip" | "gunzip-layer";

/** It goes on to write nothing that a format would have to name. */
const NO_FORMAT = "";
const WINDOW_SIZE = 0x8000;
const WORDS_SIZE = 32;
const BLOCK_SIZE = 64;
/** A symbol is at most 48 bits, so of an incomplete one there are fewer. */
const BIT_LIMIT = 48;

/** The 32-bit fields of the state, in the order in which they are saved, with the most that each can be. */
export const WORDS: readonly (readonly [offset: number, maximum: number])[] = [
  [MEMBERS, 0xffffffff],
  [FLAGS, 0x1f],
  [HEADER_CRC, 0xffffffff],
  [FIELD, 0xffffffff],
  [GATHERED, 316],
  [REMAINING, 0xffff],
  [FINAL_BLOCK, 1],
  [LITLEN_COUNT, 286],
  [DIST_COUNT, 30],
  [PRECODE_COUNT, 19],
  [FIXED_TABLES, 1],
  [MEMBER_CRC, 0xffffffff],
  [MEMBER_SIZE, 0xffffffff],
];

/** The hashes of both sides. */
export interface ReadingHashes {
  /** H0..H7 over the whole blocks of the compressed bytes so far, big-endian, and the incomplete block. */
  readonly compressed: Uint8Array;
  readonly compressedTail: Uint8Array;
  /** The same of what they inflate to. */
  readonly uncompressed: Uint8Array;
  readonly uncompressedTail: Uint8Array;
}

/** Everything that the rest of inflating a stream depends on. */
export interface InflaterState {
  readonly kind: InflaterKind;
  readonly inputOffset: number;
  readonly outputOffset: number;
  /** Infinity for none. */
  readonly maxBytes: number;
  readonly ignoreTrailing: boolean;
  /** What comes next: a mode of assembly/inflate/state.ts. */
  readonly mode: number;
  /** The fields that {@link WORDS} lists. */
  readonly words: readonly number[];
  /** Where the block at hand begins in the input. */
  readonly blockStart: number;
  /** Bits of the input that are read but not used, the next one lowest. */
  readonly bits: bigint;
  readonly bitCount: number;
  /** Code lengths of the precode, while a dynamic block's code is read. */
  readonly precodeLengths: Uint8Array;
  /** Code lengths of litlen and dist, as far as they are read. */
  readonly codeLengths: Uint8Array;
  /** Output that distances may reach. */
  readonly history: Uint8Array;
  /** Of the layer machine. */
  readonly hashes: ReadingHashes | undefined;
}

/** How many code lengths of each kind a state has. */
export function lengthCounts(mode: number, words: readonly number[]): { precode: number; codes: number } {
  const word = (offset: number): number => words[WORDS.findIndex(([at]) => at === offset)] ?? 0;
  const precode = mode === IN_PRECODE || mode === IN_CODE_LENGTHS ? 19 : 0;
  if (mode === IN_CODE_LENGTHS) return { precode, codes: word(GATHERED) };
  const dynamic = mode === IN_SYMBOLS && word(FIXED_TABLES) === 0;
  return { precode, codes: dynamic ? word(LITLEN_COUNT) + word(DIST_COUNT) : 0 };
}

/** Whether distances may reach back in a mode: within a DEFLATE stream. */
export function hasHistory(mode: number): boolean {
  return mode >= AT_BLOCK && mode <= IN_SYMBOLS;
}

/** The state as a checkpoint, at most 33.5 KiB. @throws NotInitializedError */
export function writeInflaterState(state: InflaterState): Uint8Array<ArrayBuffer> {
  const { kind, inputOffset, outputOffset, hashes } = state;
  const writer = new CheckpointWriter({ kind, format: NO_FORMAT, inputOffset, outputOffset })
    .u64(Math.min(state.maxBytes, Number.MAX_SAFE_INTEGER))
    .u8(state.ignoreTrailing ? 1 : 0)
    .u8(state.mode);
  for (const word of state.words) writer.u32(word);
  writer
    .u64(state.blockStart)
    .u8(state.bitCount)
    .u32(Number(state.bits & 0xffffffffn))
    .u32(Number(state.bits >> 32n))
    .bytes(state.precodeLengths)
    .bytes(state.codeLengths)
    .bytes(state.history);
  if (hashes) {
    writer.bytes(hashes.compressed).bytes(hashes.compressedTail);
    writer.bytes(hashes.uncompressed).bytes(hashes.uncompressedTail);
  }
  return writer.finish();
}

/**
 * The state that a checkpoint holds. What it says is held to the bounds within which the core can be set to it; whether
 * its code lengths are those of a code, the core will tell. @throws CheckpointError @throws NotInitializedError
 */
export function readInflaterState(checkpoint: Uint8Array, kind: InflaterKind): InflaterState {
  const reader = new CheckpointReader(checkpoint).expect(kind, NO_FORMAT);
  const { inputOffset, outputOffset } = reader.description;
  const limit = reader.u64();
  const maxBytes = limit === Number.MAX_SAFE_INTEGER ? Number.POSITIVE_INFINITY : limit;
  if (outputOffset > maxBytes) throw damaged("its output is past its limit");
  const ignoreTrailing = reader.u8() === 1;
  const mode = reader.u8();
  const words = WORDS.map(([, maximum]) => atMost(reader.u32(), maximum));
  checkMode(kind, mode, words);
  const blockStart = atMost(reader.u64(), inputOffset);
  const bitCount = reader.u8();
  const bits = BigInt(reader.u32()) | (BigInt(reader.u32()) << 32n);
  const bitMode = mode === AT_BLOCK || (mode >= AT_DYNAMIC_COUNTS && mode <= IN_SYMBOLS);
  if (bitCount >= (bitMode ? BIT_LIMIT : 1) || bits >> BigInt(bitCount) !== 0n)
    throw damaged("its bits are not those of an incomplete symbol");
  const { precode, codes } = lengthCounts(mode, words);
  const precodeLengths = reader.bytes(precode);
  const codeLengths = reader.bytes(codes);
  if (precodeLengths.some((length) => length > 7) || codeLengths.some((length) => length > 15))
    throw damaged("a code length is beyond what can be written");
  const history = reader.bytes();
  if (history.length > (hasHistory(mode) ? Math.min(WINDOW_SIZE, outputOffset) : 0))
    throw damaged("it has more history than there was output");
  const hashes =
    kind === "gunzip-layer"
      ? {
          compressed: reader.bytes(WORDS_SIZE),
          compressedTail: reader.bytes(inputOffset % BLOCK_SIZE),
          uncompressed: reader.bytes(WORDS_SIZE),
          uncompressedTail: reader.bytes(outputOffset % BLOCK_SIZE),
        }
      : undefined;
  reader.end();
  return {
    kind,
    inputOffset,
    outputOffset,
    maxBytes,
    ignoreTrailing,
    mode,
    words,
    blockStart,
    bits,
    bitCount,
    precodeLengths,
    codeLengths,
    history,
    hashes,
  };
}

function atMost(value: number, maximum: number): number {
  if (value > maximum) throw damaged("a field is beyond its bounds");
  return value;
}

/** The most that can have been gathered in each mode: of what it reads, or left from what was read before. */
const GATHERS: readonly number[] = [9, 1, 2, 2, 2, 1, 316, 3, 4, 316, 18, 315, 316, 3, 3, 0, 0, 1];

function checkMode(kind: InflaterKind, mode: number, words: readonly number[]): void {
  const word = (offset: number): number => words[WORDS.findIndex(([at]) => at === offset)] ?? 0;
  const deflate = hasHistory(mode);
  const ends = mode >= AFTER_MEMBER && mode <= IN_TRAILING;
  if (mode > IN_TRAILING || (kind === "inflate" && !deflate && !ends)) throw damaged("there is no such mode");
  if (word(GATHERED) > (GATHERS[mode] ?? 0)) throw damaged("more of a field is there than it has");
  const counted =
    mode === IN_PRECODE || mode === IN_CODE_LENGTHS || (mode === IN_SYMBOLS && !word(FIXED_TABLES));
  if (counted && (word(LITLEN_COUNT) < 257 || word(DIST_COUNT) < 1 || word(PRECODE_COUNT) < 4))
    throw damaged("a block has fewer codes than it must");
  if (mode === IN_CODE_LENGTHS && word(GATHERED) >= word(LITLEN_COUNT) + word(DIST_COUNT))
    throw damaged("a block has more code lengths than codes");
}
