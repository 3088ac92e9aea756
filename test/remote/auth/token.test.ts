import { afterEach, describe, expect, it, vi } from "vitest";
import { newRepository } from "../../../src/name/index.js";
import {
  catalog,
  deleteManifest,
  get,
  head,
  list,
  newPuller,
  newPusher,
  writeLayer,
} from "../../../src/remote/index.js";
import { newLayer } from "../../../src/stream/index.js";
import { clientOf } from "../fixture/embedded-registry.js";
import { errors } from "../fixture/fake-registry.js";
import { imageOf } from "../fixture/images.js";
import { KnownLayer, randomBytes, source } from "../fixture/layers.js";
import { rejection } from "../fixture/thrown.js";
import { TokenRegistry } from "../fixture/token-registry.js";

/** Shows what it is given. */
function shows(config: object): { authorization(): Promise<object> } {
  return { authorization: async () => config };
}

function small(): ReturnType<typeof newLayer> {
  return newLayer(new TextEncoder().encode("a small layer"));
}

const BASIC = `Basic ${btoa("me:secret")}`;

afterEach(() => {
  vi.useRealTimers();
});

describe("a registry that wants a token", () => {
  it("acceptance 54: has one fetched with its service and the scopes, and the realm's own query kept", async () => {
    await using registry = new TokenRegistry();
    await writeLayer(registry.repository(), small(), clientOf(registry));
    expect(registry.asked.map(({ method, url, authorization }) => [method, url.href, authorization])).toEqual(
      [
        [
          "GET",
          "https://auth.example/token?tenant=a&scope=repository%3Arepo%3Apush%2Cpull&service=registry.example",
          null,
        ],
      ],
    );
    expect(registry.shown).toEqual([null, ...new Array(3).fill("Bearer token-1")]);
  });

  it("acceptance 54: takes an access_token, and prefers it", async () => {
    await using registry: TokenRegistry = new TokenRegistry(() =>
      registry.give({ access_token: "token-1", token: "x" }),
    );
    await writeLayer(registry.repository(), small(), clientOf(registry));
    expect(registry.shown.at(-1)).toBe("Bearer token-1");
  });

  it.each([
    ["{}", "no token in the token server's answer, which is JSON with the keys ()"],
    ['{"refresh_token": "SECRET", "b": 1}', "JSON with the keys (refresh_token, b)"],
    ["SECRET", "no token in the token server's answer, which is not JSON, 6 bytes"],
    ['{"token": 7}', "no token in the token server's answer"],
    ['{"token": "a\\nb"}', "has characters that no header can hold"],
    [`{"token": "${"x".repeat(70_000)}"}`, "exceeds 65536 bytes"],
  ])("acceptance 54: is not let in by %s", async (body, words) => {
    await using registry = new TokenRegistry(() => new Response(body));
    const error = await rejection(list(registry.repository(), clientOf(registry)));
    expect(error).toMatchObject({ code: "ERR_VARVE_PROTOCOL" });
    expect(error.message).toContain(words);
    expect(error.message).not.toContain("tenant=a");
    expect(error.message).not.toContain("SECRET");
  });

  it("is shown the user name and password as Basic, and by its token server only", async () => {
    await using registry = new TokenRegistry();
    const auth = shows({ username: "me", password: "secret" });
    await writeLayer(registry.repository(), small(), { ...clientOf(registry), auth });
    expect(registry.asked[0]?.authorization).toBe(BASIC);
    expect(registry.shown).not.toContain(BASIC);
  });

  it("acceptance 54: refreshes once when the token is refused amid a session, and repeats the request", async () => {
    await using registry = new TokenRegistry();
    const pusher = newPusher(clientOf(registry));
    await pusher.upload(registry.repository(), small());
    registry.revoke();
    registry.challenge = `${registry.challenge},scope="repository:repo:pull,push repository:other:pull"`;
    await pusher.upload(registry.repository(), newLayer(randomBytes(100)));
    expect(registry.asked[1]?.url.searchParams.getAll("scope")).toEqual([
      "repository:repo:pull,push",
      "repository:other:pull",
      "repository:repo:push,pull",
    ]);
    expect(registry.log.slice(4)).toEqual([
      "POST repo/blobs/uploads/",
      "POST repo/blobs/uploads/",
      "PATCH repo/blobs/uploads/...",
      "PUT repo/blobs/uploads/...",
    ]);
  });

  it("acceptance 54: is not asked for ever when it refuses the new token, too", async () => {
    await using registry: TokenRegistry = new TokenRegistry(() => Response.json({ token: "wrong" }));
    const auth = shows({ username: "me", password: "secret" });
    const error = await rejection(head(registry.tag(), { ...clientOf(registry), auth }));
    expect(error).toMatchObject({ code: "ERR_VARVE_UNAUTHORIZED" });
    expect(error.message).toContain("does not accept these credentials");
    expect(registry.asked).toHaveLength(2);
    const nobody = await rejection(head(registry.tag(), clientOf(registry)));
    expect(nobody.message).toContain("wants credentials, and none were given");
  });

  it("has many requests that are refused at a time wait for one new token", async () => {
    await using registry = new TokenRegistry();
    const puller = newPuller(clientOf(registry));
    await rejection(puller.head(registry.tag("repo:1")));
    registry.revoke();
    await Promise.all([1, 2, 3, 4].map((n) => rejection(puller.head(registry.tag(`repo:${n}`)))));
    expect(registry.asked).toHaveLength(2);
  });

  it("is told the scopes: the one to push first, and to delete only where that is done", async () => {
    await using registry = new TokenRegistry();
    const scopes = async (work: Promise<unknown>): Promise<string | undefined> => {
      await work.catch(() => undefined);
      return registry.asked.at(-1)?.url.searchParams.getAll("scope").join(" ");
    };
    const options = clientOf(registry);
    expect(await scopes(get(registry.tag(), options))).toBe("repository:repo:pull");
    expect(await scopes(deleteManifest(registry.tag(), options))).toBe("repository:repo:push,pull,delete");
    expect(await scopes(catalog(registry.repository().registry, options))).toBe("registry:catalog:*");
  });

  it("acceptance 55: is shown an identity token by POST, and the refresh token that comes back from then on", async () => {
    await using registry: TokenRegistry = new TokenRegistry(({ form }) =>
      registry.give({ refresh_token: `after ${form.get("refresh_token")}` }),
    );
    const pusher = newPusher({ ...clientOf(registry), auth: shows({ identityToken: "identity" }) });
    await pusher.upload(registry.repository(), small());
    registry.revoke();
    await pusher.upload(registry.repository(), newLayer(randomBytes(10)));
    expect(
      registry.asked.map(({ method, url, form }) => [method, url.href, Object.fromEntries(form)]),
    ).toEqual(
      ["identity", "after identity"].map((refresh_token) => [
        "POST",
        "https://auth.example/token?tenant=a",
        {
          grant_type: "refresh_token",
          refresh_token,
          client_id: "varve",
          service: "registry.example",
          scope: "repository:repo:push,pull",
        },
      ]),
    );
  });

  it("acceptance 55: is asked by GET where its token server doesn't know the POST", async () => {
    await using registry: TokenRegistry = new TokenRegistry(({ method }) =>
      method === "POST" ? new Response(null, { status: 404 }) : registry.give(),
    );
    const auth = shows({ identityToken: "identity", username: "me", password: "secret" });
    await writeLayer(registry.repository(), small(), { ...clientOf(registry), auth });
    expect(registry.asked.map(({ method, authorization }) => [method, authorization])).toEqual([
      ["POST", null],
      ["GET", BASIC],
    ]);
  });

  it("is shown a registry token as it is", async () => {
    await using registry = new TokenRegistry();
    registry.valid.add("given");
    await writeLayer(registry.repository(), small(), {
      ...clientOf(registry),
      auth: shows({ registryToken: "given" }),
    });
    expect(registry.asked).toEqual([]);
    expect(registry.shown.slice(1)).toEqual(new Array(3).fill("Bearer given"));
  });

  it.each([
    [29, true],
    [31, false],
  ])(
    "with %i seconds left of a token, renews it before a body that can be sent once: %s",
    async (left, renewed) => {
      vi.useFakeTimers({ toFake: ["Date"] });
      await using registry: TokenRegistry = new TokenRegistry(() => registry.give({ expires_in: 300 }));
      const pusher = newPusher(clientOf(registry));
      await pusher.upload(registry.repository(), small());
      expect(registry.asked).toHaveLength(1);
      vi.setSystemTime(Date.now() + (300 - left) * 1000);
      await pusher.upload(registry.repository(), newLayer(randomBytes(10)));
      expect(registry.asked).toHaveLength(renewed ? 2 : 1);
      expect(registry.shown.at(-2)).toBe(renewed ? "Bearer token-2" : "Bearer token-1");
    },
  );

  it("takes a token without a lifetime to live for a minute", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    await using registry = new TokenRegistry();
    const pusher = newPusher(clientOf(registry));
    await pusher.upload(registry.repository(), small());
    vi.setSystemTime(Date.now() + 31_000);
    await pusher.upload(registry.repository(), newLayer(randomBytes(10)));
    expect(registry.asked).toHaveLength(2);
  });

  it("has the token renewed for a chunk that it refuses, and for a stream of which nothing was taken, and for no other", async () => {
    await using registry = new TokenRegistry();
    const gate = registry.fetch;
    let patches = 0;
    let taste = false;
    const revoking: typeof fetch = async (input, init) => {
      if (init?.method === "PATCH" && ++patches === 2) {
        registry.revoke();
        if (taste) await (init.body as ReadableStream).getReader().read();
        if (taste) return new Response(null, { status: 401, headers: { "www-authenticate": "Bearer" } });
      }
      return gate(input, init);
    };
    const options = { ...clientOf(registry), fetch: revoking };
    const bytes = randomBytes(250_000);
    await writeLayer(registry.repository(), newLayer(bytes, { compression: "none" }), {
      ...options,
      upload: "chunked",
      chunkSize: 100_000,
    });
    patches = 1;
    await writeLayer(registry.repository(), newLayer(source(300_000)), options);
    expect(patches).toBe(3);
    patches = 1;
    taste = true;
    const error = await rejection(writeLayer(registry.repository(), newLayer(source(300_000)), options));
    expect(error).toMatchObject({ code: "ERR_VARVE_UNAUTHORIZED", method: "PATCH" });
  });

  it("acceptance 42: has a layer sent that cannot be mounted because its token server refuses the source", async () => {
    await using registry: TokenRegistry = new TokenRegistry(({ url }) =>
      url.searchParams.getAll("scope").some((scope) => scope.includes(":secret:"))
        ? errors(403, { code: "DENIED", message: "not you" })
        : registry.give(),
    );
    const mountable = Object.assign(new KnownLayer(), { reference: registry.tag("secret:1") });
    const pusher = newPusher(clientOf(registry));
    await pusher.upload(registry.repository(), mountable);
    expect(registry.made.some(({ url }) => url.searchParams.has("mount"))).toBe(false);
    registry.revoke();
    await pusher.upload(registry.repository(), new KnownLayer());
    expect(registry.asked.map(({ url }) => url.searchParams.getAll("scope"))).toEqual([
      ["repository:repo:push,pull"],
      ["repository:repo:push,pull", "repository:secret:pull"],
      ["repository:repo:push,pull"],
    ]);
    await pusher.push(registry.tag("repo:image"), imageOf([mountable, new KnownLayer()]));
    expect(registry.count("PUT", "manifests")).toBe(1);
  });

  it("is not spoiled by a scope that a refusal names and its token server does not give", async () => {
    await using registry: TokenRegistry = new TokenRegistry(({ url }) =>
      url.searchParams.getAll("scope").some((scope) => scope.includes(":secret:"))
        ? errors(403, { code: "DENIED", message: "not you" })
        : registry.give(),
    );
    const puller = newPuller(clientOf(registry));
    expect(await rejection(puller.head(registry.tag()))).toMatchObject({ code: "ERR_VARVE_NOT_FOUND" });
    const { challenge } = registry;
    registry.revoke();
    registry.challenge = `${challenge},scope="repository:secret:pull"`;
    expect(await rejection(puller.head(registry.tag()))).toMatchObject({ code: "ERR_VARVE_DENIED" });
    registry.challenge = challenge;
    expect(await rejection(puller.head(registry.tag()))).toMatchObject({ code: "ERR_VARVE_NOT_FOUND" });
  });

  it("reports what its token server refuses with", async () => {
    await using registry = new TokenRegistry(() => errors(403, { code: "DENIED", message: "not you" }));
    const error = await rejection(writeLayer(registry.repository(), small(), clientOf(registry)));
    expect(error).toMatchObject({ code: "ERR_VARVE_DENIED", url: expect.stringContaining("auth.example") });
    expect(error.message).toContain("DENIED: not you");
  });

  it("has its token server asked again when the answer breaks off, and tells of that", async () => {
    let asked = 0;
    let broken = 1;
    await using registry: TokenRegistry = new TokenRegistry(() => {
      if (++asked > broken) return registry.give();
      const pull = (): void => {
        throw new TypeError("terminated");
      };
      return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }));
    });
    await writeLayer(registry.repository(), small(), clientOf(registry));
    expect(asked).toBe(2);
    broken = Number.POSITIVE_INFINITY;
    const failure = await rejection(writeLayer(registry.repository(), small(), clientOf(registry)));
    expect(failure).toMatchObject({ code: "ERR_VARVE_NETWORK", broken: true, host: "auth.example" });
    expect(asked).toBe(5);
  });

  it("has its refusal let go when its token server refuses, too", async () => {
    let ended = 0;
    await using registry: TokenRegistry = new TokenRegistry(() =>
      registry.asked.length === 1 ? registry.give() : errors(403, { code: "DENIED", message: "not you" }),
    );
    const gate = registry.fetch;
    const watched: typeof fetch = async (input, init) => {
      if (init?.method === "POST") registry.revoke();
      const answer = await gate(input, init);
      const pull = (controller: ReadableStreamDefaultController): void => {
        ended += 1;
        controller.close();
      };
      const body = new ReadableStream({ pull }, { highWaterMark: 0 });
      return answer.status === 401 && init?.method === "POST"
        ? new Response(body, { status: 401, headers: answer.headers })
        : answer;
    };
    const options = { ...clientOf(registry), fetch: watched };
    const failure = await rejection(writeLayer(registry.repository(), small(), options));
    expect(failure).toMatchObject({ code: "ERR_VARVE_DENIED", url: expect.stringContaining("auth.example") });
    expect(ended).toBe(1);
  });

  it("has a known layer, of which it refused the token with the body, sent once more", async () => {
    await using registry = new TokenRegistry();
    const gate = registry.fetch;
    let refusals = 1;
    const revoking: typeof fetch = (input, init) => {
      if (init?.method === "PATCH" && refusals-- > 0) registry.revoke();
      return gate(input, init);
    };
    const options = { ...clientOf(registry), fetch: revoking };
    const layer = new KnownLayer();
    await writeLayer(registry.repository(), layer, options);
    expect(layer.opened).toBe(2);
    refusals = Number.POSITIVE_INFINITY;
    const other = new KnownLayer();
    const failure = await rejection(writeLayer(registry.repository(), other, options));
    expect(failure).toMatchObject({ code: "ERR_VARVE_UNAUTHORIZED", method: "PATCH" });
    expect(other.opened).toBe(2);
  });

  it("has its token server asked again after what passes", async () => {
    let asked = 0;
    await using registry: TokenRegistry = new TokenRegistry(() =>
      ++asked < 3 ? new Response(null, { status: 503 }) : registry.give(),
    );
    await writeLayer(registry.repository(), small(), clientOf(registry));
    expect(asked).toBe(3);
  });
});

