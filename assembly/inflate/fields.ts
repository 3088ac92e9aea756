/** Fields of whole bytes, which may come one byte at a time: the bit reader stands on a byte boundary. */
import { FIELD, GATHERED, INPUT, INPUT_STOP } from "./state";

/** Gathers a little-endian field of up to four bytes in FIELD; true when it is complete. */
export function gatherField(size: u32): bool {
  const stop = load<u32>(INPUT_STOP);
  let next = load<u32>(INPUT);
  let gathered = load<u32>(GATHERED);
  let field = load<u32>(FIELD);
  while (gathered < size && next < stop) {
    field |= <u32>load<u8>(next++) << (gathered << 3);
    gathered++;
  }
  store<u32>(INPUT, next);
  store<u32>(GATHERED, gathered);
  store<u32>(FIELD, field);
  return gathered == size;
}

/** The next field begins. */
export function startField(): void {
  store<u32>(GATHERED, 0);
  store<u32>(FIELD, 0);
}

/** Skips a text up to and with the zero that ends it; true when that has come. */
export function skipText(): bool {
  const stop: usize = load<u32>(INPUT_STOP);
  let next: usize = load<u32>(INPUT);
  while (next < stop && load<u8>(next)) next++;
  const ended = next < stop;
  store<u32>(INPUT, <u32>(ended ? next + 1 : stop));
  return ended;
}
