import { quote } from "../v1/quote.js";
import { TarError } from "./error.js";
import { decodeText, encodeText } from "./text.js";

/** A keyword and its value. */
export type PaxRecord = readonly [keyword: string, value: string];

const SPACE = 0x20;
const NEWLINE = 0x0a;
const EQUALS = 0x3d;
/** Digits of the longest length that any record may have. */
const LENGTH_DIGITS = 15;
/** Records in which a zero byte would end what others read. */
const NAMES: ReadonlySet<string> = new Set(["path", "linkpath", "uname", "gname", "GNU.sparse.name"]);

/**
 * Reads the records of an extended header, in their order: each is its own length in decimal, a space, keyword, `=`,
 * value, and a newline (POSIX pax, "pax Extended Header").
 *
 * @param where to say where the header stands
 * @throws {TarError} if a record is not what its length says
 */
export function readRecords(bytes: Uint8Array, where: string): PaxRecord[] {
  const records: PaxRecord[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + recordLength(bytes, at, where);
    const begin = bytes.indexOf(SPACE, at) + 1;
    const equals = bytes.indexOf(EQUALS, begin);
    if (end > bytes.length || bytes[end - 1] !== NEWLINE || equals <= begin || equals >= end - 1) {
      throw new TarError(`a PAX record of the header ${where} is not what its length says`);
    }
    const keyword = decodeText(bytes.subarray(begin, equals));
    const value = decodeText(bytes.subarray(equals + 1, end - 1));
    if (NAMES.has(keyword) && value.includes("\0")) {
      throw new TarError(`the PAX record ${quote(keyword)} of the header ${where} holds a zero byte`);
    }
    records.push([keyword, value]);
    at = end;
  }
  return records;
}

function recordLength(bytes: Uint8Array, from: number, where: string): number {
  let length = 0;
  for (let at = from; at <= from + LENGTH_DIGITS; at++) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (bytes[at] === SPACE && length > 0) return length;
    if (digit < 0 || digit > 9) break;
    length = length * 10 + digit;
  }
  throw new TarError(`a PAX record of the header ${where} does not begin with its length`);
}

/**
 * The records as an extended header holds them.
 *
 * @throws {TarError} if a keyword is empty or holds `=`
 */
export function writeRecords(records: readonly PaxRecord[]): Uint8Array<ArrayBuffer> {
  const parts = records.map(([keyword, value]) => {
    if (keyword === "" || keyword.includes("=") || keyword.includes("\0")) {
      throw new TarError(`${quote(keyword)} cannot be the keyword of a PAX record`);
    }
    return encodeText(`${keyword}=${value}\n`);
  });
  const lengths = parts.map(({ length }) => wholeLength(length + 1));
  const bytes = new Uint8Array(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const [index, part] of parts.entries()) {
    const length = lengths[index]!;
    bytes.set(encodeText(`${length} `), at);
    bytes.set(part, at + length - part.length);
    at += length;
  }
  return bytes;
}

/** The length of a record, its own digits included, of which the rest has so many bytes. */
function wholeLength(rest: number): number {
  const length = rest + String(rest).length;
  return rest + String(length).length;
}
