/**
 * Where the inflater stands. All of it lies in INFLATE_STATE, little-endian, so that JavaScript can read it, and a
 * stream can be saved between any two bytes of input and taken up again in another instance.
 *
 *     offset  type  what
 *     0x00    u64   bytes of input before those at COMPRESSED
 *     0x08    u64   bytes of output before those at INFLATED, the history left out
 *     0x10    u64   bit buffer: bits read but not used, the next one lowest
 *     0x18    u32   how many they are
 *     0x1c    u32   mode: what comes next, below
 *     0x20    u32   1 for gzip, 0 for a DEFLATE stream alone
 *     0x24    u32   1 when bytes after the end are to be ignored
 *     0x28    u32   members that are complete (at most 1 for DEFLATE alone); it stops counting at 2^32 - 1
 *     0x2c    u32   FLG of the member's header
 *     0x30    u32   CRC-32 of the header so far
 *     0x34    u32   a field of several bytes, as far as it has been read
 *     0x38    u32   how many bytes or code lengths of what is being read are there already
 *     0x3c    u32   bytes of FEXTRA or of a stored block that are still to come
 *     0x40    u32   BFINAL of the block at hand
 *     0x44    u32   HLIT + 257
 *     0x48    u32   HDIST + 1
 *     0x4c    u32   HCLEN + 4
 *     0x50    u32   1 while the tables are those of the fixed code
 *     0x54    u32   CRC-32 of the member's output so far
 *     0x58    u32   bytes of the member's output so far, modulo 2^32
 *     0x5c    u32   fault, below; 0 when there is none
 *     0x60    u64   where the fault lies: offset of its first byte in the input
 *     0x68    u64   where the block at hand begins: the same
 *     0x70    u32   address of the next byte of input
 *     0x74    u32   where the input ends
 *     0x78    u32   address of the next byte of output
 *     0x7c    u32   where output must stop
 *     0x80    u32   the lowest address that a distance may reach
 *     0x84    u32   output below this address is in the CRC
 *     0x88    u32   output below this address is hashed (layer.ts)
 *     0x8c    u32   bytes before COMPRESSED that are used, but not hashed (layer.ts)
 *     0x90    u32   where the fast loop must stop, which may overrun it: before OUTPUT_STOP when that is a limit
 *
 * The numbers of modes and faults are part of saved states: they never change their meaning.
 */
import { COMPRESSED, INFLATED, INFLATE_STATE } from "../memory";

export const INPUT_TOTAL: usize = INFLATE_STATE;
export const OUTPUT_TOTAL: usize = INFLATE_STATE + 0x08;
export const BIT_BUFFER: usize = INFLATE_STATE + 0x10;
export const BIT_COUNT: usize = INFLATE_STATE + 0x18;
export const MODE: usize = INFLATE_STATE + 0x1c;
export const GZIP: usize = INFLATE_STATE + 0x20;
export const IGNORE_TRAILING: usize = INFLATE_STATE + 0x24;
export const MEMBERS: usize = INFLATE_STATE + 0x28;
export const FLAGS: usize = INFLATE_STATE + 0x2c;
export const HEADER_CRC: usize = INFLATE_STATE + 0x30;
export const FIELD: usize = INFLATE_STATE + 0x34;
export const GATHERED: usize = INFLATE_STATE + 0x38;
export const REMAINING: usize = INFLATE_STATE + 0x3c;
export const FINAL_BLOCK: usize = INFLATE_STATE + 0x40;
export const LITLEN_COUNT: usize = INFLATE_STATE + 0x44;
export const DIST_COUNT: usize = INFLATE_STATE + 0x48;
export const PRECODE_COUNT: usize = INFLATE_STATE + 0x4c;
export const FIXED_TABLES: usize = INFLATE_STATE + 0x50;
export const MEMBER_CRC: usize = INFLATE_STATE + 0x54;
export const MEMBER_SIZE: usize = INFLATE_STATE + 0x58;
export const FAULT: usize = INFLATE_STATE + 0x5c;
export const FAULT_OFFSET: usize = INFLATE_STATE + 0x60;
export const BLOCK_START: usize = INFLATE_STATE + 0x68;
export const INPUT: usize = INFLATE_STATE + 0x70;
export const INPUT_STOP: usize = INFLATE_STATE + 0x74;
export const OUTPUT: usize = INFLATE_STATE + 0x78;
export const OUTPUT_STOP: usize = INFLATE_STATE + 0x7c;
export const FLOOR: usize = INFLATE_STATE + 0x80;
export const CHECKED: usize = INFLATE_STATE + 0x84;
export const HASHED: usize = INFLATE_STATE + 0x88;
export const CARRY: usize = INFLATE_STATE + 0x8c;
export const FAST_STOP: usize = INFLATE_STATE + 0x90;
const STATE_SIZE: usize = 0x94;

