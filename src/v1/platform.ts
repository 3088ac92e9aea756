/**
 * The machine that an image runs on (OCI image-spec, image-index.md, `platform`). Fields are in the order in
 * which manifests write them.
 */
export interface Platform {
  /** The CPU, by Go's name of it, such as `"amd64"`. */
  readonly architecture: string;
  /** The operating system, by Go's name of it, such as `"linux"`. */
  readonly os: string;
  /** `os.version` in JSON, such as `"10.0.14393.1066"`. */
  readonly osVersion?: string;
  /** `os.features` in JSON, such as `["win32k"]`. */
  readonly osFeatures?: readonly string[];
  /** The CPU's variant, such as `"v8"`. */
  readonly variant?: string;
  /** CPU features; reserved by the specification. */
  readonly features?: readonly string[];
}
