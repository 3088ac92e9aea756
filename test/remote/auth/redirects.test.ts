import { describe, expect, it } from "vitest";
import { newRepository } from "../../../src/name/index.js";
import { list } from "../../../src/remote/index.js";
import { redirectless } from "../fixture/fake-registry.js";
import { rejection } from "../fixture/thrown.js";

const BASIC = `Basic ${btoa("me:secret")}`;

/** A request as it was made: method, URL without its query, what was shown, and what was said. */
type Seen = readonly [method: string, url: string, authorization: string | null, body: string];

type Reply = (authorization: string | null) => Response;

/** Hosts that answer by URL without its query; each request that is made is noted, whoever gets it. */
class World {
  readonly seen: Seen[] = [];
  readonly #replies: Readonly<Record<string, Reply>>;

  constructor(replies: Readonly<Record<string, Reply>>) {
    this.#replies = replies;
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const request = new Request(String(input), init);
    const authorization = request.headers.get("authorization");
    const place = request.url.replace(/\?.*/, "");
    this.seen.push([request.method, place, authorization, await request.text()]);
    const reply = this.#replies[place];
    if (reply === undefined) {
      throw new Error(`nothing is at ${place}`);
    }
    return reply(authorization);
  };

  list(config: object): Promise<readonly string[]> {
    const auth = { authorization: async () => config };
    return list(newRepository("registry.example/repo"), { fetch: this.fetch, auth });
  }

  /** The hosts that saw any of the secrets, in whatever part of a request. */
  hostsThatSaw(...secrets: readonly string[]): readonly string[] {
    const knowing = this.seen.filter((request) =>
      secrets.some((secret) => request.join("\n").includes(secret)),
    );
    return [...new Set(knowing.map(([, url]) => new URL(url).host))];
  }
}

const PING = "https://registry.example/v2/";
const TAGS = "https://registry.example/v2/repo/tags/list";
const TOKENS = "https://auth.example/token";

function challenge(text: string): Reply {
  return () => new Response(null, { status: 401, headers: { "www-authenticate": text } });
}

function tagsFor(accepted: string, otherwise: Reply): Reply {
  return (authorization) =>
    authorization === accepted ? Response.json({ tags: ["a"] }) : otherwise(authorization);
}

const gives =
  (fields: object): Reply =>
  () =>
    Response.json(fields);

describe("a token server that redirects", () => {
  const wantsToken = challenge(`Bearer realm="${TOKENS}",service="registry.example"`);

  it.each([301, 302, 303, 307, 308])(
    "to another host with status %i gets no identity token there",
    async (status) => {
      const world = new World({
        [PING]: wantsToken,
        [TOKENS]: () => redirectless(status, "https://stranger.test/token"),
        "https://stranger.test/token": gives({ token: "t" }),
        [TAGS]: tagsFor("Bearer t", wantsToken),
      });
      const error = await rejection(world.list({ identityToken: "REFRESH" }));
      expect(error).toMatchObject({ code: "ERR_VARVE_UNSAFE_LOCATION" });
      expect(error.message).not.toContain("REFRESH");
      expect(world.hostsThatSaw("REFRESH")).toEqual(["auth.example"]);
      expect(world.seen.map(([method, url]) => `${method} ${url}`)).toEqual([
        `GET ${PING}`,
        `POST ${TOKENS}`,
      ]);
    },
  );

  it("within its host is followed with the identity token", async () => {
    const world = new World({
      [PING]: wantsToken,
      [TOKENS]: () => redirectless(307, "/v2/token"),
      "https://auth.example/v2/token": gives({ token: "t" }),
      [TAGS]: tagsFor("Bearer t", wantsToken),
    });
    expect(await world.list({ identityToken: "REFRESH" })).toEqual(["a"]);
    expect(world.hostsThatSaw("REFRESH")).toEqual(["auth.example"]);
    expect(world.seen).toHaveLength(4);
  });

  it("to another host has no user name and password shown there", async () => {
    const world = new World({
      [PING]: wantsToken,
      [TOKENS]: () => redirectless(307, "https://stranger.test/token"),
      "https://stranger.test/token": gives({ token: "t" }),
      [TAGS]: tagsFor("Bearer t", wantsToken),
    });
    expect(await world.list({ username: "me", password: "secret" })).toEqual(["a"]);
    expect(world.seen).toEqual([
      ["GET", PING, null, ""],
      ["GET", TOKENS, BASIC, ""],
      ["GET", "https://stranger.test/token", null, ""],
      ["GET", TAGS, "Bearer t", ""],
    ]);
  });
});

