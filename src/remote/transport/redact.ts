import { isShown, pairsOf } from "./query.js";

/**
 * A URL fit for an error message or a log. Upload URLs can be capabilities, so every value in the query is withheld but those
 * of `scope`, `service`, `mount`, `from`, `digest`, `n` and `last`; so are a user name, a password and the fragment.
 */
export function redactURL(url: URL): string {
  const pairs = pairsOf(url).map((pair) => {
    if (isShown(pair)) {
      return pair;
    }
    const equals = pair.indexOf("=");
    return equals < 0 ? "REDACTED" : `${pair.slice(0, equals)}=REDACTED`;
  });
  return `${url.protocol}//${url.host}${url.pathname}${pairs.length > 0 ? `?${pairs.join("&")}` : ""}`;
}

const CREDENTIALS = /([a-z][a-z0-9+.-]*:\/\/)[^\s/?#"'<>]*@/gi;
const QUERY_VALUE = /([?&](?!(?:scope|service|mount|from|digest|n|last)=)[\w.~%-]+=)[^\s&"'<>()]+/g;

/** A text that somebody else wrote, with its URLs fit for an error message, as {@link redactURL} makes them. */
export function redactURLsIn(text: string): string {
  return text.replace(CREDENTIALS, "$1REDACTED@").replace(QUERY_VALUE, "$1REDACTED");
}
