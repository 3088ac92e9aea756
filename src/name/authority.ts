import { quote } from "../v1/quote.js";
import { NameError } from "./name-error.js";

const STRANGER = /[^A-Za-z0-9._:[\]-]/u;
const AUTHORITY = /^(?<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.?)(?::(?<port>[0-9]*))?$/;
const URL_SCHEME = /^https?:(?:\/\/|$)/i;
const LARGEST_PORT = 65_535;

/**
 * Checks that text can stand between `https://` and the next `/` of a URL (RFC 3986, section 3.2, without
 * user information) and that a request to that URL goes to the very host that the text names.
 *
 * The second half is why a pattern alone will not do: URL parsers rewrite some hosts into others (`0x7f.1`
 * and `127.1` into `127.0.0.1`, `010.0.0.1` into `8.0.0.1`), and a rewritten host would have passed checks
 * under a name it is not reached by. Upper-case letters are kept as they are; they name the same host.
 *
 * @throws {NameError} naming what is wrong and what is allowed
 */
export function checkAuthority(authority: string): void {
  if (URL_SCHEME.test(authority)) {
    throw fault(authority, "leave the URL scheme out; for plain HTTP, set the option insecure");
  }
  const stranger = STRANGER.exec(authority);
  if (stranger !== null) {
    throw fault(
      authority,
      `character ${quote(stranger[0])} is not allowed; a host has letters, digits and . _ -, or is an IPv6 address in brackets`,
    );
  }
  const { host, port } = AUTHORITY.exec(authority)?.groups ?? {};
  if (host === undefined) {
    throw fault(authority, "expected host, host:port, [IPv6] or [IPv6]:port");
  }
  if (port !== undefined && !isPort(port)) {
    throw fault(
      authority,
      `port ${quote(port)} is not a number from 1 to ${LARGEST_PORT} without leading zeros`,
    );
  }
  const reached = hostReached(host);
  if (reached === undefined) {
    throw fault(authority, `${quote(host)} is neither an IP address nor a domain name that a URL can hold`);
  }
  if (reached !== host.toLowerCase()) {
    throw fault(
      authority,
      `a URL turns host ${quote(host)} into ${quote(reached)}; write it that way if it is meant`,
    );
  }
}

function isPort(port: string): boolean {
  return /^[1-9][0-9]{0,4}$/.test(port) && Number(port) <= LARGEST_PORT;
}

function hostReached(host: string): string | undefined {
  try {
    return new URL(`https://${host}/`).hostname;
  } catch {
    return undefined;
  }
}

function fault(authority: string, why: string): NameError {
  return new NameError("registry", `registry ${quote(authority)} is not a valid URL authority: ${why}`);
}
