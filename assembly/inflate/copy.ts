/**
 * Copying a match: `length` bytes from `distance` back. Where they overlap, the last `distance` bytes repeat.
 *
 * Up to 31 bytes behind the match are written, and count for nothing. From 16 bytes of distance on, vectors can be
 * copied as they are: two at once, for most matches end within them, then two at a time. Below, one vector is made
 * that holds the period as often as it fits, and stored again and again, a whole number of periods apart.
 */
import { COPY_PATTERNS, COPY_STRIDES } from "../memory";

/** Fills the tables for distances below a vector's size. */
export function copyInitialize(): void {
  for (let distance: usize = 1; distance < 16; distance++) {
    for (let i: usize = 0; i < 16; i++) store<u8>(COPY_PATTERNS + (distance << 4) + i, <u8>(i % distance));
    store<u8>(COPY_STRIDES + distance, <u8>(16 - (16 % distance)));
  }
}

// @ts-ignore: decorator
@inline export function copyMatch(to: usize, distance: u32, end: usize): void {
  let from = to - distance;
  if (distance >= 16) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    if (end - to > 32) {
      do {
        to += 32;
        from += 32;
        v128.store(to, v128.load(from));
        v128.store(to, v128.load(from, 16), 16);
      } while (to + 32 < end);
    }
  } else {
    const periods = v128.swizzle(v128.load(from), v128.load((<usize>distance << 4), COPY_PATTERNS));
    const stride: usize = load<u8>(<usize>distance, COPY_STRIDES);
    do {
      v128.store(to, periods);
      to += stride;
    } while (to < end);
  }
}
