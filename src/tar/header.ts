/** What an entry is (POSIX pax, "ustar Interchange Format", `typeflag`). */
export type TarType =
  | "file"
  | "link"
  | "symlink"
  | "directory"
  | "character-device"
  | "block-device"
  | "fifo";

/**
 * What a tar says of one entry, whatever format it says it in.
 *
 * Text that is not UTF-8 comes through unchanged: each byte that is not part of a character is a lone surrogate, U+DC80
 * for 0x80 to U+DCFF for 0xff, and is written as that byte.
 */
export interface TarHeader {
  /** As it was written: nothing is cleaned, so it may be absolute, or lead out of where it belongs. */
  readonly name: string;
  readonly type: TarType;
  /** Bytes of content; 0 for everything but files. */
  readonly size: number;
  /** Permissions, with the bits for setuid, setgid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly uname: string;
  readonly gname: string;
  /** Seconds since 1970, with a fraction where the tar has one. */
  readonly mtime: number;
  /** What a link leads to: of a hard link an entry's name, of a symbolic link a path from where the link is. */
  readonly linkname: string;
  readonly devmajor: number;
  readonly devminor: number;
  /**
   * PAX records that no field above covers, such as `SCHILY.xattr.user.x`. `mtime` is among them where a number cannot
   * hold all of its digits; it is written as long as the field says the same to a number's precision.
   */
  readonly pax: Readonly<Record<string, string>>;
}

/** The PAX records that fields of {@link TarHeader} cover. */
export const COVERED: ReadonlySet<string> = new Set([
  "path",
  "linkpath",
  "size",
  "uid",
  "gid",
  "uname",
  "gname",
  "mtime",
  "hdrcharset",
]);

export const BLOCK = 512;

/** The type flags that are written. */
export const FLAGS: Readonly<Record<TarType, string>> = {
  file: "0",
  link: "1",
  symlink: "2",
  "character-device": "3",
  "block-device": "4",
  directory: "5",
  fifo: "6",
};

/** How many bytes are missing from so many to a whole number of blocks. */
export function paddingOf(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}
