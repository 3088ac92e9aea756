import { describe, expect, it, vi } from "vitest";
import { newRegistry, RegistryOptionsError } from "../../../src/registry/index.js";
import { digestOf, expectError, noise, send } from "../exchange.js";

const basic = (text: string): { Authorization: string } => ({
  Authorization: `Basic ${Buffer.from(text).toString("base64")}`,
});
const USER = basic("me:secret");
const users = { me: "secret" };
const blob = noise(100);
const PUSH = `/v2/a/blobs/uploads/?digest=${digestOf(blob)}`;

/** Something to ask for at each endpoint. */
const REQUESTS = [
  ["GET", "/v2/"],
  ["GET", "/v2/_catalog"],
  ["GET", "/v2/a/tags/list"],
  ["GET", `/v2/a/referrers/${digestOf("x")}`],
  ["HEAD", `/v2/a/blobs/${digestOf("x")}`],
  ["DELETE", `/v2/a/blobs/${digestOf("x")}`],
  ["GET", "/v2/a/manifests/t"],
  ["PUT", "/v2/a/manifests/t"],
  ["DELETE", "/v2/a/manifests/t"],
  ["POST", "/v2/a/blobs/uploads/"],
  ["GET", "/v2/a/blobs/uploads/x"],
  ["PATCH", "/v2/a/blobs/uploads/x"],
  ["PUT", "/v2/a/blobs/uploads/x"],
  ["DELETE", "/v2/a/blobs/uploads/x"],
] as const;

describe("a registry with Basic authentication", () => {
  it.each(REQUESTS)(
    "answers 401 with a challenge to %s %s without credentials, and with wrong ones",
    async (method, path) => {
      const { fetch } = newRegistry({ auth: { scheme: "basic", users } });
      for (const headers of [{}, basic("me:wrong"), basic("you:secret"), { Authorization: "Bearer abc" }]) {
        const response = await send(fetch, method, path, { headers });
        expect(response.status).toBe(401);
        expect(response.headers.get("WWW-Authenticate")).toBe('Basic realm="varve",charset="UTF-8"');
        if (method !== "HEAD") await expectError(response, 401, "UNAUTHORIZED");
      }
    },
  );

  it.each(REQUESTS)("lets the user do %s %s", async (method, path) => {
    const { fetch } = newRegistry({ auth: { scheme: "basic", users } });
    expect((await send(fetch, method, path, { headers: USER })).status).not.toBe(401);
  });

  it("keeps nothing of a push that it refused, and does not read its body", async () => {
    const { fetch } = newRegistry({ auth: { scheme: "basic", users } });
    const pull = vi.fn();
    const body = new ReadableStream<Uint8Array>({ pull }, { highWaterMark: 0 });
    expect((await send(fetch, "POST", PUSH, { body })).status).toBe(401);
    expect(pull).not.toHaveBeenCalled();
    expect((await send(fetch, "POST", PUSH, { body: blob, headers: USER })).status).toBe(201);
  });

  it("does not say whether it was the name or the password", async () => {
    const { fetch } = newRegistry({ auth: { scheme: "basic", users } });
    const answers = ["me:wrong", "you:secret"].map(async (text) =>
      (await send(fetch, "GET", "/v2/", { headers: basic(text) })).text(),
    );
    expect(new Set(await Promise.all(answers)).size).toBe(1);
  });

  it("tells its owner of a judge of users that fails, and the client nothing", async () => {
    const onError = vi.fn();
    const failing = (): never => {
      throw new Error("the directory is down");
    };
    const { fetch } = newRegistry({ auth: { scheme: "basic", users: failing }, onError });
    const response = await send(fetch, "GET", "/v2/", { headers: USER });
    expect(await response.clone().text()).not.toContain("directory");
    await expectError(response, 500, "UNKNOWN");
    expect(onError).toHaveBeenCalledOnce();
  });

  it("with anonymousPull lets anybody read what they can name, and no more", async () => {
    const { fetch } = newRegistry({ auth: { scheme: "basic", users, anonymousPull: true } });
    await send(fetch, "POST", PUSH, { body: blob, headers: USER });
    const answers = REQUESTS.map(async ([method, path]) => {
      const { status } = await send(fetch, method, path);
      return [`${method} ${path.replace(digestOf("x"), "DIGEST")}`, status === 401];
    });
    const refused = new Map((await Promise.all(answers)) as [string, boolean][]);
    expect([...refused].filter(([, isRefused]) => !isRefused).map(([request]) => request)).toEqual([
      "GET /v2/a/tags/list",
      "GET /v2/a/referrers/DIGEST",
      "HEAD /v2/a/blobs/DIGEST",
      "GET /v2/a/manifests/t",
    ]);
    expect((await send(fetch, "GET", `/v2/a/blobs/${digestOf(blob)}`)).status).toBe(200);
    const empty = await send(fetch, "GET", `/v2/a/blobs/${digestOf(blob)}`, { headers: basic(":") });
    expect(empty.status).toBe(200);
    expect((await send(fetch, "POST", PUSH, { body: blob, headers: basic(":") })).status).toBe(401);
    const wrong = await send(fetch, "GET", `/v2/a/blobs/${digestOf(blob)}`, { headers: basic("me:wrong") });
    expect(wrong.status).toBe(401);
  });

  it("refuses options that make no sense", () => {
    expect(() => newRegistry({ auth: { scheme: "basic", users: {} } })).toThrow(RegistryOptionsError);
    const scheme = "digest" as "basic";
    expect(() => newRegistry({ auth: { scheme, users } })).toThrow(
      expect.objectContaining({ code: "ERR_VARVE_REGISTRY_OPTIONS" }),
    );
  });
});
