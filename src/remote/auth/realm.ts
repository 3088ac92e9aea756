import type { Conceal } from "../transport/conceal.js";
import { isInternalHost } from "../transport/host-guard.js";
import { printable } from "../transport/printable.js";
import { ProtocolError, UnsafeLocationError } from "../transport/protocol-error.js";
import { redactURL, redactURLsIn } from "../transport/redact.js";
import type { Challenge } from "./challenge.js";

/**
 * Where a registry has its tokens handed out. A registry names that place itself, so it could have credentials sent anywhere, in the
 * clear, or requests made inside the client's network.
 *
 * @param from the registry's URL, or that of another host that challenges
 * @param conceal for what the errors tell of the challenge
 * @throws {ProtocolError} if the challenge has no realm, or that is no URL
 * @throws {UnsafeLocationError} if it is not https, unless the registry is spoken to over http itself; or if it carries credentials, or is a
 *   loopback, private, link-local or unspecified address and not the host and port that challenges
 */
export function realmOf(challenge: Challenge, from: URL, conceal: Conceal): URL {
  const text = challenge.parameters.get("realm") ?? "";
  let realm: URL;
  try {
    realm = new URL(text);
  } catch {
    // The engine's error would repeat the text, which is told here without what may be a secret.
    const told = printable(JSON.stringify(redactURLsIn(conceal(text))), 96);
    throw new ProtocolError(
      `${from.host} asks for a token and does not say where to get one: its realm is ${told}, not a URL`,
    );
  }
  const objection = objectionTo(realm, from);
  if (objection !== undefined) {
    throw new UnsafeLocationError(
      conceal(`${from.host} asks for a token from ${redactURL(realm)}, which is refused: ${objection}`),
    );
  }
  return realm;
}

function objectionTo(realm: URL, from: URL): string | undefined {
  if (realm.protocol !== "https:" && realm.protocol !== "http:") {
    return `${realm.protocol} is not a scheme that tokens are asked for in`;
  }
  if (realm.protocol === "http:" && from.protocol !== "http:") {
    return "it is http, where anyone on the way could read the credentials, and the registry speaks https";
  }
  if (realm.username !== "" || realm.password !== "") {
    return "it carries a user name or password";
  }
  if (realm.host !== from.host && isInternalHost(realm.hostname)) {
    return `${realm.hostname} is a loopback, private, link-local or unspecified address and not the registry's own`;
  }
  return undefined;
}
