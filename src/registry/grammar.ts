/** Components of lower-case letters and digits, joined by the separators that may not stand first, last or side by side. */
const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/u;

const TAG = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/u;

/** Longest repository name, in characters, so that host and name together stay within what clients accept. */
const LONGEST_REPOSITORY = 255;

/**
 * Whether the text is a repository name as a registry must take it (OCI distribution-spec v1.1, "Pulling manifests"). Upper-case
 * letters, empty components, `..`, percent signs and names of more than 255 characters are not.
 */
export function isRepositoryName(text: string): boolean {
  return text.length <= LONGEST_REPOSITORY && REPOSITORY.test(text);
}

/** Whether the text is a tag: at most 128 characters, the first a letter, a digit or an underscore (same section). */
export function isTag(text: string): boolean {
  return TAG.test(text);
}
