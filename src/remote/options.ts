import type { Platform } from "../v1/index.js";
import type { ClientOptions } from "./auth/client.js";
import { RemoteOptionError } from "./option-error.js";
import type { UploadOptions } from "./upload/options.js";
import type { UploadProgressListener } from "./upload/progress.js";

/** What every function of this package can be given; each heeds what concerns it. */
export interface RemoteOptions extends ClientOptions, UploadOptions {
  /** Aborting it gives the operation up, at whatever stage. */
  readonly signal?: AbortSignal | undefined;
  /** Told how far the writing of each blob has come. */
  readonly onProgress?: UploadProgressListener | undefined;
  /** Requests that are under way at a time, at most. Default: 4. */
  readonly jobs?: number | undefined;
  /** The platform that an image is chosen for from an index. Default: linux/amd64. */
  readonly platform?: Platform | undefined;
  /** Write layers, too, that their publisher does not want to have distributed by others. Default: false. */
  readonly nondistributable?: boolean | undefined;
  /** Entries to ask for at a time, where a registry lists something; 0 leaves it to the registry. Default: 1000. */
  readonly pageSize?: number | undefined;
  /** Use a tag in place of the referrers API where a registry has none. Default: true. */
  readonly referrersTagFallback?: boolean | undefined;
  /** Which referrers are wanted. Default: all. */
  readonly filter?: ReferrersFilter | undefined;
  /** The most bytes that a manifest or a configuration may have, and a list of tags or the like. Default: 4 MiB. */
  readonly maxManifestBytes?: number | undefined;
}

/** Which referrers are wanted. */
export interface ReferrersFilter {
  readonly artifactType?: string | undefined;
}

const DEFAULT_JOBS = 4;

/** @throws {RemoteOptionError} if it is not a whole number from 1 on */
export function jobsOf({ jobs = DEFAULT_JOBS }: Pick<RemoteOptions, "jobs">): number {
  if (!Number.isSafeInteger(jobs) || jobs < 1) {
    throw new RemoteOptionError(`jobs is ${jobs}: give a whole number, at least 1`);
  }
  return jobs;
}
