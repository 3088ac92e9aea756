/**
 * The inputs of the golden table: fixed bytes, the same on every runtime. Web-standard globals only.
 *
 * `golden.json` holds their sizes and digests in the format that it names; `node test/golden/update.mjs` writes
 * it.
 */
import { ascii, concat, machineCode, mixed, randomBytes, repeated, text } from "../fixtures/bytes.js";
import table from "./golden.json" with { type: "json" };

/** Size and SHA-256 (64 hexadecimal digits) of some bytes. */
export interface GoldenBytes {
  readonly size: number;
  readonly sha256: string;
}

export interface GoldenRow {
  readonly name: string;
  readonly input: GoldenBytes;
  /** The gzip at each level, by the level's number. */
  readonly gzip: Readonly<Record<string, GoldenBytes>>;
}

export interface GoldenTable {
  /** The encoder format whose bytes these are, see assembly/deflate/FORMAT.md. */
  readonly format: string;
  readonly levels: readonly number[];
  readonly rows: readonly GoldenRow[];
}

export interface GoldenInput {
  readonly name: string;
  make(): Uint8Array<ArrayBuffer>;
}

const KIB = 1024;
const MIB = 1024 * KIB;

/** 256 KiB and its neighbours: a full segment, one byte less, one byte more. */
const SEGMENT = 256 * KIB;

export const goldenInputs: readonly GoldenInput[] = [
  { name: "empty", make: () => new Uint8Array(0) },
  { name: "one byte", make: () => ascii("v") },
  { name: "hello", make: () => ascii("hello") },
  { name: "every byte once", make: () => Uint8Array.from({ length: 256 }, (_, i) => i) },
  { name: "short text", make: () => text(1000, 1) },
  { name: "zeros, 1 MiB", make: () => new Uint8Array(MIB) },
  { name: "random, 1 MiB", make: () => randomBytes(MIB, 2) },
  { name: "random, 65536 bytes", make: () => randomBytes(65_536, 3) },
  { name: "text, 1 MiB", make: () => text(MIB, 4) },
  { name: "machine code, 1 MiB", make: () => machineCode(MIB, 5) },
  { name: "period 2", make: () => repeated(ascii("ab"), 300_000) },
  { name: "period 3", make: () => repeated(ascii("abc"), 300_000) },
  { name: "period 32767", make: () => repeated(periodic(32_767), 300_000) },
  { name: "period 32768", make: () => repeated(periodic(32_768), 300_000) },
  { name: "period 32769", make: () => repeated(periodic(32_769), 300_000) },
  { name: "a segment less one byte", make: () => text(SEGMENT - 1, 6) },
  { name: "a segment", make: () => text(SEGMENT, 6) },
  { name: "a segment and one byte", make: () => text(SEGMENT + 1, 6) },
  { name: "two segments less one byte", make: () => machineCode(2 * SEGMENT - 1, 7) },
  { name: "two segments", make: () => machineCode(2 * SEGMENT, 7) },
  { name: "two segments and one byte", make: () => machineCode(2 * SEGMENT + 1, 7) },
  { name: "mixed, 3 MiB", make: () => mixed(3 * MIB, 8) },
];

/** What is expected of each input. */
export const golden: GoldenTable = table;

/** A period with few matches of its own: text in its first half, noise in its second. */
function periodic(length: number): Uint8Array<ArrayBuffer> {
  const half = length >>> 1;
  return concat(text(half, 9), randomBytes(length - half, 10));
}
