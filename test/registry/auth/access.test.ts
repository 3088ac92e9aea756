import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  accessFor,
  anonymousPart,
  formatScope,
  isCovered,
  isPull,
  parseScope,
} from "../../../src/registry/auth/access.js";
import { parseRoute } from "../../../src/registry/route.js";

function neededFor(method: string, path: string): string[] {
  const request = new Request(new URL(path, "http://registry.test"), { method });
  const route = parseRoute(new URL(request.url).pathname);
  if (route === undefined) throw new Error(`${path} is no route`);
  return accessFor(route, request).map(formatScope);
}

describe("accessFor", () => {
  it.each([
    ["GET", "/v2/", []],
    ["GET", "/v2/_catalog", ["registry:catalog:*"]],
    ["GET", "/v2/a/b/tags/list", ["repository:a/b:pull"]],
    ["GET", "/v2/a/b/referrers/sha256:x", ["repository:a/b:pull"]],
    ["HEAD", "/v2/a/b/blobs/sha256:x", ["repository:a/b:pull"]],
    ["GET", "/v2/a/b/manifests/t", ["repository:a/b:pull"]],
    ["PUT", "/v2/a/b/manifests/t", ["repository:a/b:pull,push"]],
    ["DELETE", "/v2/a/b/manifests/t", ["repository:a/b:delete"]],
    ["DELETE", "/v2/a/b/blobs/sha256:x", ["repository:a/b:delete"]],
    ["POST", "/v2/a/b/blobs/uploads/", ["repository:a/b:pull,push"]],
    ["POST", "/v2/a/blobs/uploads/?mount=x&from=b/c", ["repository:a:pull,push", "repository:b/c:pull"]],
    ["POST", "/v2/a/blobs/uploads/?from=b/c", ["repository:a:pull,push"]],
    ["POST", "/v2/a/blobs/uploads/?mount=x&from=B%22", ["repository:a:pull,push"]],
    ["GET", "/v2/a/blobs/uploads/id", ["repository:a:pull,push"]],
    ["PATCH", "/v2/a/blobs/uploads/id", ["repository:a:pull,push"]],
    ["PUT", "/v2/a/blobs/uploads/id", ["repository:a:pull,push"]],
    ["DELETE", "/v2/a/blobs/uploads/id", ["repository:a:pull,push"]],
  ])("for %s %s is %j", (method, path, scopes) => {
    expect(neededFor(method, path)).toEqual(scopes);
  });
});

describe("isCovered", () => {
  const covered = (needed: string, ...granted: string[]): boolean =>
    isCovered(
      parseScope(needed)!,
      granted.map((text) => parseScope(text)!),
    );

  it("wants every action, of this thing, from one grant or several", () => {
    expect(covered("repository:a:pull,push", "repository:a:push,pull")).toBe(true);
    expect(covered("repository:a:pull,push", "repository:a:push", "repository:a:pull")).toBe(true);
    expect(covered("repository:a:pull,push", "repository:a:push")).toBe(false);
    expect(covered("repository:a:pull", "repository:b:pull")).toBe(false);
    expect(covered("repository:a:pull", "registry:a:pull")).toBe(false);
    expect(covered("repository:a:pull")).toBe(false);
  });

  it("takes * for every action", () => {
    expect(covered("repository:a:pull,push,delete", "repository:a:*")).toBe(true);
    expect(covered("registry:catalog:*", "registry:catalog:pull")).toBe(false);
  });
});

describe("what anybody may", () => {
  const scopes = (...texts: string[]) => texts.map((text) => parseScope(text)!);

  it("is to pull from repositories, and no more of a larger wish", () => {
    const left = anonymousPart(
      scopes("repository:a:push,pull,delete", "repository:b:push", "registry:catalog:*"),
    );
    expect(left.map(formatScope)).toEqual(["repository:a:pull"]);
    expect(anonymousPart(scopes("repository:a:*")).map(formatScope)).toEqual(["repository:a:pull"]);
  });

  it("is not to do what needs more, or to see whether credentials are good", () => {
    expect(isPull(scopes("repository:a:pull"))).toBe(true);
    expect(isPull(scopes("repository:a:pull,push"))).toBe(false);
    expect(isPull(scopes("repository:a:pull", "repository:b:push"))).toBe(false);
    expect(isPull(scopes("registry:catalog:*"))).toBe(false);
    expect(isPull([])).toBe(false);
  });
});

describe("parseScope", () => {
  it("takes the last colon for the end of the name, and a class after the type", () => {
    expect(parseScope("repository:host:5000/a:pull")).toMatchObject({
      name: "host:5000/a",
      actions: ["pull"],
    });
    expect(parseScope("repository(plugin):a:pull,push")).toMatchObject({ type: "repository", name: "a" });
    expect(parseScope("repository:a:")?.actions).toEqual([]);
  });

  it.each([
    "",
    "repository",
    "repository:a",
    "repository::pull",
    "Repository:a:pull",
    'repository:a"b:pull',
    "repository:a:PULL",
  ])("does not take %j", (text) => {
    expect(parseScope(text)).toBeUndefined();
  });

  it("reads what formatScope writes, and never throws", () => {
    const name = fc.stringMatching(/^[a-z0-9]+(?:[/:._-][a-z0-9]+)*$/);
    const actions = fc.uniqueArray(fc.constantFrom("pull", "push", "delete", "*"), { minLength: 1 });
    fc.assert(
      fc.property(name, actions, (name, actions) => {
        const access = { type: "repository", name, actions };
        expect(parseScope(formatScope(access))).toEqual(access);
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => void parseScope(text)));
  });
});
