/**
 * Queries taken apart as text. `URLSearchParams` would write them anew, and a registry's upload URLs may carry signed
 * or otherwise opaque parameters that must come back byte for byte.
 */

/** The pairs of a URL's query exactly as they are written, in order. */
export function pairsOf(url: URL): string[] {
  return url.search.length > 1 ? url.search.slice(1).split("&") : [];
}

/** The name of a pair, decoded as application/x-www-form-urlencoded has it (WHATWG URL, section 5.1). */
export function nameOf(pair: string): string {
  const [name = ""] = new URLSearchParams(`?${pair}`).keys();
  return name;
}

/** Parameters whose values are no secret, and tell what a request was about. */
const SHOWN: ReadonlySet<string> = new Set(["scope", "service", "mount", "from", "digest", "n", "last"]);

/** Whether the value of a pair may be told: URLs can be capabilities, so that of others may not. */
export function isShown(pair: string): boolean {
  return pair === "" || SHOWN.has(nameOf(pair));
}
