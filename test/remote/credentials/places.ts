import { answerElsewhere } from "./flows.js";
import { CDN, type Detour, FOREIGN, REGISTRY, TOKENS, UPLOADS, type World } from "./world.js";

/** Somewhere that a registry, or what stands behind it, leads a client to. */
export interface Place {
  readonly name: string;
  readonly detour: Detour;
  /** Whether every flow arrives all the same, for whoever may come in. */
  readonly arrives?: true;
  /** Hosts that may see what they would not see without the detour. */
  readonly allows?: Readonly<Record<string, readonly string[]>>;
}

export const OTHER_PORT = "https://registry.example:8443";
export const SUBDOMAIN = "https://blobs.registry.example";
const STRANGER = "https://stranger.example";
const TOKENS_ELSEWHERE = "https://tokens.example";

function redirect(status: number, location: string): Response {
  return new Response(null, { status, headers: { location } });
}

function isRead({ method }: Request): boolean {
  return method === "GET" || method === "HEAD";
}

/** Redirects reads of what matches, by whoever may read it, to a signed address elsewhere. */
function readsAt(path: RegExp, origin: string, status = 307): Detour {
  return async (request, world) => {
    const url = new URL(request.url);
    if (
      url.origin === REGISTRY &&
      isRead(request) &&
      path.test(url.pathname) &&
      (await world.admits(request))
    ) {
      const sign = url.search === "" ? "?" : "&";
      return redirect(
        status,
        `${origin}${url.pathname}${url.search}${sign}X-Signature=${world.redirectSignature}`,
      );
    }
    return url.origin === origin ? world.signed(await world.open.fetch(request)) : undefined;
  };
}

/** Has uploads go to signed addresses elsewhere. */
function uploadsAt(origin: string, asked = origin): Detour {
  return async (request, world) => {
    const url = new URL(request.url);
    if (
      url.origin === REGISTRY &&
      url.pathname.includes("/blobs/uploads/") &&
      (await world.admits(request))
    ) {
      const opened = world.signed(await world.open.fetch(request));
      const location = opened.headers.get("location");
      const headers = new Headers(opened.headers);
      if (location !== null) headers.set("location", `${origin}${location}`);
      return new Response(opened.body, { status: opened.status, headers });
    }
    return url.origin === asked ? world.signed(await world.open.fetch(request)) : undefined;
  };
}

