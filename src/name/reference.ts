import type { Repository } from "./repository.js";
import type { Scheme } from "./scheme.js";

/** What names one manifest of a repository: a tag or a digest. */
export abstract class Reference {
  private readonly repository: Repository;

  protected constructor(repository: Repository) {
    this.repository = repository;
  }

  /** The tag or the digest: what stands after `/manifests/` in a URL. */
  abstract identifier(): string;

  /** The full name, with everything filled in that the original text left out. */
  abstract name(): string;

  /** The text that the reference was made from. */
  abstract toString(): string;

  /** The repository that holds the manifest. */
  context(): Repository {
    return this.repository;
  }

  /** The host, and `:port` if one was given, of the repository's registry. */
  registryStr(): string {
    return this.repository.registryStr();
  }

  /** The path of the repository within its registry. */
  repositoryStr(): string {
    return this.repository.repositoryStr();
  }

  /** What the registry is spoken to over. */
  scheme(): Scheme {
    return this.repository.scheme();
  }

  /** The token scope for an action, such as `"pull"` or `"push,pull"`, on the repository. */
  scope(action: string): string {
    return this.repository.scope(action);
  }

  /** The text that the reference was made from. */
  toJSON(): string {
    return this.toString();
  }
}
