import { nameOf, pairsOf } from "./query.js";

/** Parameters whose values are no secret, and tell what a request was about. */
const SHOWN: ReadonlySet<string> = new Set(["scope", "service", "mount", "from", "digest", "n", "last"]);

/**
 * A URL fit for an error message or a log. Upload URLs can be capabilities, so every value in the query is withheld but those
 * of `scope`, `service`, `mount`, `from`, `digest`, `n` and `last`; so are a user name, a password and the fragment.
 */
export function redactURL(url: URL): string {
  const pairs = pairsOf(url).map((pair) => {
    if (SHOWN.has(nameOf(pair)) || pair === "") {
      return pair;
    }
    const equals = pair.indexOf("=");
    return equals < 0 ? "REDACTED" : `${pair.slice(0, equals)}=REDACTED`;
  });
  return `${url.protocol}//${url.host}${url.pathname}${pairs.length > 0 ? `?${pairs.join("&")}` : ""}`;
}
