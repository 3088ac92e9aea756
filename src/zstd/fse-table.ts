import { BlockFault } from "./zstd-error.js";

/**
 * A decoding table of Finite State Entropy (RFC 8878, 4.1). `cells` has one entry for each state:
 *
 *     bits 0 to 15    base of the next state
 *     bits 16 to 23   how many bits are read and added to it
 *     bits 24 to 31   the symbol of this state
 */
export interface FseTable {
  /** The number of states is 2 to the power of this. */
  readonly log: number;
  readonly cells: Uint32Array<ArrayBuffer>;
}

/** The position of the highest bit that is set; the value is not 0. */
export function highestBit(value: number): number {
  return 31 - Math.clz32(value);
}

/**
 * Builds the table of a distribution (4.1.1).
 *
 * @param counts for each symbol in how many states it is; -1 for one of probability "less than 1"; they fill the
 *   table exactly
 */
export function buildFseTable(counts: ArrayLike<number>, log: number): FseTable {
  const size = 1 << log;
  const cells = new Uint32Array(size);
  const next = new Uint16Array(counts.length);
  let high = size;
  for (let symbol = 0; symbol < counts.length; symbol++) {
    const count = counts[symbol]!;
    if (count === -1) {
      cells[--high] = symbol;
      next[symbol] = 1;
    } else {
      next[symbol] = count;
    }
  }
  const step = (size >>> 1) + (size >>> 3) + 3;
  let state = 0;
  for (let symbol = 0; symbol < counts.length; symbol++) {
    for (let i = 0; i < counts[symbol]!; i++) {
      cells[state] = symbol;
      do {
        state = (state + step) & (size - 1);
      } while (state >= high);
    }
  }
  for (let i = 0; i < size; i++) {
    const symbol = cells[i]!;
    const nth = next[symbol]!++;
    const bits = log - highestBit(nth);
    cells[i] = ((symbol << 24) | (bits << 16) | ((nth << bits) - size)) >>> 0;
  }
  return { log, cells };
}

/** The table with one state, which never changes (3.1.1.3.2.1, `RLE_Mode`). */
export function constantFseTable(symbol: number): FseTable {
  return { log: 0, cells: Uint32Array.of((symbol << 24) >>> 0) };
}

/** Where a distribution ended, and its table. */
export interface ReadFseTable {
  readonly table: FseTable;
  /** The position of the first byte after the distribution. */
  readonly next: number;
}

/**
 * Reads a distribution (4.1.1): bits from the lowest on, each count in as few as its largest possible value needs.
 *
 * @param view of a buffer that goes on for at least four bytes after `end`
 * @throws {BlockFault} `bad-table`
 */
export function readFseTable(
  view: DataView,
  start: number,
  end: number,
  largestLog: number,
  largestSymbol: number,
): ReadFseTable {
  const fault = (detail: string): never => {
    throw new BlockFault("bad-table", start, detail);
  };
  if (start >= end) fault("an FSE distribution is missing");
  const log = (view.getUint8(start) & 15) + 5;
  if (log > largestLog) fault(`the accuracy of an FSE table is ${log} bits, where ${largestLog} is the most`);
  const counts: number[] = [];
  let position = start * 8 + 4;
  let remaining = 1 << log;
  while (remaining > 0) {
    if (counts.length > largestSymbol || position > end * 8) {
      fault("an FSE distribution does not end where it must");
    }
    const bits = highestBit(remaining + 1) + 1;
    const read = (view.getUint32(position >>> 3, true) >>> (position & 7)) & ((1 << bits) - 1);
    const short = read & ((1 << (bits - 1)) - 1);
    const spare = (1 << bits) - 2 - remaining;
    let value: number;
    if (short < spare) {
      value = short;
      position += bits - 1;
    } else {
      value = read >>> (bits - 1) === 0 ? read : read - spare;
      position += bits;
    }
    const count = value - 1;
    counts.push(count);
    remaining -= Math.abs(count);
    if (count === 0) {
      let repeat: number;
      do {
        repeat = (view.getUint16(position >>> 3, true) >>> (position & 7)) & 3;
        position += 2;
        for (let i = 0; i < repeat; i++) counts.push(0);
        if (counts.length > largestSymbol + 1 || position > end * 8) {
          fault("an FSE distribution has too many symbols");
        }
      } while (repeat === 3);
    }
  }
  const next = (position + 7) >>> 3;
  if (next > end) fault("an FSE distribution does not end where it must");
  return { table: buildFseTable(counts, log), next };
}
