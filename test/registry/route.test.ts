import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RefusalError } from "../../src/registry/refusal.js";
import { digestNamed, parseRoute } from "../../src/registry/route.js";

const hex = "0123456789abcdef".repeat(4);

describe("parseRoute", () => {
  it.each([
    ["/v2/", { kind: "base" }],
    ["/v2", { kind: "base" }],
    ["/v2/_catalog", { kind: "catalog" }],
    ["/v2/a/tags/list", { kind: "tags", repository: "a" }],
    ["/v2/a/b/c/tags/list", { kind: "tags", repository: "a/b/c" }],
    ["/v2/a/blobs/uploads/", { kind: "uploads", repository: "a" }],
    ["/v2/a/blobs/uploads", { kind: "uploads", repository: "a" }],
    ["/v2/a/b/blobs/uploads/some-id", { kind: "upload", repository: "a/b", id: "some-id" }],
    [`/v2/a/blobs/sha256:${hex}`, { kind: "blob", repository: "a", reference: `sha256:${hex}` }],
    [`/v2/a/blobs/sha256%3A${hex}`, { kind: "blob", repository: "a", reference: `sha256:${hex}` }],
    ["/v2/a/manifests/latest", { kind: "manifest", repository: "a", reference: "latest" }],
    ["/v2/a/referrers/x", { kind: "referrers", repository: "a", reference: "x" }],
  ])("reads %s", (path, route) => {
    expect(parseRoute(path)).toEqual(route);
  });

  it.each([
    ["/v2/blobs/manifests/x", "blobs"],
    ["/v2/tags/list/manifests/x", "tags/list"],
    ["/v2/blobs/uploads/manifests/x", "blobs/uploads"],
    ["/v2/manifests/manifests/manifests", "manifests"],
    ["/v2/a/blobs/blobs/x", "a/blobs"],
  ])("lets a repository be called as the protocol's own words are: %s", (path, repository) => {
    expect(parseRoute(path)).toMatchObject({ repository });
  });

  it.each([
    "/",
    "",
    "/v1/",
    "/v2x",
    "/v2//",
    "/v2/a",
    "/v2/a/b",
    "/v2/_catalog/",
    "/V2/",
    "/x/v2/",
    "/v2/a/tags/lists",
  ])("knows nothing of %j", (path) => {
    expect(parseRoute(path)).toBeUndefined();
  });

  it.each([
    "/v2/../manifests/x",
    "/v2/a/../b/manifests/x",
    "/v2/a%2fb/manifests/x",
    "/v2/%2e%2e/manifests/x",
    "/v2/%2e%2e%2f%2e%2e%2fetc/manifests/passwd",
    "/v2//manifests/x",
    "/v2/a//b/manifests/x",
    "/v2/A/manifests/x",
    "/v2/a\\b/manifests/x",
    "/v2/a%00/tags/list",
    "/v2/manifests/x",
    "/v2/tags/list",
    "/v2/blobs/uploads/",
    "/v2/.hidden/blobs/x",
    `/v2/${"a".repeat(256)}/manifests/x`,
    `/v2/${"a/".repeat(5000)}a/blobs/uploads/`,
  ])("refuses the name in %s", (path) => {
    const refuse = (): unknown => parseRoute(path);
    expect(refuse).toThrow(RefusalError);
    expect(refuse).toThrow(expect.objectContaining({ status: 400, protocolCode: "NAME_INVALID" }));
  });

  it("either reads a route whose repository is a name, or knows nothing, or refuses, whatever the path", () => {
    const part = fc.constantFrom(
      "v2",
      "a",
      "b-c",
      "blobs",
      "uploads",
      "manifests",
      "tags",
      "list",
      "..",
      "%2f",
      "",
      "A",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(part).map((parts) => `/${parts.join("/")}`),
          fc.string(),
        ),
        (path) => {
          try {
            const route = parseRoute(path);
            if (route !== undefined && "repository" in route) {
              expect(route.repository).toMatch(/^[a-z0-9][a-z0-9._/-]*$/);
              expect(route.repository).not.toMatch(/\.\.|\/\/|\/$/);
            }
          } catch (error) {
            expect(error).toMatchObject({ protocolCode: "NAME_INVALID" });
          }
        },
      ),
    );
  });

  it("leaves a reference that cannot be decoded as it is", () => {
    expect(parseRoute("/v2/a/manifests/%zz")).toMatchObject({ reference: "%zz" });
  });
});

describe("digestNamed", () => {
  it("reads sha256 and sha512", () => {
    expect(String(digestNamed(`sha256:${hex}`))).toBe(`sha256:${hex}`);
    expect(String(digestNamed(`sha512:${hex}${hex}`))).toBe(`sha512:${hex}${hex}`);
  });

  it.each([
    "",
    "x",
    "sha256",
    "sha256:",
    `sha256:${hex}0`,
    `sha256:${hex.toUpperCase()}`,
    `md5:${hex}`,
    `sha256:${hex}/..`,
  ])("refuses %j", (text) => {
    expect(() => digestNamed(text)).toThrow(
      expect.objectContaining({ status: 400, protocolCode: "DIGEST_INVALID" }),
    );
  });
});
