/**
 * The name without `.`, `..`, and slashes too many, so that names that mean the same are the same; undefined if it leads out
 * of the archive. The root is what an archive's names are relative to, so a slash in front says nothing.
 */
export function cleanName(name: string): string | undefined {
  const parts: string[] = [];
  for (const part of name.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join("/");
}

/**
 * Where a symbolic link leads, by its own name and what it says; undefined if that is out of the archive, as it always is
 * for one that begins at the root of a file system.
 */
export function symlinkTarget(name: string, linkname: string): string | undefined {
  return linkname.startsWith("/") ? undefined : cleanName(`${name}/../${linkname}`);
}
