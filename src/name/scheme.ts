const LOOPBACK = /^(?:localhost:\d+|(?:.+\.localhost|127\.0\.0\.1|\[::1\])(?::\d+)?)$/;
const IPV4 = /^(\d+)\.(\d+)\.\d+\.\d+(?::\d+)?$/;

/** What a registry is spoken to over. */
export type Scheme = "http" | "https";

/**
 * Guesses from an authority, which must be valid, whether a registry speaks TLS. Those that run for one
 * machine or one private network seldom do: `localhost:port`, `*.localhost`, 127.0.0.1, [::1], and the IPv4
 * networks of RFC 1918, section 3. Everything else does, a bare `localhost` and `*.local` included: real
 * domains end in `.local`, and a guess of "http" sends them credentials in the clear.
 */
export function schemeOf(authority: string): Scheme {
  return LOOPBACK.test(authority) || isPrivate(authority) ? "http" : "https";
}

function isPrivate(authority: string): boolean {
  const [, first, second] = (IPV4.exec(authority) ?? []).map(Number);
  if (first === undefined || second === undefined) {
    return false;
  }
  return first === 10 || (first === 172 && second >= 16 && second <= 31) || (first === 192 && second === 168);
}
