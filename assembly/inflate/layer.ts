/**
 * The reading machine: inflating a layer, with the SHA-256 of both sides. Slot 0 hashes what comes out (the diffID),
 * slot 1 what goes in (the digest), as in the layer machine that compresses.
 *
 * After each piece both are hashed in whole blocks, side by side as far as the shorter reaches. What is left of the
 * input moves to just before COMPRESSED, where it meets the input that follows; what is left of the output stays where
 * it is, for less than a block is always within the history that stays.
 */
import { COMPRESSED, INFLATED } from "../memory";
import { sha256Finish, sha256Process, sha256Reset } from "../sha256";
import { sha256ProcessPair } from "../sha256-pair";
import { inflateReset } from "./inflate";
import { CARRY, HASHED, INPUT_TOTAL, OUTPUT, OUTPUT_TOTAL } from "./state";

const OUTPUT_SLOT: usize = 0;
const INPUT_SLOT: usize = 1;

/** Begins a layer. */
export function inflateLayerReset(ignoreTrailing: bool): void {
  inflateReset(true, ignoreTrailing);
  sha256Reset(OUTPUT_SLOT);
  sha256Reset(INPUT_SLOT);
}

/** Hashes the `used` bytes of input that `inflate` has just used, and what came of them; before `inflateTaken`. */
export function inflateLayerHash(used: usize, paired: bool): void {
  const input = COMPRESSED - load<u32>(CARRY);
  const output: usize = load<u32>(HASHED);
  const inputBlocks = <u32>((COMPRESSED + used - input) >>> 6);
  const outputBlocks = <u32>((<usize>load<u32>(OUTPUT) - output) >>> 6);
  const pairs = paired ? min(inputBlocks, outputBlocks) : 0;
  if (pairs) sha256ProcessPair(output, input, pairs);
  sha256Process(INPUT_SLOT, input + (<usize>pairs << 6), inputBlocks - pairs);
  sha256Process(OUTPUT_SLOT, output + (<usize>pairs << 6), outputBlocks - pairs);
  store<u32>(HASHED, <u32>output + (outputBlocks << 6));
  const rest = COMPRESSED + used - input - (<usize>inputBlocks << 6);
  memory.copy(COMPRESSED - rest, COMPRESSED + used - rest, rest);
  store<u32>(CARRY, <u32>rest);
}

/** Ends both hashes: the diffID stands at SHA256_DIGEST, the digest behind it. */
export function inflateLayerFinish(): void {
  const output: usize = load<u32>(HASHED);
  const end: usize = load<u32>(OUTPUT);
  const carry: usize = load<u32>(CARRY);
  sha256Finish(OUTPUT_SLOT, output, end - output, <f64>(load<u64>(OUTPUT_TOTAL) + (end - INFLATED)));
  sha256Finish(INPUT_SLOT, COMPRESSED - carry, carry, <f64>load<u64>(INPUT_TOTAL));
}
