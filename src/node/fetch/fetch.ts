import { bunFetch } from "./bun-fetch.js";
import type { FetchOptions } from "./fetch-options.js";
import { timeLimits } from "./limits.js";
import { undiciFetch } from "./undici-fetch.js";

/**
 * A `fetch` for registries, with connections of its own. Node's own one gives up on a commit that takes five minutes, and knows no proxies
 * and no certificate files. It also reads an answer that comes before a request's body is through, even if the connection was
 * reset meanwhile.
 *
 * Nothing is read or connected before the first request. Idle connections do not keep the process running. On Bun it is Bun's own
 * `fetch`, with the same options but without time limits.
 *
 * @returns a function to be used as the option `fetch`; besides what `fetch` throws it rejects with {@link FetchOptionsError} if a certificate
 *   file or a proxy variable is not usable
 * @throws {FetchOptionsError} if a time limit is not one
 */
export function newFetch(options: FetchOptions = {}): typeof fetch {
  timeLimits(options);
  let made: Promise<typeof fetch> | undefined;
  const { bun } = process.versions;
  const make = bun === undefined ? undiciFetch : bunFetch;
  return async (input, init) => {
    made ??= make(options);
    const request = made;
    let send: typeof fetch;
    try {
      send = await request;
    } catch (error) {
      // A file that cannot be read now may be there the next time.
      if (made === request) {
        made = undefined;
      }
      throw error;
    }
    return input instanceof Request ? send(input.url, { ...partsOf(input), ...init }) : send(input, init);
  };
}

/** What a request is made of, for a `fetch` that does not know this runtime's `Request`. */
function partsOf(request: Request): RequestInit {
  const { method, headers, body, redirect, signal } = request;
  return { method, headers, redirect, signal, ...(body === null ? {} : { body, duplex: "half" }) };
}
