import { echoOf } from "./echo.js";
import type { Fault } from "./fault.js";
import { CDN, type Detour, REGISTRY, TOKENS, UPLOADS } from "./world.js";

/** Failures of runtimes, and of what is used in their place, that tell what was asked. */
const thrown: readonly (readonly [string, (request: Request, echo: Record<string, unknown>) => unknown])[] = [
  [
    "as Deno",
    ({ url }) =>
      new TypeError("fetch failed", { cause: new Error(`error sending request for url (${url})`) }),
  ],
  [
    "as Bun",
    ({ url }) => Object.assign(new TypeError("Unable to connect"), { code: "ECONNRESET", path: url }),
  ],
  [
    "with the request's headers in its words",
    (_, echo) => new TypeError(`fetch failed: ${JSON.stringify(echo)}`),
  ],
  [
    "with its settings",
    (_, echo) => Object.assign(new Error("failed"), { code: "ECONNRESET", config: { ...echo } }),
  ],
  ["with the request", (request) => Object.assign(new Error("failed"), { code: "EPIPE", request })],
  [
    "of several kinds",
    (_, echo) =>
      new TypeError("fetch failed", {
        cause: new AggregateError([new Error(JSON.stringify(echo))], "all"),
      }),
  ],
  ["that is a text", (_, echo) => JSON.stringify(echo)],
  ["of the DOM's", (_, echo) => new DOMException(JSON.stringify(echo), "NetworkError")],
  [
    "in a circle",
    (_, echo) => {
      const error: Error & { self?: unknown } = new Error(String(echo.decoded), { cause: echo });
      error.self = error;
      return error;
    },
  ],
];

function failing(fail: (typeof thrown)[number][1], origins: readonly string[]): Detour {
  return async (request) => {
    if (!origins.includes(new URL(request.url).origin) || request.url.endsWith("/v2/")) return undefined;
    throw fail(request, await echoOf(request));
  };
}

/** Requests that come to nothing. */
export const failures: readonly Fault[] = [
  ...thrown.flatMap(([name, fail]) => [
    { name: `a failure ${name}, at the registry`, detour: failing(fail, [REGISTRY]) },
    { name: `a failure ${name}, at the token server`, detour: failing(fail, [TOKENS]) },
    {
      name: `a failure ${name}, at the stores`,

      place: "blobs in a store of another host",
      detour: failing(fail, [CDN]),
    },
    {
      name: `a failure ${name}, of an upload`,

      place: "uploads at another host",
      detour: failing(fail, [UPLOADS]),
    },
  ]),
];
