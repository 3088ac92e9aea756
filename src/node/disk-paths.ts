import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Hash } from "../v1/index.js";

/**
 * Where a registry's files are. Every name below is this package's own word, a digest, or a random id: repository names and tags
 * are hashed, so that nothing from the network names a file, upper and lower case stay apart on every file system, and no name is
 * too long for one.
 *
 *     varve-registry.json                          what this directory is
 *     uploads/ID                                   files that are not complete: the bytes of uploads under way, and others
 *     uploads/ID.session                           {"repository", "algorithm"} of an upload that outlasts the process
 *     uploads.lock                                 held by the process whose uploads these are
 *     blobs/ALGORITHM/HEX                          the bytes of a blob, once for all repositories
 *     repositories/SHA256-OF-NAME/name             the repository's name
 *     repositories/../blobs/ALGORITHM/HEX          empty: the repository holds this blob
 *     repositories/../manifests/ALGORITHM/HEX      the bytes of a manifest
 *     repositories/../about/ALGORITHM/HEX          {"mediaType", "subject"} of that manifest
 *     repositories/../tags/SHA256-OF-TAG           {"tag", "digest"}
 *     repositories/../referrers/ALGORITHM/HEX/ALGORITHM-HEX    empty: the second manifest has the first as its subject
 */
export class DiskPaths {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  get marker(): string {
    return join(this.root, "varve-registry.json");
  }

  get uploads(): string {
    return join(this.root, "uploads");
  }

  get uploadsLock(): string {
    return join(this.root, "uploads.lock");
  }

  get repositories(): string {
    return join(this.root, "repositories");
  }

  blob(digest: Hash): string {
    return join(this.root, "blobs", digest.algorithm, digest.hex);
  }

  repositoryName(repository: string): string {
    return join(this.#repository(repository), "name");
  }

  /** The mark that the repository holds the blob. */
  held(repository: string, digest: Hash): string {
    return this.heldIn(hashed(repository), digest);
  }

  /** The same mark, by the name of the repository's directory. */
  heldIn(directory: string, digest: Hash): string {
    return join(this.repositories, directory, "blobs", digest.algorithm, digest.hex);
  }

  manifest(repository: string, digest: Hash): string {
    return join(this.#repository(repository), "manifests", digest.algorithm, digest.hex);
  }

  aboutManifest(repository: string, digest: Hash): string {
    return join(this.#repository(repository), "about", digest.algorithm, digest.hex);
  }

  tags(repository: string): string {
    return join(this.#repository(repository), "tags");
  }

  tag(repository: string, tag: string): string {
    return join(this.tags(repository), hashed(tag));
  }

  referrers(repository: string, subject: Hash): string {
    return join(this.#repository(repository), "referrers", subject.algorithm, subject.hex);
  }

  referrer(repository: string, subject: Hash, digest: Hash): string {
    return join(this.referrers(repository, subject), `${digest.algorithm}-${digest.hex}`);
  }

  #repository(name: string): string {
    return join(this.repositories, hashed(name));
  }
}

function hashed(name: string): string {
  return createHash("sha256").update(name).digest("hex");
}
