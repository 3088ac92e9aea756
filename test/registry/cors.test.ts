import { describe, expect, it } from "vitest";
import { newRegistry, type RegistryOptions, RegistryOptionsError } from "../../src/registry/index.js";
import { expectError, pushManifest, send } from "./exchange.js";

const PAGE = "https://page.example";
const PREFLIGHT = {
  Origin: PAGE,
  "Access-Control-Request-Method": "PATCH",
  "Access-Control-Request-Headers": "authorization,content-range, content-type",
};

function registryWith(cors: RegistryOptions["cors"], options: RegistryOptions = {}) {
  return newRegistry({ ...options, cors }).fetch;
}

describe("a registry for pages of other origins", () => {
  it("answers a preflight without credentials, on any path", async () => {
    const fetch = registryWith("*", { auth: { scheme: "basic", users: { me: "x" } } });
    for (const path of ["/v2/", "/v2/a/blobs/uploads/x", "/v2/_catalog", "/token", "/elsewhere"]) {
      const response = await send(fetch, "OPTIONS", path, { headers: PREFLIGHT });
      expect(response.status).toBe(204);
      expect(response.body).toBeNull();
      expect(Object.fromEntries(response.headers)).toMatchObject({
        "access-control-allow-origin": "*",
        "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
        "access-control-allow-headers": "authorization,content-range, content-type",
        "access-control-max-age": "7200",
      });
    }
  });

  it("lets pages read the protocol's headers of every answer, refusals too", async () => {
    const fetch = registryWith([PAGE], { auth: { scheme: "bearer", users: { me: "x" } } });
    for (const [method, path] of [
      ["GET", "/v2/"],
      ["POST", "/v2/a/blobs/uploads/"],
      ["GET", "/token"],
      ["PUT", "/nowhere"],
    ] as const) {
      const { headers } = await send(fetch, method, path, { headers: { Origin: PAGE } });
      expect(headers.get("Access-Control-Allow-Origin")).toBe(PAGE);
      const exposed = headers.get("Access-Control-Expose-Headers")?.split(", ");
      for (const name of [
        "Location",
        "Range",
        "Docker-Content-Digest",
        "Docker-Upload-UUID",
        "WWW-Authenticate",
        "OCI-Chunk-Min-Length",
        "OCI-Subject",
        "OCI-Filters-Applied",
        "Content-Range",
        "Link",
        "Warning",
        "Retry-After",
      ]) {
        expect(exposed).toContain(name);
      }
    }
  });

  it("exposes every header that its answers have and pages do not read anyway", async () => {
    const fetch = registryWith("*", { chunkMinLength: 1, warnings: ["w"] });
    const digest = (await pushManifest(fetch, "a", "t", "{}")).headers.get("Docker-Content-Digest");
    await pushManifest(fetch, "a", "u", "{}");
    const subject = JSON.stringify({ subject: { digest } });
    const answers = [
      await pushManifest(fetch, "a", "v", subject),
      await send(fetch, "POST", "/v2/a/blobs/uploads/"),
      await send(fetch, "GET", "/v2/a/tags/list?n=1"),
      await send(fetch, "GET", `/v2/a/referrers/${digest}?artifactType=x`),
      await send(fetch, "GET", "/v2/a/manifests/t"),
    ];
    const always = /^(access-control-.*|content-(length|type)|x-content-type-options|vary)$/;
    const exposed = new Set<string>();
    const sent = new Set<string>();
    for (const { headers } of answers) {
      for (const name of headers.keys()) if (!always.test(name)) sent.add(name);
    }
    const { headers } = await send(fetch, "GET", "/v2/", { headers: { Origin: PAGE } });
    for (const name of headers.get("Access-Control-Expose-Headers")?.split(", ") ?? [])
      exposed.add(name.toLowerCase());
    expect([...sent].filter((name) => !exposed.has(name))).toEqual([]);
    expect(sent.size).toBeGreaterThan(8);
  });

  it("says nothing to origins that it does not know, and that its answers depend on the origin", async () => {
    const fetch = registryWith([PAGE, "http://localhost:8080"]);
    for (const origin of [
      "https://evil.example",
      "https://page.example.evil.example",
      "null",
      "http://page.example",
    ]) {
      for (const [method, headers] of [
        ["GET", { Origin: origin }],
        ["OPTIONS", { ...PREFLIGHT, Origin: origin }],
      ] as const) {
        const response = await send(fetch, method, "/v2/", { headers });
        expect(response.headers.get("Access-Control-Allow-Origin")).toBeNull();
        expect(response.headers.get("Vary")).toBe("Origin");
      }
    }
    const { headers } = await send(fetch, "GET", "/v2/", { headers: { Origin: "http://localhost:8080" } });
    expect(headers.get("Access-Control-Allow-Origin")).toBe("http://localhost:8080");
  });

  it("says nothing to who is no page, and does not offer credentials that browsers keep", async () => {
    const fetch = registryWith("*");
    expect((await send(fetch, "GET", "/v2/")).headers.get("Access-Control-Allow-Origin")).toBeNull();
    const { headers } = await send(fetch, "OPTIONS", "/v2/", { headers: PREFLIGHT });
    expect(headers.get("Access-Control-Allow-Credentials")).toBeNull();
  });

  it("gives back no header names that are none", async () => {
    const headers = { ...PREFLIGHT, "Access-Control-Request-Headers": 'x, "y' };
    const response = await send(registryWith("*"), "OPTIONS", "/v2/", { headers });
    expect(response.headers.get("Access-Control-Allow-Headers")).toBeNull();
  });

  it("takes OPTIONS that is no preflight, and all of it without the option, for no method of its paths", async () => {
    await expectError(await send(registryWith("*"), "OPTIONS", "/v2/"), 405, "UNSUPPORTED");
    const response = await send(registryWith(undefined), "OPTIONS", "/v2/", { headers: PREFLIGHT });
    expect(response.headers.get("Access-Control-Allow-Origin")).toBeNull();
    await expectError(response, 405, "UNSUPPORTED");
  });

  it.each([
    "page.example",
    "https://page.example/",
    "https://page.example:443",
    "HTTPS://page.example",
    "null",
    "",
  ])("refuses %j, which no page has for its origin", (origin) => {
    expect(() => registryWith([origin])).toThrow(RegistryOptionsError);
  });

  it("takes origins of apps and extensions", () => {
    expect(() => registryWith(["chrome-extension://abcdef", "capacitor://localhost"])).not.toThrow();
  });
});
