import { afterEach, describe, expect, it, vi } from "vitest";
import type { BearerAuth } from "../../../src/registry/index.js";
import { newRegistry, RegistryOptionsError } from "../../../src/registry/index.js";
import { digestOf, expectError, noise, pushBlob, send } from "../exchange.js";

type Fetch = (request: Request) => Promise<Response>;

interface Granted {
  readonly token: string;
  readonly access_token: string;
  readonly expires_in: number;
  readonly issued_at: string;
  readonly scope: string;
  readonly refresh_token?: string;
}

const USER = { Authorization: `Basic ${Buffer.from("me:secret").toString("base64")}` };
const blob = noise(100);

function registryWith(options: Partial<BearerAuth> = {}): Fetch {
  return newRegistry({ auth: { scheme: "bearer", users: { me: "secret" }, ...options } }).fetch;
}

async function token(fetch: Fetch, query: string, headers: Record<string, string> = USER): Promise<Granted> {
  const response = await send(fetch, "GET", `/token?service=registry.test&${query}`, { headers });
  expect(response.status).toBe(200);
  expect(response.headers.get("Cache-Control")).toBe("no-store");
  return (await response.json()) as Granted;
}

async function bearer(
  fetch: Fetch,
  query: string,
  headers?: Record<string, string>,
): Promise<Record<string, string>> {
  return { Authorization: `Bearer ${(await token(fetch, query, headers)).token}` };
}

function form(fetch: Fetch, fields: Record<string, string>): Promise<Response> {
  return send(fetch, "POST", "/token", {
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(fields).toString(),
  });
}

