import type { Hash } from "../../v1/index.js";

/** The tag under which a registry without a referrers API keeps the list of what is about a manifest (OCI distribution-spec, "Referrers Tag Schema"). */
export function referrersTag({ algorithm, hex }: Hash): string {
  return `${algorithm.slice(0, 32)}-${hex.slice(0, 64)}`;
}
