import { quote } from "../v1/quote.js";
import { TarError } from "./error.js";
import { BLOCK } from "./header.js";
import { readNumber } from "./number.js";
import type { PaxRecord } from "./pax.js";

/**
 * Sparse files, of which a tar holds only the stretches that are not zeros (GNU tar manual, "Storing Sparse Files"). The
 * map of the stretches is in one of four places: behind the header block (type `S`); in PAX records, one for each number
 * (version 0.0) or one for all (0.1); or in front of the content (1.0).
 */
export interface SparseFile {
  /** The file's own name, where the entry's is made up. */
  readonly name: string | undefined;
  /** Bytes of the file, zeros included. */
  readonly size: number;
  /** Offsets and lengths in turn; undefined if they are in front of the content. */
  readonly map: readonly number[] | undefined;
}

/** Of the header block: where the map is, where it says that it goes on, and the file's size. */
const IN_HEADER = { from: 386, to: 482, more: 482, size: 483 } as const;
/** The same of the blocks that go on with the map. */
const IN_BLOCK = { from: 0, to: 504, more: 504 } as const;

const NUMBER_WIDTH = 12;
const WHOLE = /^\d{1,16}$/;

/** Reads the map of an entry of type `S`, asking for the blocks that follow its header. */
export async function readOldMap(
  header: Uint8Array,
  where: string,
  nextBlock: () => Promise<Uint8Array>,
): Promise<SparseFile> {
  const map: number[] = [];
  readStructs(header.subarray(IN_HEADER.from, IN_HEADER.to), map, where);
  const size = numberIn(header.subarray(IN_HEADER.size, IN_HEADER.size + NUMBER_WIDTH), where);
  for (let more = header[IN_HEADER.more] !== 0; more; ) {
    const block = await nextBlock();
    readStructs(block.subarray(IN_BLOCK.from, IN_BLOCK.to), map, where);
    more = block[IN_BLOCK.more] !== 0;
  }
  return { name: undefined, size, map };
}

function readStructs(bytes: Uint8Array, map: number[], where: string): void {
  for (let at = 0; at < bytes.length && bytes[at] !== 0; at += NUMBER_WIDTH) {
    map.push(numberIn(bytes.subarray(at, at + NUMBER_WIDTH), where));
  }
}

function numberIn(field: Uint8Array, where: string): number {
  const value = readNumber(field);
  if (value === undefined || value < 0) throw damaged(where);
  return value;
}

/** Reads what the records `GNU.sparse.*` of an entry say; undefined if there are none. */
export function readSparseRecords(records: readonly PaxRecord[], where: string): SparseFile | undefined {
  if (records.length === 0) return undefined;
  const each: number[] = [];
  const last = new Map<string, string>();
  for (const [keyword, value] of records) {
    last.set(keyword.slice("GNU.sparse.".length), value);
    if (keyword === "GNU.sparse.offset" || keyword === "GNU.sparse.numbytes") {
      // They take turns, the offset first.
      if (keyword.endsWith("offset") !== (each.length % 2 === 0)) throw damaged(where);
      each.push(whole(value, where));
    }
  }
  const version = `${last.get("major") ?? "0"}.${last.get("minor") ?? "0"}`;
  if (version !== "1.0" && version !== "0.0" && version !== "0.1") {
    throw new TarError(`the entry ${where} is a sparse file of the unknown version ${quote(version)}`);
  }
  const size = whole(last.get("realsize") ?? last.get("size") ?? "", where);
  const list = last.get("map");
  const listed = list ? list.split(",").map((number) => whole(number, where)) : each;
  return { name: last.get("name"), size, map: version === "1.0" ? undefined : listed };
}

function whole(text: string, where: string): number {
  const value = WHOLE.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw damaged(where);
  return value;
}

/**
 * Reads the map in front of the content, in decimal lines, the number of stretches first.
 *
 * @param nextBlock asks for the content's blocks, one by one
 */
export async function readMapInFront(
  where: string,
  nextBlock: () => Promise<Uint8Array>,
): Promise<{ map: number[]; bytes: number }> {
  const numbers: number[] = [];
  let digits = "";
  for (let bytes = BLOCK; ; bytes += BLOCK) {
    for (const byte of await nextBlock()) {
      if (byte !== NEWLINE) {
        digits += String.fromCharCode(byte);
        continue;
      }
      numbers.push(whole(digits, where));
      digits = "";
      if (numbers.length === 1 + 2 * numbers[0]!) return { map: numbers.slice(1), bytes };
    }
    if (digits.length > WHOLE_DIGITS) throw damaged(where);
  }
}

const NEWLINE = 0x0a;
const WHOLE_DIGITS = 16;

/** Goes through a sparse file from its beginning, by stretches of zeros and of content in turn. */
export class SparseCursor {
  readonly #size: number;
  /** Of those stretches that are not empty. */
  readonly #map: number[] = [];
  #index = 0;
  #position = 0;

  /**
   * @param stored bytes of content that the tar holds
   * @throws {TarError} if the map's stretches are not in order, or not as long as the content
   */
  constructor(size: number, map: readonly number[], stored: number, where: string) {
    let end = 0;
    let content = 0;
    for (let at = 0; at < map.length; at += 2) {
      const [offset = 0, length = -1] = map.slice(at, at + 2);
      if (offset < end || length < 0) throw damaged(where);
      if (length > 0) this.#map.push(offset, length);
      end = offset + length;
      content += length;
    }
    if (end > size || content !== stored) throw damaged(where);
    this.#size = size;
  }

  /** How many zeros come next; none or fewer in front of content and at the end. */
  get zeros(): number {
    return (this.#map[this.#index] ?? this.#size) - this.#position;
  }

  /** How many bytes of content come next, where there are no zeros. */
  get content(): number {
    return this.#map[this.#index]! + this.#map[this.#index + 1]! - this.#position;
  }

  /** Goes on by so many bytes of the one or the other. */
  advance(bytes: number): void {
    this.#position += bytes;
    if (this.content <= 0) this.#index += 2;
  }
}

function damaged(where: string): TarError {
  return new TarError(`the map of the sparse file ${where} is damaged`);
}
