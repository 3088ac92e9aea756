import { highestBit, readFseTable } from "./fse-table.js";
import { BlockFault } from "./zstd-error.js";

/** The longest code of literals (RFC 8878, 4.2.1). */
const LONGEST_CODE = 11;
/** Accuracy of the FSE table that codes weights (4.2.1.2). */
const WEIGHT_LOG = 6;
const MOST_WEIGHTS = 255;

/**
 * A decoding table of a Huffman code (4.2): for each value of the next `bits` bits the symbol, and above it, from bit
 * 8 on, the length of its code.
 */
export interface HuffmanTable {
  /** The length of the longest code. */
  readonly bits: number;
  readonly cells: Uint16Array<ArrayBuffer>;
}

/** Where a tree description ended, and its table. */
export interface ReadHuffmanTable {
  readonly table: HuffmanTable;
  /** The position of the first byte after the description. */
  readonly next: number;
}

/**
 * Reads a Huffman tree description (4.2.1).
 *
 * @param view of a buffer that has at least four bytes before `start` and after `end`
 * @throws {BlockFault} `bad-table`
 */
export function readHuffmanTable(view: DataView, start: number, end: number): ReadHuffmanTable {
  if (start >= end) throw new BlockFault("bad-table", start, "a Huffman tree description is missing");
  const header = view.getUint8(start);
  const direct = header >= 128;
  const next = start + 1 + (direct ? (header - 126) >>> 1 : header);
  if (next > end) {
    throw new BlockFault("bad-table", start, "a Huffman tree description is longer than its block");
  }
  const weights = direct
    ? readDirectWeights(view, start + 1, header - 127)
    : readFseWeights(view, start + 1, next);
  return { table: buildHuffmanTable(weights, start), next };
}

/** 4.2.1.1: four bits each, the first one in the upper half of a byte. */
function readDirectWeights(view: DataView, start: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    const pair = view.getUint8(start + (i >>> 1));
    return i % 2 === 0 ? pair >>> 4 : pair & 15;
  });
}

/** 4.2.1.2: two interleaved FSE states over one backward stream, which ends when neither can be fed. */
function readFseWeights(view: DataView, start: number, end: number): number[] {
  const { table, next } = readFseTable(view, start, end, WEIGHT_LOG, MOST_WEIGHTS);
  const { log, cells } = table;
  const fault = (): never => {
    throw new BlockFault("bad-table", start, "the weights of a Huffman code do not end where they must");
  };
  const last = next < end ? view.getUint8(end - 1) : 0;
  if (last === 0) fault();
  const floor = next * 8;
  let position = end * 8 - 8 + highestBit(last);
  const read = (bits: number): number => {
    position -= bits;
    const available = position < floor ? Math.max(bits - (floor - position), 0) : bits;
    const value = view.getUint16((position + bits - available) >>> 3, true);
    const shifted = (value >>> ((position + bits - available) & 7)) & ((1 << available) - 1);
    return shifted << (bits - available);
  };
  const states: [number, number] = [read(log), read(log)];
  if (position < floor) fault();
  const weights: number[] = [];
  for (let turn = 0; ; turn ^= 1) {
    const cell = cells[states[turn as 0 | 1]]!;
    weights.push(cell >>> 24);
    states[turn as 0 | 1] = (cell & 0xffff) + read((cell >>> 16) & 0xff);
    if (position < floor) {
      weights.push(cells[states[(turn ^ 1) as 0 | 1]]! >>> 24);
      break;
    }
    if (weights.length >= MOST_WEIGHTS) break;
  }
  if (weights.length > MOST_WEIGHTS || position >= floor) fault();
  return weights;
}

/** 4.2.1.3: the last symbol's weight is what completes the code; codes go by length, then by symbol. */
function buildHuffmanTable(weights: readonly number[], position: number): HuffmanTable {
  const fault = (detail: string): never => {
    throw new BlockFault("bad-table", position, detail);
  };
  let total = 0;
  for (const weight of weights) {
    if (weight > LONGEST_CODE) fault(`a code of literals is longer than ${LONGEST_CODE} bits`);
    total += weight === 0 ? 0 : 1 << (weight - 1);
  }
  if (total === 0) fault("a Huffman code has no symbols");
  const bits = highestBit(total) + 1;
  if (bits > LONGEST_CODE) fault(`a code of literals is longer than ${LONGEST_CODE} bits`);
  const missing = (1 << bits) - total;
  if ((missing & (missing - 1)) !== 0) fault("no last symbol completes a Huffman code");
  const all = [...weights, highestBit(missing) + 1];
  if (all.filter((weight) => weight === 1).length < 2) fault("a Huffman code has no pair of longest codes");
  const cells = new Uint16Array(1 << bits);
  let cell = 0;
  for (let weight = 1; weight <= bits; weight++) {
    for (let symbol = 0; symbol < all.length; symbol++) {
      if (all[symbol] === weight) {
        const length = bits + 1 - weight;
        const end = cell + (1 << (weight - 1));
        cells.fill((length << 8) | symbol, cell, end);
        cell = end;
      }
    }
  }
  return { bits, cells };
}

/**
 * Decodes one stream of literals (4.2.2): bits from the highest on, backwards from a marker in the last byte.
 *
 * @param view of a buffer that has at least four bytes before `start` and after `end`
 * @throws {BlockFault} `bad-literals`, if the stream doesn't give these many bytes, and use up all its bits
 */
export function decodeHuffman(
  table: HuffmanTable,
  view: DataView,
  start: number,
  end: number,
  output: Uint8Array,
  outputStart: number,
  outputEnd: number,
): void {
  const { bits, cells } = table;
  const last = start < end ? view.getUint8(end - 1) : 0;
  if (last === 0) {
    throw new BlockFault("bad-literals", start, "a stream of literals has no end marker");
  }
  const mask = (1 << bits) - 1;
  const floor = start * 8;
  let position = end * 8 - 8 + highestBit(last);
  let at = outputStart;
  // Two codes, of at most 22 bits, in one load: the 24 bits below the position.
  while (at + 2 <= outputEnd && position >= floor) {
    const bottom = position - 24;
    const word = view.getUint32(bottom >>> 3, true) >>> (bottom & 7);
    const first = cells[(word >>> (24 - bits)) & mask]!;
    const firstBits = first >>> 8;
    const second = cells[(word >>> (24 - bits - firstBits)) & mask]!;
    output[at] = first;
    output[at + 1] = second;
    at += 2;
    position -= firstBits + (second >>> 8);
  }
  if (at < outputEnd && position >= floor) {
    const bottom = position - 24;
    const word = view.getUint32(bottom >>> 3, true) >>> (bottom & 7);
    const cell = cells[(word >>> (24 - bits)) & mask]!;
    output[at++] = cell;
    position -= cell >>> 8;
  }
  if (at !== outputEnd || position !== floor) {
    throw new BlockFault("bad-literals", start, "a stream of literals does not end where it must");
  }
}
