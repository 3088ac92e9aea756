import { type Hash, HashError, newHash } from "../v1/hash.js";
import { NameError } from "./name-error.js";
import { Reference } from "./reference.js";
import type { Repository } from "./repository.js";

/** A reference by content, such as `gcr.io/project/image@sha256:e3b0c442...`. */
export class Digest extends Reference {
  private readonly hash: Hash;
  private readonly original: string;

  /**
   * @param digest a hash, or its string form
   * @param original the text that was read; by default the full name
   * @throws {NameError} if the digest is not that of a supported algorithm, in lower-case hex of the right
   *   length
   */
  constructor(repository: Repository, digest: Hash | string, original?: string) {
    super(repository);
    this.hash = typeof digest === "string" ? parseDigest(digest) : digest;
    this.original = original ?? this.name();
  }

  /** The digest. */
  digest(): Hash {
    return this.hash;
  }

  /** The digest as text, such as `"sha256:e3b0c442..."`. */
  digestStr(): string {
    return this.hash.toString();
  }

  override identifier(): string {
    return this.digestStr();
  }

  /**
   * The full name, such as `index.docker.io/library/ubuntu@sha256:e3b0c442...`; a tag beside the digest is
   * not part of it.
   */
  override name(): string {
    return `${this.context().name()}@${this.digestStr()}`;
  }

  override toString(): string {
    return this.original;
  }
}

function parseDigest(text: string): Hash {
  try {
    return newHash(text);
  } catch (error) {
    if (error instanceof HashError) {
      throw new NameError("digest", `bad digest: ${error.message}`, { cause: error });
    }
    throw error;
  }
}
