import { constantFseTable, type FseTable, highestBit, readFseTable } from "./fse-table.js";
import type { History } from "./history.js";
import type { LiteralsReader } from "./literals.js";
import {
  LITERALS_LENGTH_BASE,
  LITERALS_LENGTH_BITS,
  literalsLengths,
  MATCH_LENGTH_BASE,
  MATCH_LENGTH_BITS,
  matchLengths,
  offsets,
  type SequenceCode,
} from "./sequence-codes.js";
import { BlockFault } from "./zstd-error.js";

/** Values of a `Compression_Mode` (RFC 8878, 3.1.1.3.2.1). */
const PREDEFINED = 0;
const RLE = 1;
const FSE_COMPRESSED = 2;

/** In the bits of the modes byte, from the highest on: literals lengths, offsets, match lengths. */
const CODES = [literalsLengths, offsets, matchLengths] as const;

/** Below so many bytes a loop is faster than a call that copies. */
const SHORT = 24;

/**
 * Reads the sequences section of a block and executes it (RFC 8878, 3.1.1.3.2 and 3.1.1.4): each sequence copies some
 * literals, then repeats some bytes of the content before. Tables and the last three offsets go on from block to
 * block within a frame.
 */
export class SequencesReader {
  #tables: [FseTable, FseTable, FseTable] | undefined;
  #recent: [number, number, number] = [1, 4, 8];

  /** Begins a new frame. */
  reset(): void {
    this.#tables = undefined;
    this.#recent = [1, 4, 8];
  }

  /**
   * Appends the block's content to the history, or leaves the history as it was.
   *
   * @param view of a buffer that has at least eight bytes before `start` and after `end`
   * @param history with room for `most` bytes
   * @param most how many bytes a block of this frame may give
   * @throws {BlockFault} `bad-sequences`, `bad-table`, `invalid-distance`, `bad-block`
   */
  execute(
    view: DataView,
    start: number,
    end: number,
    literals: LiteralsReader,
    history: History,
    windowSize: number,
    most: number,
  ): void {
    const { count, next } = readCount(view, start, end);
    if (count === 0) {
      if (next !== end) throw new BlockFault("bad-sequences", next, "something follows a block's literals");
      history.bytes.set(literals.bytes.subarray(0, literals.length), history.end);
      history.end += literals.length;
      return;
    }
    const streamStart = this.#readTables(view, next, end);
    this.#run(view, streamStart, end, count, literals, history, windowSize, most);
  }

