import type { Repository } from "../../name/index.js";
import type { Hash } from "../../v1/index.js";

/** Statuses that a registry without a referrers API answers a question for referrers with. */
export const NO_REFERRERS_API: readonly number[] = [400, 404, 405, 406, 501];

/** Where a registry lists what is about a manifest (OCI distribution-spec, "Listing Referrers"). */
export function referrersURL(root: URL, repository: Repository, subject: Hash): URL {
  return new URL(`${root.href}${repository.repositoryStr()}/referrers/${subject}`);
}