/** Replaces the realm of each challenge. */
function realmAt(realm: (world: World) => string): Detour {
  return async (request, world) => {
    if (new URL(request.url).origin !== REGISTRY) return undefined;
    const answer = await world.answer(request);
    const challenge = answer.headers.get("www-authenticate");
    if (challenge === null) return answer;
    const headers = new Headers(answer.headers);
    headers.set("www-authenticate", challenge.replace(/realm="[^"]*"/, `realm="${realm(world)}"`));
    return new Response(answer.body, { status: answer.status, headers });
  };
}

/** Asks for a token, which it gives to anybody, and then gives what the registry has. */
function challenging(origin: string, world: World, request: Request, token: string): Response | undefined {
  const { pathname } = new URL(request.url);
  if (pathname === "/token") {
    world.secrets.add(`token of ${origin}`, token);
    return Response.json({ token, refresh_token: `${token}-refresh` });
  }
  if (request.headers.get("authorization") === `Bearer ${token}`) return undefined;
  const challenge = `Bearer realm="${origin}/token",service="anyone",scope="repository:app:pull"`;
  return new Response(null, { status: 401, headers: { "www-authenticate": challenge } });
}

const straight: Detour = () => undefined;

export const places: readonly Place[] = [
  { name: "nowhere else", detour: straight, arrives: true },
  {
    // It then sees the credentials though it has not asked for them: others let nobody but readers in without.
    name: "an open door, behind which it is asked who they are",
    detour: ({ url }) => (url === `${REGISTRY}/v2/` ? Response.json({}) : undefined),
    arrives: true,
    allows: { password: [REGISTRY] },
  },
  {
    name: "blobs in a store of another host",
    detour: readsAt(/\/blobs\/sha256:/, CDN),
    arrives: true,
  },
  {
    name: "manifests at another host",
    detour: readsAt(/\/manifests\//, CDN, 302),
    arrives: true,
  },
  {
    name: "lists at another host",
    detour: readsAt(/\/(?:tags\/list|_catalog|referrers\/.*)$/, CDN, 303),
    arrives: true,
  },
  {
    name: "blobs on another port of the host",
    detour: readsAt(/\/blobs\/sha256:/, OTHER_PORT, 308),
    arrives: true,
    allows: { "redirect signature": [OTHER_PORT] },
  },
  {
    name: "blobs below the host's name",
    detour: readsAt(/\/blobs\/sha256:/, SUBDOMAIN, 301),
    arrives: true,
    allows: { "redirect signature": [SUBDOMAIN] },
  },
  {
    name: "blobs at another host over http",
    detour: readsAt(/\/blobs\/sha256:/, "http://cdn.example"),
  },
  {
    name: "a store that leads back to the registry",
    detour: async (request, world) => {
      const url = new URL(request.url);
      if (url.origin === CDN && url.pathname.includes("/blobs/sha256:")) {
        return redirect(307, `${REGISTRY}${url.pathname}?back=${world.redirectSignature}`);
      }
      return url.searchParams.has("back") ? undefined : readsAt(/\/blobs\/sha256:/, CDN)(request, world);
    },
    allows: { "redirect signature": [REGISTRY] },
  },
  {
    name: "a store that leads back to the registry, which then asks for nothing",
    detour: async (request, world) => {
      const url = new URL(request.url);
      if (url.origin === CDN && url.pathname.includes("/blobs/sha256:")) {
        return redirect(307, `${REGISTRY}${url.pathname}?back=${world.redirectSignature}`);
      }
      return url.searchParams.has("back")
        ? world.open.fetch(request)
        : readsAt(/\/blobs\/sha256:/, CDN)(request, world);
    },
    arrives: true,
    allows: { "redirect signature": [REGISTRY] },
  },
  {
    name: "a store that asks for a token of its own",
    detour: (request, world) => {
      const strange =
        new URL(request.url).origin === CDN && challenging(CDN, world, request, "cdn-token-Zq7");
      return strange || readsAt(/\/(?:blobs\/sha256:|manifests\/)/, CDN)(request, world);
    },
    allows: { [`token of ${CDN}`]: [CDN] },
  },
  {
    name: "a store that asks for a user name and password",
    detour: (request, world) =>
      new URL(request.url).origin === CDN
        ? new Response(null, {
            status: 401,
            headers: { "www-authenticate": 'Basic realm="registry.example"' },
          })
        : readsAt(/\/(?:blobs\/sha256:|manifests\/)/, CDN)(request, world),
  },
  {
    name: "a store whose token server is that of the registry",
    detour: (request, world) =>
      new URL(request.url).origin === CDN
        ? new Response(null, {
            status: 401,
            headers: { "www-authenticate": `Bearer realm="${TOKENS}/token",service="registry.example"` },
          })
        : readsAt(/\/(?:blobs\/sha256:|manifests\/)/, CDN)(request, world),
  },
  { name: "uploads at another host", detour: uploadsAt(UPLOADS), arrives: true },
  {
    name: "uploads on another port of the host",
    detour: uploadsAt(OTHER_PORT),
    arrives: true,
    allows: { "upload signature": [OTHER_PORT] },
  },
  {
    name: "uploads below the host's name",
    detour: uploadsAt(SUBDOMAIN),
    arrives: true,
    allows: { "upload signature": [SUBDOMAIN] },
  },
  { name: "uploads at another host over http", detour: uploadsAt("http://uploads.example") },
  { name: "uploads within the client's network", detour: uploadsAt("https://169.254.169.254") },
  {
    name: "uploads at an address with a user name and password",
    detour: uploadsAt("https://someone:else@uploads.example"),
  },
  {
    name: "uploads redirected to another host",
    detour: async (request, world) => {
      const url = new URL(request.url);
      const moved = url.origin === REGISTRY && url.pathname.includes("/blobs/uploads/");
      if (!moved) return url.origin === UPLOADS ? world.signed(await world.open.fetch(request)) : undefined;
      return (await world.admits(request))
        ? redirect(307, `${UPLOADS}${url.pathname}${url.search}`)
        : undefined;
    },
  },
  {
    name: "a token server that redirects to another host",
    detour: (request) => {
      const { origin, search } = new URL(request.url);
      if (origin === TOKENS) return redirect(307, `${TOKENS_ELSEWHERE}/token${search}`);
      return origin === TOKENS_ELSEWHERE ? Response.json({ token: "of no use" }) : undefined;
    },
  },
  {
    name: "a token server that redirects within its host",
    detour: (request) => {
      const { origin, pathname, search } = new URL(request.url);
      return origin === TOKENS && !pathname.startsWith("/v2")
        ? redirect(308, `${TOKENS}/v2/token${search}`)
        : undefined;
    },
  },
  {
    name: "a token server that redirects to http",
    detour: (request) => {
      const { origin, search } = new URL(request.url);
      return origin === TOKENS ? redirect(307, `http://tokens.example/token${search}`) : undefined;
    },
  },
  {
    name: "a registry whose root is at another host, which asks for a token",
    detour: async (request, world) => {
      const { origin, pathname } = new URL(request.url);
      if (origin === REGISTRY && pathname === "/v2/") return redirect(302, `${STRANGER}/v2/`);
      if (origin !== STRANGER) return undefined;
      return challenging(STRANGER, world, request, "stranger-token-Zq7") ?? new Response("{}");
    },
    // Anybody gets that token, and it is for the registry.
    allows: { [`token of ${STRANGER}`]: [STRANGER, REGISTRY] },
  },
  {
    name: "a registry whose root is at another host, which asks for a password",
    detour: (request) => {
      const { origin, pathname } = new URL(request.url);
      if (origin === REGISTRY && pathname === "/v2/") return redirect(302, `${STRANGER}/v2/`);
      return origin === STRANGER
        ? new Response(null, {
            status: 401,
            headers: { "www-authenticate": 'Basic realm="registry.example"' },
          })
        : undefined;
    },
    // It is the registry itself that a password is shown to then.
    allows: { user: [REGISTRY], password: [REGISTRY] },
  },
  { name: "tokens over http", detour: realmAt(() => "http://auth.example/token") },
  { name: "tokens within the client's network", detour: realmAt(() => "https://10.1.2.3/token") },
  {
    name: "tokens at an address with a user name and password",
    detour: realmAt(() => "https://someone:else@auth.example/token"),
  },
  { name: "tokens at no address", detour: realmAt(() => "not an address") },
  {
    name: "pages at another host",
    detour: async (request, world) => {
      const answer = await world.answer(request);
      const headers = new Headers(answer.headers);
      const { pathname, search } = new URL(request.url);
      if (/\/(?:tags\/list|_catalog|referrers\/.*)$/.test(pathname)) {
        headers.set("link", `<${FOREIGN}${pathname}${search}>; rel="next"`);
      }
      return new Response(answer.body, { status: answer.status, headers });
    },
  },
];

/** What a place does, and gives the layer that is elsewhere in any case. */
export function detourTo(place: Place): Detour {
  return (request, world) => answerElsewhere(request) ?? place.detour(request, world);
}
