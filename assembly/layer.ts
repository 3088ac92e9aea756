/**
 * The layer machine: one pass over a stream gives its SHA-256 (the diffID), its gzip, and the SHA-256 of that (the
 * digest).
 *
 * Slot 0 hashes the input, slot 1 the output. Output is hashed one call late, together with the next segment's input,
 * so that there are two equally long pieces to hash at once; whole blocks only, on both sides. What is left of the
 * output is carried to just before OUTPUT when JavaScript has taken the bytes, so that it meets the bytes that follow
 * it:
 *
 *            OUTPUT_CARRY       OUTPUT
 *     ... | ........ carry ... | hashed ......... | not hashed yet ....... |
 *                    < CARRY > | <-- HASHED --->  |                        |
 *                              | <------------- PENDING -----------------> |
 *
 * A full segment is a multiple of 64 bytes, so only the last leaves an incomplete block of input.
 */
import { OUTPUT, SEGMENT } from "./memory";
import { CARRY, HASHED, INPUT_TOTAL, OUTPUT_TOTAL, PENDING, gzipReset, gzipSegment } from "./gzip";
import { sha256Finish, sha256Process, sha256Reset } from "./sha256";
import { sha256ProcessPair } from "./sha256-pair";

const INPUT_SLOT: usize = 0;
const OUTPUT_SLOT: usize = 1;

/** Begins a layer. */
export function layerReset(level: i32): void {
  gzipReset(level);
  sha256Reset(INPUT_SLOT);
  sha256Reset(OUTPUT_SLOT);
}

/**
 * Hashes the `length` bytes at SEGMENT and all output that waits, both in whole blocks: side by side as far as the
 * shorter reaches if `paired`, else one after the other.
 */
export function layerHash(length: usize, paired: bool): void {
  const output = OUTPUT + load<u32>(HASHED) - load<u32>(CARRY);
  const outputBlocks = <u32>((OUTPUT + load<u32>(PENDING) - output) >>> 6);
  const inputBlocks = <u32>(length >>> 6);
  const pairs = paired ? min(outputBlocks, inputBlocks) : 0;
  if (pairs) sha256ProcessPair(SEGMENT, output, pairs);
  sha256Process(INPUT_SLOT, SEGMENT + (<usize>pairs << 6), inputBlocks - pairs);
  sha256Process(OUTPUT_SLOT, output + (<usize>pairs << 6), outputBlocks - pairs);
  advance(<usize>outputBlocks << 6);
}

/**
 * The output has been taken: the bytes of it that aren't hashed yet move before OUTPUT. To be called between
 * `layerHash` and `gzipSegment`.
 */
export function layerTaken(): void {
  const rest: usize = load<u32>(CARRY) + load<u32>(PENDING) - load<u32>(HASHED);
  memory.copy(OUTPUT - rest, OUTPUT + load<u32>(PENDING) - rest, rest);
  store<u32>(CARRY, <u32>rest);
  store<u32>(HASHED, 0);
  store<u32>(PENDING, 0);
}

/** Ends both hashes, after the last segment, of `length` bytes, has been hashed and encoded. */
export function layerFinish(length: usize): void {
  const tail: usize = length & 63;
  sha256Finish(INPUT_SLOT, SEGMENT + length - tail, tail, <f64>load<u64>(INPUT_TOTAL));
  layerFinishOutput();
}

/** Ends the hash of the output, after the last segment has been encoded or appended. */
export function layerFinishOutput(): void {
  layerHash(0, false);
  const rest: usize = load<u32>(CARRY) + load<u32>(PENDING) - load<u32>(HASHED);
  sha256Finish(OUTPUT_SLOT, OUTPUT + load<u32>(PENDING) - rest, rest, <f64>load<u64>(OUTPUT_TOTAL));
}

/** Moves the mark up to which output is hashed. */
function advance(bytes: usize): void {
  const fromCarry = min(bytes, <usize>load<u32>(CARRY));
  store<u32>(CARRY, load<u32>(CARRY) - <u32>fromCarry);
  store<u32>(HASHED, load<u32>(HASHED) + <u32>(bytes - fromCarry));
}