describe("a registry whose root redirects to another host", () => {
  const STRANGER = "https://stranger.test/v2/";
  const STRANGE_TOKENS = "https://stranger.test/token";
  const strangerWants = challenge(`Bearer realm="${STRANGE_TOKENS}",service="stranger"`);
  const registryWants = challenge(`Bearer realm="${TOKENS}",service="registry.example"`);
  const astray: Readonly<Record<string, Reply>> = {
    [PING]: () => redirectless(302, STRANGER),
    [STRANGER]: strangerWants,
    [STRANGE_TOKENS]: gives({ token: "for-anyone", refresh_token: "strange" }),
  };

  it.each([
    ["a user name and password", { username: "me", password: "secret" }],
    ["the two encoded", { auth: btoa("me:secret") }],
    ["an identity token", { identityToken: "secret" }],
  ])("does not have %s shown there, but a token fetched that anyone gets", async (_, config) => {
    const world = new World({ ...astray, [TAGS]: tagsFor("Bearer for-anyone", registryWants) });
    expect(await world.list(config)).toEqual(["a"]);
    expect(world.seen).toEqual([
      ["GET", PING, null, ""],
      ["GET", STRANGER, null, ""],
      ["GET", STRANGE_TOKENS, null, ""],
      ["GET", TAGS, "Bearer for-anyone", ""],
    ]);
  });

  it("has credentials shown to its own token server once it asks for a token itself", async () => {
    const world = new World({
      ...astray,
      [TOKENS]: gives({ token: "mine" }),
      [TAGS]: tagsFor("Bearer mine", registryWants),
    });
    expect(await world.list({ identityToken: "REFRESH" })).toEqual(["a"]);
    expect(world.hostsThatSaw("REFRESH")).toEqual(["auth.example"]);
    expect(world.hostsThatSaw("strange\n", "=strange")).toEqual([]);
    expect(world.seen.slice(3).map(([method, url]) => `${method} ${url}`)).toEqual([
      `GET ${TAGS}`,
      `POST ${TOKENS}`,
      `GET ${TAGS}`,
    ]);
  });

  it("is not said to refuse credentials that it has not been shown", async () => {
    const world = new World({ ...astray, [TAGS]: () => new Response(null, { status: 401 }) });
    const error = await rejection(world.list({ username: "me", password: "secret" }));
    expect(error).toMatchObject({ code: "ERR_VARVE_UNAUTHORIZED" });
    expect(error.message).not.toContain("does not accept these credentials");
  });

  it("has a user name and password that are asked for there shown to itself only", async () => {
    const world = new World({
      ...astray,
      [STRANGER]: challenge('Basic realm="stranger"'),
      [TAGS]: tagsFor(BASIC, registryWants),
    });
    expect(await world.list({ username: "me", password: "secret" })).toEqual(["a"]);
    expect(world.hostsThatSaw(BASIC)).toEqual(["registry.example"]);
  });

  it("is not led from there to a token server within the client's network", async () => {
    const world = new World({ ...astray, [STRANGER]: challenge('Bearer realm="https://10.0.0.1/token"') });
    expect(await rejection(world.list({ username: "me", password: "secret" }))).toMatchObject({
      code: "ERR_VARVE_UNSAFE_LOCATION",
    });
    expect(world.seen).toHaveLength(2);
  });
});
