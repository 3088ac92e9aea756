import type { Hash } from "../v1/hash.js";
import { Digest } from "./digest.js";
import { checkRepository } from "./element.js";
import { defaultRegistry } from "./name-options.js";
import type { Registry } from "./registry.js";
import type { Scheme } from "./scheme.js";
import { Tag } from "./tag.js";

/** Where Docker Hub keeps the images whose names have one component. */
export const IMPLICIT_NAMESPACE = "library";

/** A repository: a path within a registry. */
export class Repository {
  readonly registry: Registry;
  private readonly path: string;

  /**
   * @param path such as `project/image`; a path of one component on Docker Hub is one in `library/`
   * @throws {NameError} if the path has characters that are not allowed, none, or more than 255
   */
  constructor(registry: Registry, path: string) {
    checkRepository(path);
    this.registry = registry;
    this.path = path;
  }

  /** Whether the path leaves Docker Hub's `library/` out. */
  hasImplicitNamespace(): boolean {
    return this.registryStr() === defaultRegistry && !this.path.includes("/");
  }

  /** The host, and `:port` if one was given, of the registry. */
  registryStr(): string {
    return this.registry.registryStr();
  }

  /** The path within the registry, `library/` included: what stands after `/v2/` in a URL. */
  repositoryStr(): string {
    return this.hasImplicitNamespace() ? `${IMPLICIT_NAMESPACE}/${this.path}` : this.path;
  }

  /** The full name, such as `index.docker.io/library/ubuntu`. */
  name(): string {
    return `${this.registryStr()}/${this.repositoryStr()}`;
  }

  /** What the registry is spoken to over. */
  scheme(): Scheme {
    return this.registry.scheme();
  }

  /** The token scope for an action, such as `"pull"` or `"push,pull"`. */
  scope(action: string): string {
    return `repository:${this.repositoryStr()}:${action}`;
  }

  /**
   * Refers to a tag of this repository.
   *
   * @throws {NameError} if it is not a valid tag
   */
  tag(identifier: string): Tag {
    return new Tag(this, identifier);
  }

  /**
   * Refers to a digest in this repository.
   *
   * @throws {NameError} if it is not a valid digest
   */
  digest(identifier: Hash | string): Digest {
    return new Digest(this, identifier);
  }

  toString(): string {
    return this.name();
  }

  /** The string form; `newRepository` reads it back. */
  toJSON(): string {
    return this.toString();
  }
}
