import { VarveError } from "../core/error.js";
import type { Descriptor, Platform } from "../v1/index.js";
import type { WriteBlobOptions } from "./blobs.js";
import { Visited } from "./visited.js";

const DEFAULT_JOBS = 4;

/** How far the writing is. */
export interface WriteProgress {
  /** Bytes of blobs that are stored, those that were there before included. */
  readonly complete: number;
}

/** How images and indexes are written. */
export interface WriteOptions extends Omit<WriteBlobOptions, "onBytes"> {
  /** How many layers of an image are written at a time. Default: 4. */
  readonly jobs?: number | undefined;
  readonly onProgress?: ((progress: WriteProgress) => void) | undefined;
}

/** What `index.json` says of what is put into it, beside what it is. */
export interface AppendOptions extends WriteOptions {
  /** Added to the descriptor's own, in place of those of the same name. */
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  /** Added to the descriptor's own. */
  readonly urls?: readonly string[] | undefined;
  /** In place of the descriptor's own. */
  readonly platform?: Platform | undefined;
}

/** Options as the parts of a writing share them. */
export interface Writing extends WriteBlobOptions {
  readonly jobs: number;
  /** What of an index has been written, or is being written. */
  readonly visited: Visited;
}

/** @throws {VarveError} `ERR_VARVE_LAYOUT_JOBS` if the number of jobs is none */
export function writingOf({
  jobs = DEFAULT_JOBS,
  onProgress,
  signal,
  verifyExisting,
}: WriteOptions): Writing {
  if (!Number.isSafeInteger(jobs) || jobs < 1) {
    throw new VarveError("ERR_VARVE_LAYOUT_JOBS", `jobs is a whole number of at least 1, not ${jobs}`);
  }
  let complete = 0;
  const onBytes = (bytes: number): void => {
    complete += bytes;
    onProgress?.({ complete });
  };
  return { jobs, signal, verifyExisting, onBytes, visited: new Visited() };
}

/** The descriptor with what the options say. */
export function described(descriptor: Descriptor, options: AppendOptions): Descriptor {
  const { annotations, urls, platform } = options;
  return {
    ...descriptor,
    ...(urls === undefined ? {} : { urls: [...(descriptor.urls ?? []), ...urls] }),
    ...(annotations === undefined ? {} : { annotations: { ...descriptor.annotations, ...annotations } }),
    ...(platform === undefined ? {} : { platform }),
  };
}
