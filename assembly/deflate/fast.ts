/**
 * Match finding for level 1: a hash table of latest positions, and a choice among six neighbours.
 *
 * The table has one entry for each hash of 5 bytes: the latest position that had it, as u16. Positions are addresses modulo
 * 2^16 and never need rebasing: whatever an entry holds, `((p - 1 - entry) & 32767) + 1` is a distance that can be read,
 * and comparing the bytes there tells whether it is a match. A match is rated by its length, from one 16-byte comparison,
 * and by how near it is.
 *
 * Each step looks at six positions at once. If none begins a match of 4 bytes, all six are literals. Otherwise the one
 * is taken whose match is longest, where each position that it lies further ahead costs it a byte; what is before it
 * becomes literals. What costs time is the wait for one match before the next can be looked for, and branches that
 * can't be foreseen, so six look-ups go on side by side, and the choice is made without a branch: the literals'
 * tokens are stored in any case, and count, with their place, only as far as they are meant.
 *
 * Measured, on tars of system files and of npm packages:
 * - hashing 5 bytes, not 4, and inserting only a few positions at the start and two at the end of a match gain the most;
 * - four positions a step, not two, are 3 to 5 % faster, and the output is 0.5 and 1 % smaller; six, not four, are 3 and
 *   5 % faster, and the output is as small and 0.4 % larger; eight gain nothing more, and make it 1 and 2 % larger;
 * - a table of 64 KiB, not 128, costs 0.3 % of size and gains 1 % where a core has 48 KiB at hand, 3 to 5 % where it has 32;
 *   one of 32 KiB costs 0.7 and 0.5 %, and gains 2 % more;
 * - two positions an entry, the better one taken, give output smaller by 0.8 and 1.5 %, and are 10 to 15 % slower;
 * - a step waits for its longest chain, from the bytes to the next position, some 45 cycles. To make that shorter gains 3
 *   and 5 %: a nearness that is an address but for p, `select` where the bits are equal. To make the rest of it shorter, such
 *   as a table of dist symbols, gains nothing; and to let two halves of a segment be parsed in turn, so that either waits
 *   beside the other, 6 %, if the core isn't shared, less what their tables cost;
 * - a match that fills 16 bytes goes on for less than 32 more in 8 of 10 cases, so these are compared at once: 1 and 2 %;
 * - to take no branch where nothing is found, either, is slower by 5 to 10 %;
 * - to store the tokens of a match one step late gains 1 %, and to take what counts a literal from a table 1 to 2 %;
 * - looking at every other position ahead of the parse, which waits for nothing, is not faster: most of what it finds is
 *   passed over.
 *
 * Probes read up to 32 bytes past what they compare, and past the end of the segment, where zeros stand.
 */
import { MATCH_TABLES, SEGMENT, WINDOW, WINDOW_SIZE } from "../memory";
import { primeStepOf } from "./levels";
import { endParse, extend, nearnessToDistanceLess1 } from "./match";
import { MAX_MATCH, MIN_MATCH } from "./symbols";
import { putLiteral, putLiterals, putMatch, putUpTo5Literals } from "./tokens";
import { countWork } from "./work";

/** u16 for each hash: the latest position that had it. */
const LATEST: usize = MATCH_TABLES;

const HASH_BITS: u32 = 15;
const TABLE_SIZE: usize = 2 << HASH_BITS;
const HASH_MULTIPLIER: u64 = 0x9e3779b185ebca87;

/** Positions that a step looks at. */
const REACH: usize = 6;

/** Shorter matches seldom pay at this level. */
const SHORTEST: u32 = 4;
/** A rating below this is that of no match. */
const MIN_RATING: u32 = SHORTEST << 19;

/** What a match gains for each position that it begins earlier: a byte of length; and how many these are, in bits 0 to 2. */
const EARLIER: u32 = (1 << 19) | 1;

/**
 * After 2^6 bytes of literals in a row, more and more of them are passed over unseen, at most 16 pairs at a time:
 * incompressible data is left quickly.
 */
const SKIP_SHIFT: u32 = 6;
const SKIP_MAXIMUM: u32 = 16;

// @ts-ignore: decorator
@inline function entryOf(bytes: u64): usize {
  return LATEST + (<usize>(((bytes << 24) * HASH_MULTIPLIER) >>> (64 - HASH_BITS)) << 1);
}

// @ts-ignore: decorator
@inline function insert(p: usize): void {
  store<u16>(entryOf(load<u64>(p)), <u16>p);
}

/** Inserts p, and returns what its entry held before. */
// @ts-ignore: decorator
@inline function exchange(p: usize): u32 {
  const entry = entryOf(load<u64>(p));
  const position: u32 = load<u16>(entry);
  store<u16>(entry, <u16>p);
  return position;
}

/** How near a position, modulo 2^16, is to p: 32768 less the distance, which is at most that. */
// @ts-ignore: decorator
@inline function nearness(p: usize, position: u32): u32 {
  return (position - <u32>p) & (<u32>WINDOW_SIZE - 1);
}

/**
 * Rates the match of p with the position that is so near: `length << 19 | nearness << 3`, the length being 16 at most, with
 * what it gains for beginning `positions` earlier than the last of a step; 0 if it is too short.
 */
// @ts-ignore: decorator
@inline function rating(p: usize, near: u32, positions: u32): u32 {
  const equal = <u32>i8x16.bitmask(i8x16.eq(v128.load(p), v128.load(p - WINDOW_SIZE + near)));
  const length = ctz(equal + 1);
  return select((length << 19) + (near << 3) + positions * EARLIER, 0, length >= SHORTEST);
}