/** The parameters of a Bearer challenge. */
function challengeOf(response: Response): Record<string, string> {
  const header = response.headers.get("WWW-Authenticate") ?? "";
  expect(header).toMatch(/^Bearer /);
  return Object.fromEntries([...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
}

afterEach(() => {
  vi.useRealTimers();
});

describe("a registry with Bearer authentication", () => {
  it("says in its challenge where to get a token, for whom and for what", async () => {
    const fetch = registryWith();
    const base = await send(fetch, "GET", "/v2/");
    expect(challengeOf(base)).toEqual({ realm: "http://registry.test/token", service: "registry.test" });
    await expectError(base, 401, "UNAUTHORIZED");
    const push = await send(fetch, "POST", "/v2/a/b/blobs/uploads/");
    expect(challengeOf(push).scope).toBe("repository:a/b:pull,push");
    const mount = await send(fetch, "POST", `/v2/a/blobs/uploads/?mount=${digestOf("x")}&from=b`);
    expect(challengeOf(mount).scope).toBe("repository:a:pull,push repository:b:pull");
    const catalog = await send(fetch, "GET", "/v2/_catalog");
    expect(challengeOf(catalog).scope).toBe("registry:catalog:*");
  });

  it("names another realm and service if it was told to", async () => {
    const fetch = registryWith({ realm: "https://auth.test/token?a=b", service: 'the "one"' });
    const header = (await send(fetch, "GET", "/v2/")).headers.get("WWW-Authenticate");
    expect(header).toBe('Bearer realm="https://auth.test/token?a=b",service="the \\"one\\""');
  });

  it("gives a user a token for what was asked for, which opens just that", async () => {
    const fetch = registryWith();
    const granted = await token(fetch, "scope=repository:a:pull,push");
    expect(granted).toMatchObject({ expires_in: 300, scope: "repository:a:pull,push" });
    expect(granted.access_token).toBe(granted.token);
    expect(granted.refresh_token).toBeUndefined();
    expect(Math.abs(Date.parse(granted.issued_at) - Date.now())).toBeLessThan(60_000);

    const headers = { Authorization: `Bearer ${granted.token}` };
    expect((await send(fetch, "GET", "/v2/", { headers })).status).toBe(200);
    const path = `/v2/a/blobs/uploads/?digest=${digestOf(blob)}`;
    expect((await send(fetch, "POST", path, { headers, body: blob })).status).toBe(201);
    expect((await send(fetch, "GET", `/v2/a/blobs/${digestOf(blob)}`, { headers })).status).toBe(200);

    for (const [method, other, scope] of [
      ["DELETE", `/v2/a/blobs/${digestOf(blob)}`, "repository:a:delete"],
      ["GET", "/v2/b/tags/list", "repository:b:pull"],
      ["GET", "/v2/_catalog", "registry:catalog:*"],
    ] as const) {
      const refused = await send(fetch, method, other, { headers });
      expect(challengeOf(refused)).toMatchObject({ error: "insufficient_scope", scope });
      await expectError(refused, 401, "UNAUTHORIZED");
    }
  });

  it("takes scopes one by one or together, none at all, and those of any order", async () => {
    const fetch = registryWith();
    const query = "scope=repository:a:push,pull&scope=repository:b:pull%20registry:catalog:*";
    const headers = await bearer(fetch, query);
    expect((await send(fetch, "POST", "/v2/a/blobs/uploads/", { headers })).status).toBe(202);
    expect((await send(fetch, "GET", "/v2/b/tags/list", { headers })).status).toBe(404);
    expect((await send(fetch, "GET", "/v2/_catalog", { headers })).status).toBe(200);
    const none = await bearer(fetch, "");
    expect((await send(fetch, "GET", "/v2/", { headers: none })).status).toBe(200);
    expect((await send(fetch, "GET", "/v2/b/tags/list", { headers: none })).status).toBe(401);
  });

  it("mounts only with a token that pulls from the source, whether or not that is named", async () => {
    const fetch = registryWith();
    const both = await bearer(fetch, "scope=repository:a:pull,push&scope=repository:b:pull,push");
    const one = await bearer(fetch, "scope=repository:b:pull,push");
    await pushBlob(
      (request) => {
        request.headers.set("Authorization", both.Authorization as string);
        return fetch(request);
      },
      "a",
      blob,
    );
    const path = `/v2/b/blobs/uploads/?mount=${digestOf(blob)}`;
    const refused = await send(fetch, "POST", `${path}&from=a`, { headers: one });
    expect(challengeOf(refused).scope).toBe("repository:b:pull,push repository:a:pull");
    const others = [
      "scope=repository:b:pull,push",
      "scope=repository:b:pull,push&scope=repository:a:push&scope=repository:c:pull",
      "scope=repository:b:pull,push&scope=registry:a:pull&scope=repository:../a:pull&scope=repository:*:pull",
    ];
    for (const scopes of others) {
      const unnamed = await send(fetch, "POST", path, { headers: await bearer(fetch, scopes) });
      expect(unnamed.status).toBe(202);
    }
    expect((await send(fetch, "GET", `/v2/b/blobs/${digestOf(blob)}`, { headers: one })).status).toBe(404);
    expect((await send(fetch, "POST", path, { headers: both })).status).toBe(201);
    expect((await send(fetch, "GET", `/v2/b/blobs/${digestOf(blob)}`, { headers: one })).status).toBe(200);
    expect((await send(fetch, "POST", `${path}&from=a`, { headers: both })).status).toBe(201);
  });

  it("refuses a token at the moment when its life ends", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const fetch = registryWith({ tokenLifetime: 1500 });
    const granted = await token(fetch, "scope=repository:a:pull");
    expect(granted.expires_in).toBe(1);
    const headers = { Authorization: `Bearer ${granted.token}` };
    vi.advanceTimersByTime(1499);
    expect((await send(fetch, "GET", "/v2/", { headers })).status).toBe(200);
    vi.advanceTimersByTime(1);
    const refused = await send(fetch, "GET", "/v2/a/tags/list", { headers });
    expect(challengeOf(refused)).toMatchObject({ error: "invalid_token", scope: "repository:a:pull" });
    const again = await bearer(fetch, "scope=repository:a:pull");
    expect((await send(fetch, "GET", "/v2/a/tags/list", { headers: again })).status).toBe(404);
  });

  it.each(["Bearer", "Bearer x", "Bearer a.b.c", `Basic ${USER.Authorization.slice(6)}`])(
    "refuses %s",
    async (authorization) => {
      const fetch = registryWith();
      const headers = { Authorization: authorization };
      expect(challengeOf(await send(fetch, "GET", "/v2/", { headers })).error).toBe("invalid_token");
    },
  );

  it("does not take another registry's tokens", async () => {
    const headers = await bearer(registryWith(), "scope=repository:a:pull");
    expect((await send(registryWith(), "GET", "/v2/", { headers })).status).toBe(401);
  });

  it("has no token endpoint without it, and GET and POST there alone with it", async () => {
    await expectError(await send(newRegistry().fetch, "GET", "/token"), 404, "UNSUPPORTED");
    const refused = await send(registryWith(), "DELETE", "/token");
    expect(refused.headers.get("Allow")).toBe("GET, POST");
    await expectError(refused, 405, "UNSUPPORTED");
  });

  it("refuses options that make no sense", () => {
    for (const options of [
      { realm: "no url" },
      { tokenLifetime: 0 },
      { tokenLifetime: Number.NaN },
      { tokenLifetime: Number.POSITIVE_INFINITY },
      { users: {} },
    ]) {
      expect(() => registryWith(options)).toThrow(RegistryOptionsError);
    }
  });
});

describe("the token endpoint", () => {
  it("answers 401 to wrong credentials, and to none unless anybody may pull", async () => {
    const fetch = registryWith();
    const wrong = { Authorization: `Basic ${Buffer.from("me:wrong").toString("base64")}` };
    for (const headers of [{}, wrong, { Authorization: "Bearer x" }]) {
      const response = await send(fetch, "GET", "/token?scope=repository:a:pull", { headers });
      expect(response.headers.get("WWW-Authenticate")).toMatch(/^Basic /);
      await expectError(response, 401, "UNAUTHORIZED");
    }
    const open = registryWith({ anonymousPull: true });
    expect((await send(open, "GET", "/token", { headers: wrong })).status).toBe(401);
  });

  it("gives nobody in particular a token that pulls, and nothing else of what was asked for", async () => {
    const fetch = registryWith({ anonymousPull: true });
    const granted = await token(fetch, "scope=repository:a:pull,push&scope=registry:catalog:*", {});
    expect(granted.scope).toBe("repository:a:pull");
    const headers = { Authorization: `Bearer ${granted.token}` };
    expect((await send(fetch, "GET", "/v2/", { headers })).status).toBe(200);
    expect((await send(fetch, "GET", "/v2/a/tags/list", { headers })).status).toBe(404);
    expect((await send(fetch, "POST", "/v2/a/blobs/uploads/", { headers })).status).toBe(401);
    expect((await send(fetch, "GET", "/v2/_catalog", { headers })).status).toBe(401);
    expect((await send(fetch, "GET", "/v2/a/tags/list")).status).toBe(401);
  });

  it("gives a refresh token to who wants one, which gives further tokens and opens nothing itself", async () => {
    const fetch = registryWith();
    const first = await form(fetch, {
      grant_type: "password",
      username: "me",
      password: "secret",
      access_type: "offline",
      scope: "repository:a:pull",
    });
    expect(first.status).toBe(200);
    const { refresh_token: refresh = "" } = (await first.json()) as Granted;
    const offline = await token(fetch, "offline_token=true&scope=repository:a:pull");
    for (const text of [refresh, offline.refresh_token ?? ""]) {
      const headers = { Authorization: `Bearer ${text}` };
      expect((await send(fetch, "GET", "/v2/", { headers })).status).toBe(401);
      const next = await form(fetch, {
        grant_type: "refresh_token",
        refresh_token: text,
        scope: "repository:a:push,pull repository:b:pull",
        client_id: "varve",
        service: "registry.test",
      });
      const granted = (await next.json()) as Granted;
      expect(granted.scope).toBe("repository:a:push,pull repository:b:pull");
      const access = { Authorization: `Bearer ${granted.access_token}` };
      expect((await send(fetch, "POST", "/v2/a/blobs/uploads/", { headers: access })).status).toBe(202);
    }
  });

  it("gives no refresh token unasked, and takes no access token for one", async () => {
    const fetch = registryWith();
    const { token: access } = await token(fetch, "scope=repository:a:pull");
    const response = await form(fetch, { grant_type: "password", username: "me", password: "secret" });
    expect(await response.json()).not.toHaveProperty("refresh_token");
    for (const refresh of [access, "", "a.b.c"]) {
      const refused = await form(fetch, { grant_type: "refresh_token", refresh_token: refresh });
      await expectError(refused, 401, "UNAUTHORIZED");
    }
  });

  it("refuses forms that are wrong or without end", async () => {
    const fetch = registryWith();
    await expectError(
      await form(fetch, { grant_type: "password", username: "me", password: "x" }),
      401,
      "UNAUTHORIZED",
    );
    await expectError(await form(fetch, { grant_type: "client_credentials" }), 400, "UNSUPPORTED");
    await expectError(await form(fetch, {}), 400, "UNSUPPORTED");
    await expectError(await form(fetch, { scope: "x".repeat(70_000) }), 413, "SIZE_INVALID");
  });

  it("refuses scopes that are none, or too many", async () => {
    const fetch = registryWith();
    for (const query of [
      "scope=repository",
      "scope=repository:a:pull%20%22",
      Array.from({ length: 101 }, (_, index) => `scope=repository:a${index}:pull`).join("&"),
    ]) {
      await expectError(await send(fetch, "GET", `/token?${query}`, { headers: USER }), 400, "UNSUPPORTED");
    }
  });
});
