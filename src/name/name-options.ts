/** The registry that a name without one belongs to: Docker Hub's. */
export const defaultRegistry: string = "index.docker.io";

/** The tag of a name that has neither tag nor digest. */
export const defaultTag: string = "latest";

/** How names are read. */
export interface NameOptions {
  /** Talk to the registry over plain HTTP, whatever it is called. Default: false. */
  readonly insecure?: boolean | undefined;
  /**
   * Fill nothing in: registry, Docker Hub's `library/`, and the tag of a tag reference must be there.
   * Default: false.
   */
  readonly strict?: boolean | undefined;
  /**
   * The registry of a name without one. Default: {@link defaultRegistry}. One that has neither `.` nor `:` is
   * not recognised when a full name is read back.
   */
  readonly defaultRegistry?: string | undefined;
  /** The tag of a reference without one. Default: {@link defaultTag}. */
  readonly defaultTag?: string | undefined;
}
