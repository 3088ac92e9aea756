import { ProtocolError } from "./protocol-error.js";
import { redactURL } from "./redact.js";
import type { Answer } from "./transport.js";

/**
 * The error for an answer whose header a browser does not let a page see (Fetch standard, "CORS-exposed header-name list"). Only
 * for responses whose `type` is `"cors"`.
 *
 * @param what what is not known for want of it
 */
export function hiddenHeader(answer: Answer, header: string, what: string): ProtocolError {
  return new ProtocolError(
    `${answer.method} ${redactURL(answer.url)}: ${what}; it must list ${header} in Access-Control-Expose-Headers for a browser to see it`,
  );
}
