import { quote } from "../v1/quote.js";
import type { HeaderBlock } from "./block.js";
import { TarError } from "./error.js";
import type { Extensions } from "./extensions.js";
import { COVERED, FLAGS, type TarHeader, type TarType } from "./header.js";
import { readTime, timeText } from "./time.js";

const TYPES: ReadonlyMap<string, TarType> = /* @__PURE__ */ new Map([
  ...Object.entries(FLAGS).map(([type, flag]) => [flag, type as TarType] as const),
  // V7's, a file that should lie in one piece, and a sparse one.
  ["\0", "file"],
  ["7", "file"],
  ["S", "file"],
]);

const WHOLE = /^\d{1,16}$/;

/**
 * What an entry's header block and the headers before it say together.
 *
 * @param where to say where the block stands
 * @throws {TarError} if they can't be understood, or mean an entry that is no {@link TarType}
 */
export function entryHeader(block: HeaderBlock, extensions: Extensions, where: string): TarHeader {
  const name =
    extensions.longName ??
    extensions.record("path") ??
    (block.prefix === "" ? block.name : `${block.prefix}/${block.name}`);
  const size = whole("size", block.size, extensions, where);
  const type = typeOf(block.flag, name, size, where);
  const time = extensions.record("mtime");
  const mtime = time === undefined ? block.mtime : readTime(time);
  if (mtime === undefined) throw invalid("mtime", where);
  const inexact = time !== undefined && timeText(mtime) !== time;
  return {
    name,
    type,
    size: type === "file" ? size : 0,
    mode: block.mode,
    uid: whole("uid", block.uid, extensions, where),
    gid: whole("gid", block.gid, extensions, where),
    uname: extensions.record("uname") ?? block.uname,
    gname: extensions.record("gname") ?? block.gname,
    mtime,
    linkname: extensions.longLink ?? extensions.record("linkpath") ?? block.linkname,
    devmajor: block.devmajor,
    devminor: block.devminor,
    pax: uncovered(extensions.records(), inexact),
  };
}

function typeOf(flag: string, name: string, size: number, where: string): TarType {
  const type = TYPES.get(flag);
  if (type === undefined) {
    throw new TarError(
      `the entry ${quote(name)} ${where} is of type ${quote(flag)}, which is not a file, link, directory or device`,
    );
  }
  if (type !== "file" || !name.endsWith("/")) return type;
  // V7 has no flag for directories. Readers disagree on the content of one, so there must be none.
  if (size > 0) throw new TarError(`the entry ${quote(name)} ${where} is a directory with content`);
  return "directory";
}

function whole(field: "size" | "uid" | "gid", own: number, extensions: Extensions, where: string): number {
  const text = extensions.record(field);
  if (text === undefined) return own;
  const value = WHOLE.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw invalid(field, where);
  return value;
}

function invalid(field: string, where: string): TarError {
  return new TarError(`the PAX record "${field}" of the entry ${where} is not a number up to 2^53`);
}

function uncovered(
  records: ReadonlyMap<string, string>,
  withTime: boolean,
): Readonly<Record<string, string>> {
  if (records.size === 0) return NONE;
  return Object.fromEntries(
    [...records].filter(([keyword]) => !COVERED.has(keyword) || (withTime && keyword === "mtime")),
  );
}

const NONE: Readonly<Record<string, string>> = /* @__PURE__ */ Object.freeze({});
