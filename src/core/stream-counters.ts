/** Offsets of the counters in the STREAM region, little-endian; assembly/gzip.ts says what they count. */
export const INPUT_TOTAL = 0x00;
export const OUTPUT_TOTAL = 0x08;
export const CRC32 = 0x10;
export const LEVEL = 0x14;
export const WINDOW_LENGTH = 0x18;
export const PENDING = 0x1c;
export const HASHED = 0x20;
export const CARRY = 0x24;