describe("where a token is asked for", () => {
  it.each([
    ['Bearer realm="https://127.0.0.1/token"', "ERR_VARVE_UNSAFE_LOCATION"],
    ['Bearer realm="https://10.1.2.3/token"', "ERR_VARVE_UNSAFE_LOCATION"],
    ['Bearer realm="https://[::1]/token"', "ERR_VARVE_UNSAFE_LOCATION"],
    ['Bearer realm="https://169.254.169.254/token"', "ERR_VARVE_UNSAFE_LOCATION"],
    ['Bearer realm="http://auth.example/token"', "ERR_VARVE_UNSAFE_LOCATION"],
    ['Bearer realm="https://a:b@auth.example/token"', "ERR_VARVE_UNSAFE_LOCATION"],
    ['Bearer realm="file:///etc/passwd"', "ERR_VARVE_UNSAFE_LOCATION"],
    ['Bearer realm="/token"', "ERR_VARVE_PROTOCOL"],
    ['Bearer service="x"', "ERR_VARVE_PROTOCOL"],
  ])("acceptance 57: is not %s", async (challenge, code) => {
    await using registry = new TokenRegistry();
    registry.challenge = challenge;
    const auth = shows({ username: "me", password: "secret" });
    expect(await rejection(list(registry.repository(), { ...clientOf(registry), auth }))).toMatchObject({
      code,
    });
    expect(registry.asked).toEqual([]);
    expect(registry.made).toHaveLength(1);
  });

  it("acceptance 57: may be the registry's own host and port, wherever that is, and http if that speaks it", async () => {
    const asked: string[] = [];
    const fetchThere: typeof fetch = async (input, init) => {
      const url = new URL(String(input));
      asked.push(url.href);
      if (url.protocol === "https:") throw new TypeError("fetch failed");
      if (url.pathname === "/token") return Response.json({ token: "t" });
      return new Headers(init?.headers).has("authorization")
        ? Response.json({ tags: ["a"] })
        : new Response(null, {
            status: 401,
            headers: { "www-authenticate": 'Bearer realm="http://127.0.0.1:5000/token"' },
          });
    };
    expect(await list(newRepository("127.0.0.1:5000/repo"), { fetch: fetchThere })).toEqual(["a"]);
    expect(asked).toContain("http://127.0.0.1:5000/token?scope=repository%3Arepo%3Apull&service=");
  });

  it("acceptance 57: is looked at anew after a redirect", async () => {
    await using registry = new TokenRegistry(() => Response.redirect("https://192.168.1.1/token", 307));
    const auth = shows({ username: "me", password: "secret" });
    expect(await rejection(list(registry.repository(), { ...clientOf(registry), auth }))).toMatchObject({
      code: "ERR_VARVE_UNSAFE_LOCATION",
    });
    expect(registry.asked).toHaveLength(1);
  });
});

