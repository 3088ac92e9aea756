import { UnsafeTarPathError } from "./errors.js";
import type { Path } from "./path.js";

/** OCI image-spec, layer.md, "Whiteouts". */
const PREFIX = ".wh.";
const OPAQUE = ".wh..wh..opq";
/** AUFS keeps its own affairs under such names; they are no part of the file system. */
const AUFS = ".wh..wh.";

/** What an entry means by its name: content, or something that is said of the layers below. */
export type Meaning =
  | { readonly kind: "content" | "nothing" }
  | { readonly kind: "whiteout" | "opaque"; readonly of: Path };

const CONTENT: Meaning = { kind: "content" };
const NOTHING: Meaning = { kind: "nothing" };

/** @throws {UnsafeTarPathError} if it is a whiteout of a directory from within */
export function meaningOf(path: Path): Meaning {
  const first = path.findIndex((name) => name.startsWith(PREFIX));
  if (first < 0) return CONTENT;
  const name = path[first]!;
  const directory = path.slice(0, first);
  if (first < path.length - 1) return NOTHING;
  if (name === OPAQUE) return { kind: "opaque", of: directory };
  if (name.startsWith(AUFS)) return NOTHING;
  const hidden = name.slice(PREFIX.length);
  if (hidden === "" || hidden === "." || hidden === "..") {
    throw new UnsafeTarPathError(path.join("/"), "it is a whiteout of no name");
  }
  return { kind: "whiteout", of: [...directory, hidden] };
}
