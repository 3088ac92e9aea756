import { type Hash, newHash } from "../v1/index.js";
import { isRepositoryName } from "./grammar.js";
import { RefusalError } from "./refusal.js";

/** What a path names (OCI distribution-spec v1.1, "Endpoints"). References and upload ids are not checked yet. */
export type Route =
  | { readonly kind: "base" }
  | { readonly kind: "catalog" }
  | { readonly kind: "tags"; readonly repository: string }
  | { readonly kind: "uploads"; readonly repository: string }
  | { readonly kind: "upload"; readonly repository: string; readonly id: string }
  | { readonly kind: "blob"; readonly repository: string; readonly reference: string }
  | { readonly kind: "manifest"; readonly repository: string; readonly reference: string }
  | { readonly kind: "referrers"; readonly repository: string; readonly reference: string };

/**
 * Reads a URL's path. The end of the path decides, since a repository name may have components such as `blobs` or `tags`. The
 * repository is compared as it was sent, so a percent sign or an encoded slash in it makes it no name; in the reference an
 * encoded colon is accepted.
 *
 * @param pathname as `URL.pathname` gives it
 * @returns the route, or undefined if the path is none of this protocol
 * @throws {RefusalError} NAME_INVALID if the path is one, but the repository in it has no repository's name
 */
export function parseRoute(pathname: string): Route | undefined {
  if (pathname === "/v2/" || pathname === "/v2") return { kind: "base" };
  if (pathname === "/v2/_catalog") return { kind: "catalog" };
  const path = /^\/v2\/(.*)$/su.exec(pathname)?.[1];
  if (path === undefined) return undefined;

  const parts = path.split("/");
  const last = parts.at(-1) ?? "";
  const [beforeLast, beforeThat] = [parts.at(-2), parts.at(-3)];
  const repository = (components: number): string => repositoryNamed(parts.slice(0, -components).join("/"));

  if (beforeThat === "blobs" && beforeLast === "uploads") {
    return last === ""
      ? { kind: "uploads", repository: repository(3) }
      : { kind: "upload", repository: repository(3), id: last };
  }
  if (beforeLast === "blobs" && last === "uploads") return { kind: "uploads", repository: repository(2) };
  if (beforeLast === "tags" && last === "list") return { kind: "tags", repository: repository(2) };
  const reference = decoded(last);
  switch (beforeLast) {
    case "blobs":
      return { kind: "blob", repository: repository(2), reference };
    case "manifests":
      return { kind: "manifest", repository: repository(2), reference };
    case "referrers":
      return { kind: "referrers", repository: repository(2), reference };
    default:
      return undefined;
  }
}

/** @throws {RefusalError} DIGEST_INVALID if the text is not a digest of a known algorithm */
export function digestNamed(text: string): Hash {
  try {
    return newHash(text);
  } catch (cause) {
    throw new RefusalError(
      400,
      "DIGEST_INVALID",
      `invalid digest ${JSON.stringify(text.slice(0, 200))}: expected sha256: and 64 or sha512: and 128 lower-case hex digits`,
      { cause },
    );
  }
}

function repositoryNamed(text: string): string {
  if (isRepositoryName(text)) return text;
  throw new RefusalError(
    400,
    "NAME_INVALID",
    `invalid repository name ${JSON.stringify(text.slice(0, 300))}: expected at most 255 characters, components of a-z and 0-9 that may be joined by ., _, __ or dashes, and / between components`,
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
