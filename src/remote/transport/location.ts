import type { Hash } from "../../v1/hash.js";
import { hiddenHeader } from "./hidden-header.js";
import { isInternalHost } from "./host-guard.js";
import { printable } from "./printable.js";
import { ProtocolError, UnsafeLocationError } from "./protocol-error.js";
import { nameOf, pairsOf } from "./query.js";
import { redactURL, redactURLsIn } from "./redact.js";
import type { Answer } from "./transport.js";

/**
 * Where an answer's `Location` leads: an absolute URL, or one relative to the URL that gave the answer (RFC 9110, section
 * 10.2.2). A fragment is dropped; the query stays as the registry wrote it. An `http` URL on the very host that
 * was asked over https is taken for the slip of a registry that does not know of the TLS in front of it, and asked over https.
 *
 * @throws {ProtocolError} if the header is missing or is no URL
 * @throws {UnsafeLocationError} if it leads from https to http, to a scheme that is not HTTP, carries credentials, or names a
 *   host that is loopback, private, link-local or unspecified and is not the host and port that was asked
 */
export function locationOf(answer: Answer): URL {
  const asked = `${answer.method} ${redactURL(answer.url)}`;
  const text = answer.response.headers.get("location")?.trim() ?? "";
  if (text === "") {
    const missing = `missing Location header in the answer with status ${answer.response.status}, so the registry leaves open where to go on`;
    throw answer.response.type === "cors"
      ? hiddenHeader(answer, "Location", missing)
      : new ProtocolError(`${asked}: ${missing}; a proxy in between may have removed it`);
  }
  const location = parse(text, answer.url);
  if (location === undefined) {
    throw new ProtocolError(
      `${asked}: the Location header is not a URL: ${printable(redactURLsIn(answer.conceal(text)), 96)}`,
    );
  }
  location.hash = "";
  const objection = objectionTo(location, answer.url);
  if (objection !== undefined) {
    throw new UnsafeLocationError(
      answer.conceal(`${asked}: refused to follow Location ${redactURL(location)}: ${objection}`),
    );
  }
  return location;
}

/**
 * Where an upload is that a registry's answer had led to, and that was kept since then: by the same rules as if the registry led there now.
 *
 * @param root the registry
 * @throws {ProtocolError} if it is no URL
 * @throws {UnsafeLocationError} as {@link locationOf} does
 */
export function keptLocation(text: string, root: URL): URL {
  const location = URL.canParse(text) ? new URL(text) : undefined;
  if (location === undefined) {
    throw new ProtocolError("the upload's address that was kept is not a URL; start the upload over");
  }
  const objection = objectionTo(location, root);
  if (objection !== undefined) {
    throw new UnsafeLocationError(
      `refused to go on with an upload at ${printable(location.host, 96)}, of a push to ${root.host}: ${objection}`,
    );
  }
  return location;
}

/**
 * Adds `digest` to a URL's query, which is otherwise left as it is, byte for byte; a `digest` that stands there already is
 * replaced (OCI distribution-spec, "Pushing a blob": the location "may contain critical query parameters").
 */
export function withDigest(location: URL, digest: Hash): URL {
  const pairs = pairsOf(location).filter((pair) => nameOf(pair) !== "digest");
  const result = new URL(location);
  result.search = `?${[...pairs, `digest=${encodeURIComponent(String(digest))}`].join("&")}`;
  return result;
}

function parse(text: string, base: URL): URL | undefined {
  let location: URL;
  try {
    location = new URL(text, base);
  } catch {
    return undefined;
  }
  if (base.protocol === "https:" && location.protocol === "http:") {
    const secured = new URL(location);
    secured.protocol = "https:";
    return secured.host === base.host ? secured : location;
  }
  return location;
}

function objectionTo(location: URL, from: URL): string | undefined {
  if (location.protocol !== "https:" && location.protocol !== "http:") {
    return `${location.protocol} is not a scheme that registries are spoken to in`;
  }
  if (from.protocol === "https:" && location.protocol === "http:") {
    return "it leads from https to http, where anyone on the way could read and change the upload";
  }
  if (location.username !== "" || location.password !== "") {
    return "it carries a user name or password";
  }
  if (location.host !== from.host && isInternalHost(location.hostname)) {
    return `${location.hostname} is a loopback, private, link-local or unspecified address and not the host that was asked; push to that address directly if it is the registry's`;
  }
  return undefined;
}
