import { describe, expect, it, vi } from "vitest";
import { newRepository } from "../../../src/name/index.js";
import { list, newPuller, newPusher, writeLayer } from "../../../src/remote/index.js";
import { newLayer } from "../../../src/stream/index.js";
import { randomBytes } from "../../fixtures/bytes.js";
import { clientOf } from "../fixture/embedded-registry.js";
import { errors, redirectless } from "../fixture/fake-registry.js";
import { imageOf } from "../fixture/images.js";
import { KnownLayer } from "../fixture/layers.js";
import { rejection } from "../fixture/thrown.js";
import { REALM, TokenRegistry, type TokenServer } from "../fixture/token-registry.js";

const BASIC = `Basic ${btoa("me:secret")}`;

function shows(config: object): { authorization(): Promise<object> } {
  return { authorization: async () => config };
}

/** A registry that anyone may look for, and that then asks who it is. */
function openAtFirst(tokenServer?: TokenServer): TokenRegistry {
  const registry = new TokenRegistry(tokenServer);
  registry.guards = ({ url }) => new URL(url).pathname !== "/v2/";
  return registry;
}

describe("a registry that lets anyone look for it and asks for a token later", () => {
  it("gives one to a read, with the scope of that, and the request is made again", async () => {
    await using registry = openAtFirst();
    const failure = await rejection(newPuller(clientOf(registry)).get(registry.tag()));
    expect(failure).toMatchObject({ code: "ERR_VARVE_NOT_FOUND" });
    expect(registry.shown).toEqual([null, null, "Bearer token-1"]);
    expect(registry.asked.map(({ method, url }) => [method, url.searchParams.getAll("scope")])).toEqual([
      ["GET", ["repository:repo:pull"]],
    ]);
  });

  it("is met before the first byte of a stream, by the request that opens the upload", async () => {
    await using registry = openAtFirst();
    const layer = newLayer(randomBytes(100_000, 1), { compression: "none" });
    const { digest } = await writeLayer(registry.repository(), layer, clientOf(registry));
    expect(await layer.digest()).toEqual(digest);
    expect(registry.log.map((line) => line.split(" ")[0])).toEqual(["GET", "POST", "POST", "PATCH", "PUT"]);
    expect(registry.shown).toEqual([null, null, ...new Array(3).fill("Bearer token-1")]);
    expect(registry.asked[0]?.url.searchParams.getAll("scope")).toEqual(["repository:repo:push,pull"]);
  });

  it("has the credentials shown to its token server, and then no more to itself", async () => {
    await using registry = openAtFirst();
    const auth = shows({ username: "me", password: "secret" });
    await writeLayer(registry.repository(), new KnownLayer(), { ...clientOf(registry), auth });
    expect(registry.asked.map(({ authorization }) => authorization)).toEqual([BASIC]);
    expect(registry.shown).toEqual([null, BASIC, ...new Array(4).fill("Bearer token-1")]);
  });

  it("has an identity token shown to its token server", async () => {
    await using registry = openAtFirst();
    const auth = shows({ identityToken: "identity" });
    await writeLayer(registry.repository(), new KnownLayer(), { ...clientOf(registry), auth });
    expect(registry.asked.map(({ method, form }) => [method, form.get("refresh_token")])).toEqual([
      ["POST", "identity"],
    ]);
  });

  it("is shown a registry token as before, and none is asked for in its place", async () => {
    await using registry = openAtFirst();
    const auth = shows({ registryToken: "given" });
    const failure = await rejection(list(registry.repository(), { ...clientOf(registry), auth }));
    expect(failure).toMatchObject({ code: "ERR_VARVE_UNAUTHORIZED" });
    expect([registry.asked, registry.shown]).toEqual([[], [null, "Bearer given"]]);
  });

  it("gives one token to many requests that it refuses at a time", async () => {
    await using registry = openAtFirst();
    const puller = newPuller(clientOf(registry));
    await Promise.all([1, 2, 3, 4].map((n) => rejection(puller.head(registry.tag(`repo:${n}`)))));
    expect(registry.asked).toHaveLength(1);
  });

  it("gives a request that needs more than what is being asked for a token of its own", async () => {
    let give = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      give = resolve;
    });
    await using registry: TokenRegistry = openAtFirst(async ({ url }) => {
      await held;
      const given = registry.give();
      const { token } = (await given.clone().json()) as { token: string };
      if (!url.searchParams.getAll("scope").includes("repository:other:pull")) narrow.add(`Bearer ${token}`);
      return given;
    });
    const narrow = new Set<string>();
    const { guards } = registry;
    registry.guards = (request) => {
      const more = request.url.endsWith("/second");
      registry.challenge = `Bearer realm="${REALM}"${more ? ',scope="repository:other:pull"' : ""}`;
      return guards(request);
    };
    registry.reaches = (request) =>
      !(request.url.endsWith("/second") && narrow.has(request.headers.get("authorization") ?? ""));
    const puller = newPuller(clientOf(registry));
    const one = rejection(puller.head(registry.tag("repo:first")));
    await vi.waitFor(() => expect(registry.asked).toHaveLength(1));
    const other = rejection(puller.head(registry.tag("repo:second")));
    await vi.waitFor(() => expect(registry.count("HEAD", "second")).toBe(1));
    await new Promise((resolve) => setImmediate(resolve));
    give();
    expect(await one).toMatchObject({ code: "ERR_VARVE_NOT_FOUND" });
    expect(await other).toMatchObject({ code: "ERR_VARVE_NOT_FOUND" });
    expect(registry.asked).toHaveLength(2);
  });

  it("is not asked for ever when it refuses the token, too", async () => {
    await using registry = openAtFirst(() => Response.json({ token: "wrong" }));
    const failure = await rejection(list(registry.repository(), clientOf(registry)));
    expect(failure).toMatchObject({ code: "ERR_VARVE_UNAUTHORIZED" });
    expect(registry.log).toHaveLength(3);
  });

  it("has its refusal of what a later request needs reported, and is asked anew by the next", async () => {
    let refusals = 1;
    await using registry: TokenRegistry = openAtFirst(() =>
      refusals-- > 0 ? errors(403, { code: "DENIED", message: "not you" }) : registry.give(),
    );
    const puller = newPuller(clientOf(registry));
    const failure = await rejection(puller.head(registry.tag()));
    expect(failure).toMatchObject({ code: "ERR_VARVE_DENIED", url: expect.stringContaining("auth.example") });
    expect(await rejection(puller.head(registry.tag()))).toMatchObject({ code: "ERR_VARVE_NOT_FOUND" });
  });

  it.each(["https://127.0.0.1/token", "https://169.254.169.254/token", "http://auth.example/token"])(
    "may not have it asked for at %s",
    async (realm) => {
      await using registry = openAtFirst();
      registry.challenge = `Bearer realm="${realm}"`;
      const auth = shows({ username: "me", password: "secret" });
      const failure = await rejection(list(registry.repository(), { ...clientOf(registry), auth }));
      expect(failure).toMatchObject({ code: "ERR_VARVE_UNSAFE_LOCATION" });
      expect(registry.asked).toEqual([]);
    },
  );

  it("that asks with the body only has a known layer sent once more, with a token", async () => {
    await using registry = new TokenRegistry();
    registry.guards = ({ method }) => method === "PATCH";
    const layer = new KnownLayer();
    await writeLayer(registry.repository(), layer, clientOf(registry));
    expect([layer.opened, registry.asked.length, registry.count("PATCH")]).toEqual([2, 1, 2]);
    expect(registry.shown.at(-1)).toBe("Bearer token-1");
  });

  it("that asks with the bodies only has all of an image's blobs wait for the one token", async () => {
    await using registry: TokenRegistry = new TokenRegistry(async () => {
      for (let turn = 0; turn < 50; turn++) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      return registry.give();
    });
    registry.guards = ({ method }) => method === "PATCH";
    await newPusher(clientOf(registry)).push(registry.tag(), imageOf([new KnownLayer(), new KnownLayer()]));
    expect([registry.asked.length, registry.count("PATCH")]).toEqual([1, 6]);
  });

  it("that asks with the body only has its token server asked by the next try when that failed", async () => {
    let failures = 3;
    await using registry: TokenRegistry = new TokenRegistry(() =>
      failures-- > 0 ? errors(503, { code: "UNAVAILABLE" }) : registry.give(),
    );
    registry.guards = ({ method }) => method === "PATCH";
    await writeLayer(registry.repository(), new KnownLayer(), clientOf(registry));
    expect([registry.asked.length, registry.count("PATCH")]).toEqual([4, 2]);
  });

  it.each([
    [
      "whatever that asks for",
      () => new Response(null, { status: 401, headers: { "www-authenticate": 'Basic realm="x"' } }),
    ],
    [
      "though that redirects to where it asks",
      () => redirectless(307, "https://registry.example/v2/repo/asks"),
    ],
  ])("has nothing of it shown to a host that an upload goes to, %s", async (_, answerThere) => {
    await using registry = openAtFirst();
    const seen: (string | null)[] = [];
    const there: typeof fetch = async (input, init) => {
      if (new URL(String(input)).host === "uploads.example") {
        seen.push(new Headers(init?.headers).get("authorization"));
        return answerThere();
      }
      const answer = await registry.fetch(input, init);
      if (init?.method !== "POST" || answer.status !== 202) return answer;
      return redirectless(202, "https://uploads.example/1");
    };
    const auth = shows({ username: "me", password: "secret" });
    const options = { ...clientOf(registry), fetch: there, auth, upload: "chunked" } as const;
    const failure = await rejection(writeLayer(registry.repository(), new KnownLayer(), options));
    expect(failure).toMatchObject({ code: "ERR_VARVE_UNAUTHORIZED" });
    expect(new Set(seen)).toEqual(new Set([null]));
    expect(registry.asked).toHaveLength(1);
  });

  it("has a layer sent that can't be mounted because its token server refuses the source", async () => {
    await using registry: TokenRegistry = openAtFirst(({ url }) =>
      url.searchParams.getAll("scope").some((scope) => scope.includes(":secret:"))
        ? errors(403, { code: "DENIED", message: "not you" })
        : registry.give(),
    );
    registry.guards = ({ method }) => method === "POST" || method === "PUT";
    const mountable = Object.assign(new KnownLayer(), { reference: registry.tag("secret:1") });
    await newPusher(clientOf(registry)).push(registry.tag(), imageOf([mountable]));
    expect(registry.asked.map(({ url }) => url.searchParams.getAll("scope"))).toEqual([
      ["repository:repo:push,pull", "repository:secret:pull"],
      ["repository:repo:push,pull"],
    ]);
    expect(registry.count("PUT", "manifests")).toBe(1);
  });
});

describe("a registry that asks in another way than at first", () => {
  function asks(challenge: string): Response {
    return new Response(null, { status: 401, headers: { "www-authenticate": challenge } });
  }

  it.each([
    [
      "a password, where it had asked for a token,",
      'Bearer realm="https://auth.example/token"',
      "Basic",
      null,
    ],
    [
      "a token, where it had asked for a password,",
      "Basic",
      'Bearer realm="https://auth.example/token"',
      BASIC,
    ],
  ])("does not get at %s by that", async (_, first, then, expected) => {
    const shown: (string | null)[] = [];
    const there: typeof fetch = async (input, init) => {
      const { host, pathname } = new URL(String(input));
      if (host === "auth.example") return Response.json({ token: "token-1" });
      shown.push(new Headers(init?.headers).get("authorization"));
      return asks(pathname === "/v2/" ? first : then);
    };
    const auth = shows({ username: "me", password: "secret" });
    const failure = await rejection(list(newRepository("registry.example/repo"), { fetch: there, auth }));
    expect(failure).toMatchObject({ code: "ERR_VARVE_UNAUTHORIZED" });
    expect(shown).toEqual([null, expected ?? "Bearer token-1"]);
  });
});
