import { TarError } from "./error.js";
import type { TarHeader } from "./header.js";
import { readNumber, writeNumber, writeOctal } from "./number.js";
import { decodeText } from "./text.js";

/**
 * A header block, field by field (POSIX pax, "ustar Interchange Format"):
 *
 *       0 name 100      100 mode 8      108 uid 8        116 gid 8      124 size 12    136 mtime 12
 *     148 checksum 8    156 flag 1      157 linkname 100 257 magic 6    263 version 2
 *     265 uname 32      297 gname 32    329 devmajor 8   337 devminor 8 345 prefix 155
 *
 * V7's ends before the magic; GNU's has other things where the prefix is; star's prefix has 131 bytes.
 */
export interface HeaderBlock extends Omit<TarHeader, "type" | "pax"> {
  readonly prefix: string;
  readonly flag: string;
}

const CHECKSUM = { from: 148, to: 156 } as const;
const MAGIC = { from: 257, to: 263 } as const;
const STAR_TRAILER = { from: 508, to: 512 } as const;

export function isZero(block: Uint8Array): boolean {
  return block.every((byte) => byte === 0);
}

/**
 * @param where to say where the block stands
 * @throws {TarError} if the checksum is wrong, or a number is none
 */
export function readBlock(block: Uint8Array, where: string): HeaderBlock {
  checkSum(block, where);
  const magic = ascii(block.subarray(MAGIC.from, MAGIC.to));
  const known = magic === "ustar\0" || magic === "ustar ";
  const star = ascii(block.subarray(STAR_TRAILER.from, STAR_TRAILER.to)) === "tar\0";
  const prefixEnd = magic !== "ustar\0" ? 345 : star ? 476 : 500;
  const number = (what: string, from: number, to: number): number => {
    const value = readNumber(block.subarray(from, to));
    if (value === undefined)
      throw new TarError(`the ${what} of the header ${where} is not a number up to 2^53`);
    return value;
  };
  const size = number("size", 124, 136);
  if (size < 0) throw new TarError(`the size of the header ${where} is negative`);
  return {
    name: text(block, 0, 100),
    prefix: text(block, 345, prefixEnd),
    flag: String.fromCharCode(block[156]!),
    size,
    mode: number("mode", 100, 108),
    uid: number("uid", 108, 116),
    gid: number("gid", 116, 124),
    uname: known ? text(block, 265, 297) : "",
    gname: known ? text(block, 297, 329) : "",
    mtime: number("mtime", 136, 148),
    linkname: text(block, 157, 257),
    devmajor: known ? number("devmajor", 329, 337) : 0,
    devminor: known ? number("devminor", 337, 345) : 0,
  };
}

/** Old writers added up the bytes as signed numbers; both sums are taken. */
function checkSum(block: Uint8Array, where: string): void {
  const { unsigned, signed } = sums(block);
  const found = readNumber(block.subarray(CHECKSUM.from, CHECKSUM.to));
  if (found !== unsigned && found !== signed) {
    throw new TarError(`the header ${where} has a wrong checksum: it is damaged, or this is not a tar`);
  }
}

function sums(block: Uint8Array): { unsigned: number; signed: number } {
  // The checksum itself counts as spaces.
  let unsigned = 0x20 * (CHECKSUM.to - CHECKSUM.from);
  let high = 0;
  for (const byte of block) {
    unsigned += byte;
    high += byte >>> 7;
  }
  for (let at = CHECKSUM.from; at < CHECKSUM.to; at++) {
    unsigned -= block[at]!;
    high -= block[at]! >>> 7;
  }
  return { unsigned, signed: unsigned - 256 * high };
}

/** The field up to its first zero byte. */
function text(block: Uint8Array, from: number, to: number): string {
  const field = block.subarray(from, to);
  const end = field.indexOf(0);
  return decodeText(end < 0 ? field : field.subarray(0, end));
}

function ascii(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

/** What goes into a block: texts as bytes that fit their fields. */
export interface BlockFields extends Omit<HeaderBlock, "name" | "prefix" | "uname" | "gname" | "linkname"> {
  readonly name: Uint8Array;
  readonly prefix: Uint8Array;
  readonly uname: Uint8Array;
  readonly gname: Uint8Array;
  readonly linkname: Uint8Array;
}

/** Writes a ustar header block into 512 zero bytes. */
export function writeBlock(block: Uint8Array, fields: BlockFields): void {
  block.set(fields.name, 0);
  writeNumber(block.subarray(100, 108), fields.mode);
  writeNumber(block.subarray(108, 116), fields.uid);
  writeNumber(block.subarray(116, 124), fields.gid);
  writeNumber(block.subarray(124, 136), fields.size);
  writeNumber(block.subarray(136, 148), fields.mtime);
  block[156] = fields.flag.charCodeAt(0);
  block.set(fields.linkname, 157);
  block.set(USTAR, MAGIC.from);
  block.set(fields.uname, 265);
  block.set(fields.gname, 297);
  writeNumber(block.subarray(329, 337), fields.devmajor);
  writeNumber(block.subarray(337, 345), fields.devminor);
  block.set(fields.prefix, 345);
  writeOctal(block.subarray(CHECKSUM.from, CHECKSUM.from + 6), sums(block).unsigned);
  block[CHECKSUM.to - 1] = 0x20;
}

/** `ustar`, a zero byte, and the version, `00`. */
const USTAR = /* @__PURE__ */ Uint8Array.of(0x75, 0x73, 0x74, 0x61, 0x72, 0, 0x30, 0x30);
