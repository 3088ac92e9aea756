import { decodeHuffman, type HuffmanTable, readHuffmanTable } from "./huffman-table.js";
import { BlockFault } from "./zstd-error.js";

/** Values of `Literals_Block_Type` (RFC 8878, 3.1.1.3.1.1). */
const RAW = 0;
const RLE = 1;
const COMPRESSED = 2;

/** Fewer literals are never cut into four streams: the last one would be missing. */
const FEWEST_IN_FOUR = 6;

/**
 * Reads the literals section of a block (3.1.1.3.1). The Huffman code of one block serves the next ones of its frame
 * until another comes.
 */
export class LiteralsReader {
  /** The literals of the last block, from its first byte on. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** How many they are. */
  length = 0;
  #table: HuffmanTable | undefined;

  /** @param capacity the most literals that a block has */
  constructor(capacity: number) {
    this.bytes = new Uint8Array(capacity);
  }

  /** Begins a new frame. */
  reset(): void {
    this.#table = undefined;
  }

  /**
   * @param view of a buffer that has at least eight bytes before `start` and after `end`
   * @param most how many literals a block of this frame may have
   * @returns the position of the first byte after the section
   * @throws {BlockFault} `bad-literals`, `bad-table`
   */
  read(view: DataView, start: number, end: number, most: number): number {
    if (start >= end) throw new BlockFault("bad-literals", start, "a block has no literals section");
    const first = view.getUint8(start);
    const type = first & 3;
    const format = (first >>> 2) & 3;
    return type === RAW || type === RLE
      ? this.#readPlain(view, start, end, most, type, format)
      : this.#readCoded(view, start, end, most, type, format);
  }

  #readPlain(view: DataView, start: number, end: number, most: number, type: number, format: number): number {
    const headerBytes = [1, 2, 1, 3][format]!;
    const header = view.getUint32(start, true);
    const length =
      headerBytes === 1
        ? (header & 0xff) >>> 3
        : headerBytes === 2
          ? (header & 0xffff) >>> 4
          : (header & 0xffffff) >>> 4;
    const content = start + headerBytes;
    const next = content + (type === RAW ? length : 1);
    this.#check(start, next, end, length, most);
    if (type === RAW) {
      this.bytes.set(bytesOf(view, content, next));
    } else {
      this.bytes.fill(view.getUint8(content), 0, length);
    }
    this.length = length;
    return next;
  }

  #readCoded(view: DataView, start: number, end: number, most: number, type: number, format: number): number {
    const header = view.getUint32(start, true);
    const sizeBits = [10, 10, 14, 18][format]!;
    const headerBytes = [3, 3, 4, 5][format]!;
    const mask = (1 << sizeBits) - 1;
    const length = (header >>> 4) & mask;
    const above = 4 + sizeBits;
    const compressed = ((header >>> above) | (view.getUint8(start + 4) << (32 - above))) & mask;
    let content = start + headerBytes;
    const next = content + compressed;
    this.#check(start, next, end, length, most);
    if (type === COMPRESSED) {
      const tree = readHuffmanTable(view, content, next);
      this.#table = tree.table;
      content = tree.next;
    }
    const table = this.#table;
    if (table === undefined) {
      throw new BlockFault(
        "bad-literals",
        start,
        "a block uses the Huffman code of a block that is not there",
      );
    }
    if (format === 0) {
      decodeHuffman(table, view, content, next, this.bytes, 0, length);
    } else {
      this.#decodeFour(table, view, content, next, length);
    }
    this.length = length;
    return next;
  }

  /** 3.1.1.3.1.6: the lengths of the first three streams, then the four. */
  #decodeFour(table: HuffmanTable, view: DataView, start: number, end: number, length: number): void {
    if (length < FEWEST_IN_FOUR || end - start < 6) {
      throw new BlockFault("bad-literals", start, "a block's four streams of literals are too short");
    }
    const each = (length + 3) >>> 2;
    let from = start + 6;
    for (let i = 0; i < 4; i++) {
      const to = i < 3 ? from + view.getUint16(start + 2 * i, true) : end;
      if (to > end) {
        throw new BlockFault("bad-literals", start, "a stream of literals is longer than its block");
      }
      decodeHuffman(table, view, from, to, this.bytes, i * each, i < 3 ? (i + 1) * each : length);
      from = to;
    }
  }

  #check(start: number, next: number, end: number, length: number, most: number): void {
    if (next > end) {
      throw new BlockFault("bad-literals", start, "a block's literals are longer than the block");
    }
    if (length > most) {
      throw new BlockFault(
        "bad-literals",
        start,
        `a block has ${length} literals, where ${most} is the most`,
      );
    }
  }
}

function bytesOf(view: DataView, start: number, end: number): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset + start, end - start);
}
