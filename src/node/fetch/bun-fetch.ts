import { acceptsAny, trustedCertificates } from "./certificates.js";
import type { FetchOptions } from "./fetch-options.js";
import { proxyFor } from "./proxy.js";

/** What Bun's `fetch` takes besides the standard's. */
interface BunInit extends RequestInit {
  readonly tls: { readonly ca?: string[]; readonly rejectUnauthorized: boolean };
  readonly proxy?: { readonly url: string; readonly headers: Record<string, string> };
  readonly timeout: false;
}

/**
 * Makes a `fetch` of Bun's own: an `undici` that is imported there is not undici, and has no options. It has no time limits but the system's.
 */
export async function bunFetch(options: FetchOptions): Promise<typeof fetch> {
  const { env = process.env, insecure = false } = options;
  const ca = insecure === true ? undefined : await trustedCertificates({ ca: options.ca, env });
  const strict = { rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) };
  const lax = { rejectUnauthorized: false };
  return async (input, init) => {
    const url = new URL(String(input));
    const proxy = proxyFor(url, env);
    const headers: Record<string, string> =
      proxy?.authorization === undefined ? {} : { "proxy-authorization": proxy.authorization };
    const whole: BunInit = {
      ...init,
      tls: acceptsAny(insecure, url.hostname) ? lax : strict,
      timeout: false,
      ...(proxy === undefined ? {} : { proxy: { url: proxy.origin, headers } }),
    };
    return fetch(input, whole);
  };
}
