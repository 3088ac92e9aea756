import { quote } from "../v1/quote.js";
import { type BlockFields, writeBlock } from "./block.js";
import { TarError } from "./error.js";
import { BLOCK, COVERED, FLAGS, paddingOf, type TarHeader } from "./header.js";
import { fitsOctal } from "./number.js";
import { type PaxRecord, writeRecords } from "./pax.js";
import { encodeText, hasRawBytes } from "./text.js";
import { readTime, timeText } from "./time.js";

const NAME = 100;
const PREFIX = 155;
/** With room for the zero byte that must end them. */
const OWNER = 31;
const SLASH = 0x2f;
const EMPTY = /* @__PURE__ */ new Uint8Array(0);

/**
 * An entry's header as ustar, preceded by a PAX header if ustar cannot say it all. The same header gives the same bytes.
 * Numbers that need a record are in the block as well, as base-256, so that readers agree on where the entry ends.
 *
 * @returns one block, or three and more
 * @throws {TarError} if no tar can say it
 */
export function encodeHeader(header: TarHeader): Uint8Array<ArrayBuffer> {
  check(header);
  const texts: Texts = {
    name: encodeText(header.name),
    linkname: encodeText(header.linkname),
    uname: encodeText(header.uname),
    gname: encodeText(header.gname),
  };
  const halves = split(texts.name);
  const records = recordsOf(header, texts, halves !== undefined);
  const content = records.length === 0 ? EMPTY : writeRecords(records);
  const before = records.length === 0 ? 0 : BLOCK + content.length + paddingOf(content.length);
  const bytes = new Uint8Array(before + BLOCK);
  if (before > 0) {
    writeBlock(bytes.subarray(0, BLOCK), { ...PAX_HEADER, size: content.length });
    bytes.set(content, BLOCK);
  }
  writeBlock(bytes.subarray(before), {
    name: halves?.rest ?? texts.name.subarray(0, NAME),
    prefix: halves?.prefix ?? EMPTY,
    flag: FLAGS[header.type],
    size: header.size,
    mode: header.mode,
    uid: header.uid,
    gid: header.gid,
    uname: texts.uname.subarray(0, OWNER),
    gname: texts.gname.subarray(0, OWNER),
    mtime: Math.floor(header.mtime),
    linkname: texts.linkname.subarray(0, NAME),
    devmajor: header.devmajor,
    devminor: header.devminor,
  });
  return bytes;
}

const PAX_HEADER: BlockFields = {
  name: /* @__PURE__ */ encodeText("PaxHeader"),
  prefix: EMPTY,
  flag: "x",
  size: 0,
  mode: 0o644,
  uid: 0,
  gid: 0,
  uname: EMPTY,
  gname: EMPTY,
  mtime: 0,
  linkname: EMPTY,
  devmajor: 0,
  devminor: 0,
};

/** The texts of a header as bytes. */
type Texts = Readonly<Record<"name" | "linkname" | "uname" | "gname", Uint8Array>>;

/** The records that ustar has no room for, in the order of their keywords. */
function recordsOf(header: TarHeader, texts: Texts, isSplit: boolean): PaxRecord[] {
  const records: PaxRecord[] = [];
  const text = (keyword: string, value: string, fits: boolean): void => {
    if (!fits || !isPlain(value)) records.push([keyword, value]);
  };
  text("path", header.name, texts.name.length <= NAME || isSplit);
  text("linkpath", header.linkname, texts.linkname.length <= NAME);
  text("uname", header.uname, texts.uname.length <= OWNER);
  text("gname", header.gname, texts.gname.length <= OWNER);
  const raw = records.some(([, value]) => hasRawBytes(value));
  if (!fitsOctal(header.size, 12)) records.push(["size", String(header.size)]);
  if (header.uid >= 0 && !fitsOctal(header.uid, 8)) records.push(["uid", String(header.uid)]);
  if (header.gid >= 0 && !fitsOctal(header.gid, 8)) records.push(["gid", String(header.gid)]);
  if (!Number.isInteger(header.mtime) || !fitsOctal(header.mtime, 12)) {
    records.push(["mtime", exactTime(header)]);
  }
  for (const record of Object.entries(header.pax)) if (!COVERED.has(record[0])) records.push(record);
  records.sort(([a], [b]) => (a < b ? -1 : 1));
  // It must come before what it is about.
  return raw ? [["hdrcharset", "BINARY"], ...records] : records;
}

/** The digits that the header was read with, if they still are its time's. */
function exactTime({ mtime, pax: { mtime: text = "" } }: TarHeader): string {
  return readTime(text) === mtime ? text : timeText(mtime);
}

/** Whether a ustar field may hold it: ASCII is what all readers take the same way, and bytes that are no text go in as they are. */
function isPlain(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is meant, as a whole.
  return /^[\u0000-\u007f]*$/.test(text) || hasRawBytes(text);
}

/** Cuts a name of more than 100 bytes at a slash so that ustar's two fields hold it; undefined if they can't. */
function split(name: Uint8Array): { prefix: Uint8Array; rest: Uint8Array } | undefined {
  if (name.length <= NAME || name.length > PREFIX + 1 + NAME) return undefined;
  // A slash at the very end would leave no name.
  const last = Math.min(PREFIX, name.length - 2);
  const slash = name.subarray(0, last + 1).lastIndexOf(SLASH);
  if (slash <= 0 || name.length - slash - 1 > NAME) return undefined;
  return { prefix: name.subarray(0, slash), rest: name.subarray(slash + 1) };
}

function check(header: TarHeader): void {
  const refuse = (problem: string): TarError => {
    return new TarError(`the entry ${quote(header.name)} cannot be written: ${problem}`);
  };
  for (const field of ["name", "linkname", "uname", "gname"] as const) {
    if (header[field].includes("\0")) throw refuse(`its ${field} holds a zero byte`);
  }
  for (const field of ["size", "mode", "uid", "gid", "devmajor", "devminor"] as const) {
    if (!Number.isSafeInteger(header[field])) throw refuse(`its ${field} is not a whole number up to 2^53`);
  }
  if (!(Math.abs(header.mtime) <= Number.MAX_SAFE_INTEGER)) {
    throw refuse("its mtime is not a number up to 2^53");
  }
  if (header.size < 0) throw refuse("its size is negative");
  if (!Object.hasOwn(FLAGS, header.type)) throw refuse(`its type ${quote(String(header.type))} is unknown`);
  if (header.type !== "file" && header.size > 0) throw refuse("only files have content");
  if (header.size > 0 && header.name.endsWith("/")) {
    throw refuse("it has content, and its name ends in a slash, for which readers take it for a directory");
  }
  for (const keyword of Object.keys(header.pax)) {
    if (keyword.startsWith("GNU.sparse.")) throw refuse("records about sparse files are for other content");
  }
}
