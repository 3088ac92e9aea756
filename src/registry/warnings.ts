import { RegistryOptionsError } from "./options-error.js";

/** Longest `Warning` header, in bytes (OCI distribution-spec v1.1, "Warnings"). */
const LONGEST = 4096;

/**
 * The `Warning` header that says these texts to a client's user (OCI distribution-spec v1.1, "Warnings"): code 299, no agent, no
 * date.
 *
 * @throws {RegistryOptionsError} if a text is not one line of printable ASCII, or all are too long together
 */
export function warningHeader(texts: readonly string[]): string {
  for (const text of texts) {
    if (/^[ -~]+$/u.test(text)) continue;
    throw new RegistryOptionsError(
      `warnings has ${JSON.stringify(text.slice(0, 100))}: expected one line of printable ASCII`,
    );
  }
  const header = texts.map((text) => `299 - "${text.replace(/["\\]/gu, "\\$&")}"`).join(", ");
  if (header.length <= LONGEST) return header;
  throw new RegistryOptionsError(
    `warnings are ${header.length} bytes together, more than a header's ${LONGEST}`,
  );
}
