import { checkTag } from "./element.js";
import { Reference } from "./reference.js";
import type { Repository } from "./repository.js";

/** A reference by a name that can be moved, such as `gcr.io/project/image:v1`. */
export class Tag extends Reference {
  private readonly tag: string;
  private readonly original: string;

  /**
   * @param original the text that was read; by default the full name
   * @throws {NameError} if the tag has characters that are not allowed, none, or more than 128
   */
  constructor(repository: Repository, tag: string, original?: string) {
    super(repository);
    checkTag(tag);
    this.tag = tag;
    this.original = original ?? this.name();
  }

  /** The tag alone, such as `"v1"`. */
  tagStr(): string {
    return this.tag;
  }

  override identifier(): string {
    return this.tag;
  }

  /** The full name, such as `index.docker.io/library/ubuntu:latest`. */
  override name(): string {
    return `${this.context().name()}:${this.tag}`;
  }

  override toString(): string {
    return this.original;
  }
}
