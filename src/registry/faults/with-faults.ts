import type { Handler } from "../handler.js";
import type { Behind, Fault, Strike } from "./fault.js";

/** A handler with faults. It rejects with a {@link ConnectionLossError} where the network would break. */
export interface FaultyHandler {
  (request: Request): Promise<Response>;
  /** What was struck so far, in the order of the requests. */
  readonly strikes: readonly Strike[];
}

/**
 * Puts faults before a handler, such as a registry's `fetch`, for tests of what talks to it. Every fault counts the requests that
 * match it as they come in, whatever other faults do to them; of several that strike one request, the first is the outermost. The
 * result is a handler again, so that faults can be put before faults.
 *
 *     const { fetch } = newRegistry();
 *     const handler = withFaults(fetch, [
 *       { method: "PATCH", nth: 2, effect: faults.dropConnection({ afterBytes: 1000 }) },
 *       { method: "PUT", effect: faults.status(503, { headers: { "Retry-After": "0" } }) },
 *     ]);
 */
export function withFaults(handler: Handler, faults: readonly Fault[]): FaultyHandler {
  const counted = faults.map((fault) => ({ fault, seen: 0 }));
  const strikes: Strike[] = [];
  const expired = new Set<string>();
  const registry = async (request: Request): Promise<Response> =>
    handler(expired.has(request.headers.get("Authorization") ?? "") ? withoutCredentials(request) : request);
  const behind: Behind = { registry, expire: (authorization) => void expired.add(authorization) };

  const answer = async (request: Request): Promise<Response> => {
    const { pathname, search } = new URL(request.url);
    const path = pathname + search;
    const striking: Fault[] = [];
    for (const entry of counted) {
      if (!matches(entry.fault, request, path)) continue;
      entry.seen += 1;
      const { nth = 1, times = 1 } = entry.fault;
      if (entry.seen >= nth && entry.seen < nth + times) striking.push(entry.fault);
    }
    for (const fault of striking) strikes.push({ fault, method: request.method, path });
    const chain = striking.reduceRight<(request: Request) => Promise<Response>>(
      (next, { effect }) =>
        async (struck) =>
          effect(struck, next, behind),
      registry,
    );
    return chain(request);
  };
  return Object.assign(answer, { strikes });
}

function matches({ method, path: pattern, when }: Fault, request: Request, path: string): boolean {
  const methods = typeof method === "string" ? [method] : method;
  return (
    (methods?.includes(request.method) ?? true) &&
    // Unlike test(), search() does not go on from where a global pattern stood.
    (pattern === undefined || path.search(pattern) >= 0) &&
    (when?.(request) ?? true)
  );
}

function withoutCredentials(request: Request): Request {
  const headers = new Headers(request.headers);
  headers.delete("Authorization");
  return new Request(request, { headers });
}