// @ts-ignore: decorator
@inline function greater(a: u32, b: u32): u32 {
  return select(a, b, a > b);
}

/** As `extend` has it, given 16 bytes that are equal: the next 32 at once. */
// @ts-ignore: decorator
@inline function extendFar(p: usize, candidate: usize): u32 {
  countWork(2);
  const first = <u32>i8x16.bitmask(i8x16.eq(v128.load(p, 16), v128.load(candidate, 16)));
  const second = <u32>i8x16.bitmask(i8x16.eq(v128.load(p, 32), v128.load(candidate, 32)));
  const equal = first | (second << 16);
  return ~equal ? 16 + ctz(~equal) : extend(p, candidate, 48);
}

/** Empties the table, then inserts the `window` bytes before the segment. */
export function primeFast(level: usize, window: usize): void {
  const step = primeStepOf(level);
  memory.fill(LATEST, 0, TABLE_SIZE);
  for (let p = SEGMENT - window; p < SEGMENT; p += step) insert(p);
}

/** Where the literals at hand begin, and where a scan has ended. */
let literalsFrom: usize = 0;
let scanned: usize = 0;

/** As `parse` in segment.ts has it; it may also end before `stop`, by fewer positions than a step looks at. */
export function parseFast(p: usize, stop: usize, end: usize, start: usize, token: usize): usize {
  literalsFrom = p;
  scanned = p;
  if (start == WINDOW) token = scanMiddle(stop, end, token);
  token = scanEdge(stop, end, start, token);
  for (p = scanned; stop == end && p < end; p++) {
    putLiteral(token, load<u8>(p));
    token += 4;
  }
  endParse(p);
  return token;
}

/** The steps whose matches can't go past the end, with a whole window, before which none can begin. */
function scanMiddle(stop: usize, end: usize, token: usize): usize {
  return scan(false, min(stop, end - MAX_MATCH), stop, end, WINDOW, token);
}

function scanEdge(stop: usize, end: usize, start: usize, token: usize): usize {
  return scan(true, stop, stop, end, start, token);
}

/**
 * Takes steps from where the last scan ended, as long as they stay before `limit`. Whether matches are held against `start`
 * and `end` is known to the compiler, which leaves out what isn't asked for.
 *
 * The tokens of a match are stored in the step after it: a core that waits for a choice doesn't go far beyond what waits
 * with it, and so these, which wait for nothing more, let the next step begin sooner.
 */
// @ts-ignore: decorator
@inline function scan(edge: bool, limit: usize, stop: usize, end: usize, start: usize, token: usize): usize {
  let p = scanned;
  let from = literalsFrom;
  // The match of the step before: the literals that it leaves before itself, where they stand, its length, 0 if there was none.
  let literals: u32 = 0;
  let literalsAt: usize = 0;
  let length: u32 = 0;
  let near: u32 = 0;
  while (p + REACH <= limit) {
    countWork(<u32>REACH);
    const position0 = exchange(p), position1 = exchange(p + 1), position2 = exchange(p + 2);
    const position3 = exchange(p + 3), position4 = exchange(p + 4), position5 = exchange(p + 5);
    const near0 = nearness(p, position0), near1 = nearness(p + 1, position1), near2 = nearness(p + 2, position2);
    const near3 = nearness(p + 3, position3), near4 = nearness(p + 4, position4), near5 = nearness(p + 5, position5);
    const best = greater(
      greater(
        greater(rating(p, near0, 5), rating(p + 1, near1, 4)),
        greater(rating(p + 2, near2, 3), rating(p + 3, near3, 2)),
      ),
      greater(rating(p + 4, near4, 1), rating(p + 5, near5, 0)),
    );
    if (length) {
      token = putStep(token, literals, literalsAt, length, near);
      length = 0;
    }
    if (best < MIN_RATING) {
      putLiterals(token, load<u8>(p, 0), load<u8>(p, 1));
      putLiterals(token + 4, load<u8>(p, 2), load<u8>(p, 3));
      putLiterals(token + 8, load<u8>(p, 4), load<u8>(p, 5));
      token += 12;
      p += REACH;
      for (let skip = min(<u32>(p - from) >>> SKIP_SHIFT, SKIP_MAXIMUM); skip > 0 && p + 2 <= stop; skip--) {
        putLiterals(token, load<u8>(p, 0), load<u8>(p, 1));
        token += 4;
        p += 2;
      }
      continue;
    }
    const left = best & 7;
    const before = <u32>REACH - 1 - left;
    const at = p + before;
    near = (best >>> 3) & (<u32>WINDOW_SIZE - 1);
    const candidate = at - WINDOW_SIZE + near;
    let longest = (best >>> 19) - left;
    if (longest == 16) longest = extendFar(at, candidate);
    if (edge) {
      longest = min(longest, <u32>(end - at));
      if (candidate < start || longest < MIN_MATCH) {
        // All of them, not one: those that have been inserted would find themselves.
        for (const next = p + REACH; p < next; p++) {
          putLiteral(token, load<u8>(p));
          token += 4;
        }
        continue;
      }
    }
    literals = before;
    literalsAt = p;
    length = longest;
    p = at + longest;
    insert(p - 2);
    insert(p - 1);
    from = p;
  }
  if (length) token = putStep(token, literals, literalsAt, length, near);
  literalsFrom = from;
  scanned = p;
  return token;
}

/** Stores a match and the literals before it, and returns the end of their tokens. */
// @ts-ignore: decorator
@inline function putStep(token: usize, literals: u32, literalsAt: usize, length: u32, near: u32): usize {
  token = putUpTo5Literals(token, literals, literalsAt);
  putMatch(token, length, nearnessToDistanceLess1(near));
  return token + 4;
}