describe("a registry that wants a user name and a password", () => {
  async function shown(config: object, challenge?: string): Promise<string | null | undefined> {
    const authorizations: (string | null)[] = [];
    const fetchThere: typeof fetch = async (input, init) => {
      const { pathname } = new URL(String(input));
      authorizations.push(new Headers(init?.headers).get("authorization"));
      return pathname === "/v2/" && challenge !== undefined
        ? new Response(null, { status: 401, headers: { "www-authenticate": challenge } })
        : Response.json({ tags: [] });
    };
    await list(newRepository("registry.example/repo"), { fetch: fetchThere, auth: shows(config) });
    return authorizations[1];
  }

  it("is shown them, or what stands for them", async () => {
    const basic = 'Basic realm="registry"';
    expect(await shown({ username: "me", password: "secret" }, basic)).toBe(BASIC);
    expect(await shown({ username: "mé", password: "☃" }, basic)).toBe(
      `Basic ${Buffer.from("mé:☃").toString("base64")}`,
    );
    expect(await shown({ auth: "YWJj" }, basic)).toBe("Basic YWJj");
    expect(await shown({ registryToken: "t", username: "me", password: "secret" }, basic)).toBe("Bearer t");
    expect(await shown({}, basic)).toBeNull();
  });

  it("is shown them though it did not ask", async () => {
    expect(await shown({ username: "me", password: "secret" })).toBe(BASIC);
  });
});