  #readTables(view: DataView, start: number, end: number): number {
    if (start >= end) throw new BlockFault("bad-sequences", start, "a block's sequences have no modes");
    const modes = view.getUint8(start);
    if ((modes & 3) !== 0) {
      throw new BlockFault(
        "bad-sequences",
        start,
        "reserved bits are set in the modes of a block's sequences",
      );
    }
    let position = start + 1;
    const previous = this.#tables;
    const tables = CODES.map((code, i): FseTable => {
      const mode = (modes >>> (6 - 2 * i)) & 3;
      if (mode === PREDEFINED) return code.predefined;
      if (mode === RLE) return readConstant(view, position++, end, code);
      if (mode === FSE_COMPRESSED) {
        const { table, next } = readFseTable(view, position, end, code.largestLog, code.largestSymbol);
        position = next;
        return table;
      }
      if (previous === undefined) {
        throw new BlockFault(
          "bad-sequences",
          start,
          "a block repeats the tables of a block that is not there",
        );
      }
      return previous[i]!;
    });
    this.#tables = tables as [FseTable, FseTable, FseTable];
    return position;
  }

  #run(
    view: DataView,
    start: number,
    end: number,
    count: number,
    literals: LiteralsReader,
    history: History,
    windowSize: number,
    most: number,
  ): void {
    const [literalsTable, offsetTable, matchTable] = this.#tables!;
    const literalsCells = literalsTable.cells;
    const offsetCells = offsetTable.cells;
    const matchCells = matchTable.cells;
    const last = start < end ? view.getUint8(end - 1) : 0;
    if (last === 0) throw new BlockFault("bad-sequences", start, "a block's sequences have no end marker");
    const floor = start * 8;
    let position = end * 8 - 8 + highestBit(last);

    const literalBytes = literals.bytes;
    const literalsEnd = literals.length;
    const { bytes, frameStart } = history;
    const limit = history.end + most;
    let at = history.end;
    let literal = 0;
    let [recent1, recent2, recent3] = this.#recent;

    position -= literalsTable.log;
    let literalsState = peek(view, position, literalsTable.log);
    position -= offsetTable.log;
    let offsetState = peek(view, position, offsetTable.log);
    position -= matchTable.log;
    let matchState = peek(view, position, matchTable.log);
    if (position < floor) {
      throw new BlockFault("bad-sequences", start, "a block's sequences end too early");
    }

    for (let left = count; left > 0; left--) {
      const literalsCell = literalsCells[literalsState]!;
      const offsetCell = offsetCells[offsetState]!;
      const matchCell = matchCells[matchState]!;

      const offsetBits = offsetCell >>> 24;
      let offset: number;
      if (offsetBits <= 24) {
        position -= offsetBits;
        offset = (1 << offsetBits) + peek(view, position, offsetBits);
      } else {
        position -= offsetBits - 16;
        const upper = peek(view, position, offsetBits - 16);
        position -= 16;
        offset = 2 ** offsetBits + upper * 65536 + peek(view, position, 16);
      }
      const matchSymbol = matchCell >>> 24;
      const matchBits = MATCH_LENGTH_BITS[matchSymbol]!;
      position -= matchBits;
      const matchLength = MATCH_LENGTH_BASE[matchSymbol]! + peek(view, position, matchBits);
      const literalsSymbol = literalsCell >>> 24;
      const literalsBits = LITERALS_LENGTH_BITS[literalsSymbol]!;
      position -= literalsBits;
      const literalsLength = LITERALS_LENGTH_BASE[literalsSymbol]! + peek(view, position, literalsBits);

      if (left > 1) {
        let bits = (literalsCell >>> 16) & 0xff;
        position -= bits;
        literalsState = (literalsCell & 0xffff) + peek(view, position, bits);
        bits = (matchCell >>> 16) & 0xff;
        position -= bits;
        matchState = (matchCell & 0xffff) + peek(view, position, bits);
        bits = (offsetCell >>> 16) & 0xff;
        position -= bits;
        offsetState = (offsetCell & 0xffff) + peek(view, position, bits);
      }
      if (position < floor) {
        throw new BlockFault("bad-sequences", start, "a block's sequences end too early");
      }

      // 3.1.1.5: values 1 to 3 stand for recent offsets, shifted by one when there are no literals.
      if (offset > 3) {
        offset -= 3;
        recent3 = recent2;
        recent2 = recent1;
        recent1 = offset;
      } else {
        const which = literalsLength === 0 ? offset + 1 : offset;
        if (which === 1) {
          offset = recent1;
        } else {
          offset = which === 2 ? recent2 : which === 3 ? recent3 : recent1 - 1;
          if (which !== 2) recent3 = recent2;
          recent2 = recent1;
          recent1 = offset;
        }
      }

      const literalsStop = literal + literalsLength;
      const matchAt = at + literalsLength;
      const next = matchAt + matchLength;
      if (literalsStop > literalsEnd) {
        throw new BlockFault("bad-sequences", start, "a block's sequences copy more literals than it has");
      }
      if (next > limit) {
        throw new BlockFault("bad-block", start, `a block gives more than ${most} bytes`);
      }
      if (offset === 0 || offset > windowSize || offset > matchAt - frameStart) {
        throw new BlockFault(
          "invalid-distance",
          start,
          `a match begins ${offset} bytes back, where ${Math.min(windowSize, matchAt - frameStart)} is the most`,
        );
      }

      if (literalsLength < SHORT) {
        while (literal < literalsStop) bytes[at++] = literalBytes[literal++]!;
      } else {
        bytes.set(literalBytes.subarray(literal, literalsStop), at);
        literal = literalsStop;
        at = matchAt;
      }
      let from = at - offset;
      if (matchLength < SHORT || offset < matchLength) {
        while (at < next) bytes[at++] = bytes[from++]!;
      } else {
        bytes.copyWithin(at, from, from + matchLength);
        at = next;
      }
    }

    if (position !== floor) {
      throw new BlockFault("bad-sequences", start, "a block's sequences end too late");
    }
    const rest = literalsEnd - literal;
    if (at + rest > limit) throw new BlockFault("bad-block", start, `a block gives more than ${most} bytes`);
    bytes.set(literalBytes.subarray(literal, literalsEnd), at);
    history.end = at + rest;
    this.#recent = [recent1, recent2, recent3];
  }
}

/** The `bits` bits above a position, at most 25 of them. */
function peek(view: DataView, position: number, bits: number): number {
  return (view.getUint32(position >>> 3, true) >>> (position & 7)) & ((1 << bits) - 1);
}

/** `Number_of_Sequences` (3.1.1.3.2.1). */
function readCount(view: DataView, start: number, end: number): { count: number; next: number } {
  const first = start < end ? view.getUint8(start) : 0;
  const bytes = first < 128 ? 1 : first < 255 ? 2 : 3;
  if (start + bytes > end) {
    throw new BlockFault("bad-sequences", start, "a block ends before its sequences");
  }
  const count =
    bytes === 1
      ? first
      : bytes === 2
        ? ((first - 128) << 8) + view.getUint8(start + 1)
        : view.getUint16(start + 1, true) + 0x7f00;
  return { count, next: start + bytes };
}

function readConstant(view: DataView, position: number, end: number, code: SequenceCode): FseTable {
  const symbol = position < end ? view.getUint8(position) : Number.POSITIVE_INFINITY;
  if (symbol > code.largestSymbol) {
    throw new BlockFault("bad-table", position, "a block's sequences have a symbol that does not exist");
  }
  return constantFseTable(symbol);
}