/** Modes, in the order in which a member goes through them. */
export const IN_HEADER: u32 = 0;
export const IN_EXTRA_LENGTH: u32 = 1;
export const IN_EXTRA: u32 = 2;
export const IN_NAME: u32 = 3;
export const IN_COMMENT: u32 = 4;
export const IN_HEADER_CRC: u32 = 5;
export const AT_BLOCK: u32 = 6;
export const IN_STORED_LENGTH: u32 = 7;
export const IN_STORED: u32 = 8;
export const AT_DYNAMIC_COUNTS: u32 = 9;
export const IN_PRECODE: u32 = 10;
export const IN_CODE_LENGTHS: u32 = 11;
export const IN_SYMBOLS: u32 = 12;
export const IN_TRAILER_CRC: u32 = 13;
export const IN_TRAILER_SIZE: u32 = 14;
/** A member is complete: another one, padding, or the end may come. */
export const AFTER_MEMBER: u32 = 15;
/** Zeros after the last member. */
export const IN_PADDING: u32 = 16;
/** Bytes after the end that are ignored. */
export const IN_TRAILING: u32 = 17;
export const FAILED: u32 = 18;

/** Faults. */
export const NO_FAULT: u32 = 0;
export const BAD_MAGIC: u32 = 1;
export const BAD_METHOD: u32 = 2;
export const RESERVED_FLAGS: u32 = 3;
export const HEADER_CRC_MISMATCH: u32 = 4;
export const RESERVED_BLOCK: u32 = 5;
export const STORED_LENGTH_MISMATCH: u32 = 6;
export const TOO_MANY_CODES: u32 = 7;
export const OVER_SUBSCRIBED: u32 = 8;
export const UNDER_SUBSCRIBED: u32 = 9;
export const BAD_REPEAT: u32 = 10;
export const NO_END_OF_BLOCK: u32 = 11;
export const INVALID_SYMBOL: u32 = 12;
export const INVALID_DISTANCE: u32 = 13;
export const CRC_MISMATCH: u32 = 14;
export const SIZE_MISMATCH: u32 = 15;
export const TRAILING_DATA: u32 = 16;

/** What a step of the machine ends with. */
export const ON: u32 = 0;
export const NEEDS_INPUT: u32 = 1;
export const NEEDS_ROOM: u32 = 2;
export const FAULTY: u32 = 3;

/** A stream begins: nothing of an earlier one remains. */
export function resetState(gzip: bool, ignoreTrailing: bool): void {
  memory.fill(INFLATE_STATE, 0, STATE_SIZE);
  store<u32>(GZIP, gzip);
  store<u32>(IGNORE_TRAILING, ignoreTrailing);
  store<u32>(MODE, gzip ? IN_HEADER : AT_BLOCK);
  placeOutput(0, 0);
  store<u32>(INPUT, <u32>COMPRESSED);
  store<u32>(INPUT_STOP, <u32>COMPRESSED);
}

/** Output goes to INFLATED; of what stands before, distances reach `history` bytes, and `tail` bytes aren't hashed. */
export function placeOutput(history: usize, tail: usize): void {
  store<u32>(OUTPUT, <u32>INFLATED);
  store<u32>(FLOOR, <u32>(INFLATED - history));
  store<u32>(CHECKED, <u32>INFLATED);
  store<u32>(HASHED, <u32>(INFLATED - tail));
}

/** Offset in the input of the byte that the next bit lies in. */
export function inputOffset(): u64 {
  return load<u64>(INPUT_TOTAL) + (load<u32>(INPUT) - <u32>COMPRESSED) - ((load<u32>(BIT_COUNT) + 7) >>> 3);
}

/** The stream is at fault at an offset of the input. */
export function failAt(fault: u32, offset: u64): u32 {
  store<u32>(MODE, FAILED);
  store<u32>(FAULT, fault);
  store<u64>(FAULT_OFFSET, offset);
  return FAULTY;
}
