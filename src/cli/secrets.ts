/** Parameters of a registry's URLs whose values are no secret, and tell what a request was about. */
const SHOWN = "(?:scope|service|mount|from|digest|n|last)=";

const URL_CREDENTIALS = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@"']+@/gi;
const BARE_CREDENTIALS = /[^\s/@:"']+:[^\s/@"']+@(?!sha(?:256|512):)/g;
const QUERY_VALUES = new RegExp(`([?&](?!${SHOWN})[\\w.~%-]+=)[^\\s&"'()]+`, "g");
const AUTHORIZATION = /\b(authorization["']?\s*[:=]\s*["']?)[^\r\n"']+/gi;

/**
 * Takes out of a text for the user what may be a secret: user names and passwords before a host, values in a URL's query (upload
 * URLs can be capabilities), and `Authorization` headers. varve's own messages hold none, but those of a runtime may, and
 * a message quotes what the user typed.
 */
export function withoutSecrets(text: string): string {
  return text
    .replace(URL_CREDENTIALS, "$1")
    .replace(BARE_CREDENTIALS, "REDACTED@")
    .replace(QUERY_VALUES, "$1REDACTED")
    .replace(AUTHORIZATION, "$1REDACTED");
}