describe("credentials", () => {
  it("are looked up for the repository", async () => {
    await using registry = new TokenRegistry();
    const asked: string[] = [];
    const keychain = {
      resolve: async (resource: { toString(): string; registryStr(): string }) => {
        asked.push(`${resource} ${resource.registryStr()}`);
        return shows({ username: "me", password: "secret" });
      },
    };
    await writeLayer(registry.repository("a/b"), new KnownLayer(), { ...clientOf(registry), keychain });
    expect(asked).toEqual(["registry.example/a/b registry.example"]);
    expect(registry.asked[0]?.authorization).toBe(BASIC);
  });

  it.each([
    ["auth that is not base64", { auth: "SECRET*" }],
    ["a registry token with a line break", { registryToken: "SECRET\nX" }],
  ])("are not quoted by the error for %s", async (_, config) => {
    await using registry = new TokenRegistry();
    const error = await rejection(
      list(registry.repository(), { ...clientOf(registry), auth: shows(config) }),
    );
    expect(error).toMatchObject({ code: "ERR_VARVE_AUTH_CONFIG" });
    expect(error.message).toContain("the credentials for registry.example");
    expect(`${error.stack} ${error.cause}`).not.toContain("SECRET");
  });

  it("may have a line break in their base64", async () => {
    await using registry = new TokenRegistry();
    const auth = shows({ auth: "bWU6\nc2VjcmV0\n" });
    await writeLayer(registry.repository(), small(), { ...clientOf(registry), auth });
    expect(registry.asked[0]?.authorization).toBe(BASIC);
  });

  it("are not both given and looked up", async () => {
    const keychain = { resolve: async () => shows({}) };
    expect(
      await rejection(list(new TokenRegistry().repository(), { auth: shows({}), keychain })),
    ).toMatchObject({
      code: "ERR_VARVE_REMOTE_OPTION",
    });
  });

  it("acceptance 56: are not shown to a host that a redirect leads to", async () => {
    const seen: [string, string | null][] = [];
    const fetchThere: typeof fetch = async (input, init) => {
      const url = new URL(String(input));
      seen.push([url.host, new Headers(init?.headers).get("authorization")]);
      if (url.pathname === "/v2/") return new Response();
      if (url.host === "registry.example") return Response.redirect("https://mirror.example/x", 307);
      if (url.pathname === "/x") return Response.redirect("https://registry.example/back", 307);
      return Response.json({ tags: [] });
    };
    const auth = shows({ username: "me", password: "secret" });
    await rejection(list(newRepository("registry.example/repo"), { fetch: fetchThere, auth }));
    expect(seen.slice(1, 4)).toEqual([
      ["registry.example", BASIC],
      ["mirror.example", null],
      ["registry.example", null],
    ]);
  });

  it("acceptance 56: of no one go to another host that wants a token, from its own realm, for this request only", async () => {
    const seen: [string, string | null][] = [];
    const fetchThere: typeof fetch = async (input, init) => {
      const url = new URL(String(input));
      const authorization = new Headers(init?.headers).get("authorization");
      seen.push([url.host, authorization]);
      if (url.pathname === "/v2/") return new Response();
      if (url.host === "registry.example") return Response.redirect("https://mirror.example/x", 307);
      if (url.host === "tokens.example")
        return Response.json({ token: `for ${url.searchParams.get("scope")}`.replace(" ", "-") });
      return authorization === null
        ? new Response(null, {
            status: 401,
            headers: {
              "www-authenticate": 'Bearer realm="https://tokens.example/t",scope="repository:m:pull"',
            },
          })
        : Response.json({ tags: ["found"] });
    };
    const puller = newPuller({ fetch: fetchThere, auth: shows({ username: "me", password: "secret" }) });
    const repository = newRepository("registry.example/repo");
    expect(await puller.list(repository)).toEqual(["found"]);
    expect(seen.slice(1)).toEqual([
      ["registry.example", BASIC],
      ["mirror.example", null],
      ["tokens.example", null],
      ["mirror.example", "Bearer for-repository:m:pull"],
    ]);
    await puller.list(repository);
    expect(seen.at(-3)).toEqual(["mirror.example", null]);
  });
});
