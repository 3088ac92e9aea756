/**
 * The bit reader: DEFLATE packs bits from the least significant end of each byte (RFC 1951, 3.1.1).
 *
 * What a step needs is looked at in the bit buffer first, and taken out only when it is there as a whole. So all
 * input that is given ends up used or in the buffer, and nothing ever has to be read again. The other way round, a
 * step goes on as long as the buffer serves it, so what the buffer holds beyond the byte in use always came with the
 * input at hand, and can be given back to it.
 */
import { BIT_BUFFER, BIT_COUNT, INPUT, INPUT_STOP } from "./state";

/** Fills the buffer to at least 56 bits, or with all input that there is. */
export function refill(): void {
  let next: usize = load<u32>(INPUT);
  const stop: usize = load<u32>(INPUT_STOP);
  let buffer = load<u64>(BIT_BUFFER);
  let count = load<u32>(BIT_COUNT);
  if (stop - next >= 8) {
    buffer |= load<u64>(next) << count;
    next += (63 - count) >>> 3;
    count |= 56;
  } else {
    while (count < 56 && next < stop) {
      buffer |= <u64>load<u8>(next++) << count;
      count += 8;
    }
  }
  store<u32>(INPUT, <u32>next);
  store<u64>(BIT_BUFFER, buffer);
  store<u32>(BIT_COUNT, count);
}

/** Whether the buffer holds `count` bits, at most 56, now that it has been filled. */
// @ts-ignore: decorator
@inline export function have(count: u32): bool {
  if (load<u32>(BIT_COUNT) < count) refill();
  return load<u32>(BIT_COUNT) >= count;
}

/** The next bits, as many as `have` has said that there are. */
// @ts-ignore: decorator
@inline export function peek(count: u32): u32 {
  return <u32>load<u64>(BIT_BUFFER) & ((1 << count) - 1);
}

// @ts-ignore: decorator
@inline export function drop(count: u32): void {
  store<u64>(BIT_BUFFER, load<u64>(BIT_BUFFER) >> count);
  store<u32>(BIT_COUNT, load<u32>(BIT_COUNT) - count);
}

/** Gives the whole bytes in the buffer back to the input. */
export function giveBack(): void {
  const count = load<u32>(BIT_COUNT);
  const rest = count & 7;
  store<u32>(INPUT, load<u32>(INPUT) - (count >>> 3));
  store<u64>(BIT_BUFFER, load<u64>(BIT_BUFFER) & ((<u64>1 << rest) - 1));
  store<u32>(BIT_COUNT, rest);
}

/** Drops the rest of the byte in use; what follows is read from the input, byte by byte. */
export function alignToByte(): void {
  giveBack();
  store<u64>(BIT_BUFFER, 0);
  store<u32>(BIT_COUNT, 0);
}
