import { buildFseTable, type FseTable } from "./fse-table.js";

/**
 * The three kinds of symbols in the sequences of a block, each with its tables (RFC 8878, 3.1.1.3.2.1.1 and
 * 3.1.1.3.2.2). A symbol stands for a base value, to which some bits of the stream are added.
 */
export interface SequenceCode {
  readonly largestSymbol: number;
  readonly largestLog: number;
  /** What is used until a block brings its own. */
  readonly predefined: FseTable;
}

/** Bits that are added to the base, by symbol. */
export const LITERALS_LENGTH_BITS: Uint8Array<ArrayBuffer> = /* @__PURE__ */ bitsOf(
  16,
  [1, 1, 1, 1, 2, 2, 3, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
);
export const MATCH_LENGTH_BITS: Uint8Array<ArrayBuffer> = /* @__PURE__ */ bitsOf(
  32,
  [1, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16],
);

/** The base values: each code goes on where the one before it ends. */
export const LITERALS_LENGTH_BASE: Uint32Array<ArrayBuffer> = /* @__PURE__ */ basesOf(
  LITERALS_LENGTH_BITS,
  0,
);
export const MATCH_LENGTH_BASE: Uint32Array<ArrayBuffer> = /* @__PURE__ */ basesOf(MATCH_LENGTH_BITS, 3);

export const literalsLengths: SequenceCode = /* @__PURE__ */ newCode(9, 6, [
  4,
  3,
  ...Array(11).fill(2),
  1,
  1,
  1,
  ...Array(9).fill(2),
  3,
  2,
  1,
  1,
  1,
  1,
  1,
  -1,
  -1,
  -1,
  -1,
]);
export const matchLengths: SequenceCode = /* @__PURE__ */ newCode(9, 6, [
  1,
  4,
  3,
  ...Array(6).fill(2),
  ...Array(37).fill(1),
  ...Array(7).fill(-1),
]);
/** RFC 8878 lets offset codes go to 31; the predefined table to 28. */
export const offsets: SequenceCode = /* @__PURE__ */ newCode(
  8,
  5,
  [...Array(6).fill(1), 2, 2, 2, ...Array(15).fill(1), ...Array(5).fill(-1)],
  31,
);

function newCode(
  largestLog: number,
  log: number,
  counts: readonly number[],
  largestSymbol: number = counts.length - 1,
): SequenceCode {
  return { largestSymbol, largestLog, predefined: buildFseTable(counts, log) };
}

function bitsOf(zeros: number, bits: readonly number[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(zeros + bits.length);
  all.set(bits, zeros);
  return all;
}

function basesOf(bits: Uint8Array, first: number): Uint32Array<ArrayBuffer> {
  const bases = new Uint32Array(bits.length);
  let base = first;
  bits.forEach((width, symbol) => {
    bases[symbol] = base;
    base += 2 ** width;
  });
  return bases;
}
