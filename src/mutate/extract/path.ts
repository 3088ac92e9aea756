import { UnsafeTarPathError } from "./errors.js";

/** A path by its components, from the root down; none for the root itself. None of them is empty, `.` or `..`. */
export type Path = readonly string[];

/** Windows takes it for a path on that drive, wherever it is to be extracted. */
const DRIVE = /^[A-Za-z]:/;
/** The same, or a path on the present drive, or on another machine. */
const ROOTED = /^(?:[A-Za-z]:|\\)/;

/**
 * Cleans an entry's name, which may begin with `./` or `/`: in an image both mean the root.
 *
 * @throws {UnsafeTarPathError} if it leads out of the root at any point, on systems where a backslash separates names too
 */
export function entryPath(name: string): Path {
  const path = resolve([], name);
  const elsewhere = name.includes("\\") ? resolve([], name.replaceAll("\\", "/")) : path;
  if (path === undefined || elsewhere === undefined) {
    throw new UnsafeTarPathError(name, "it leads out of the image's root");
  }
  if (ROOTED.test(path[0] ?? "")) {
    throw new UnsafeTarPathError(name, "on Windows it leads out of the image's root");
  }
  return path;
}

/**
 * What a link in a directory leads to; undefined if that is out of the root, which an absolute target never is.
 *
 * @param directory where the target is resolved: that of the link for a symbolic link, the root for a hard link
 */
export function linkTarget(directory: Path, linkname: string): Path | undefined {
  const portable = linkname.replaceAll("\\", "/");
  if (portable.startsWith("/")) return resolve([], linkname, true);
  if (DRIVE.test(linkname) || resolve(directory, portable) === undefined) return undefined;
  return resolve(directory, linkname);
}

/** @param rooted whether `..` of the root is the root, as in a file system */
function resolve(from: Path, text: string, rooted = false): Path | undefined {
  const path = [...from];
  for (const component of text.split("/")) {
    if (component === "" || component === ".") continue;
    if (component !== "..") path.push(component);
    else if (path.pop() === undefined && !rooted) return undefined;
  }
  return path;
}
