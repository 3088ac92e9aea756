import { describe, expect, it } from "vitest";
import * as match from "../../src/match/index.js";
import { findManifests } from "../../src/partial/index.js";
import type { Descriptor, Platform } from "../../src/v1/index.js";
import { child, indexOf } from "../partial/fixture/indexes.js";
import { stranger } from "../partial/fixture/objects.js";

const bare: Descriptor = { mediaType: "a/b", size: 1, digest: stranger };
const REF_NAME = "org.opencontainers.image.ref.name";

describe("match.name and match.annotation", () => {
  it("match what has the annotation with the very value", () => {
    const named = { ...bare, annotations: { [REF_NAME]: "v1", other: "" } };
    expect(match.name("v1")(named)).toBe(true);
    expect(match.name("v2")(named)).toBe(false);
    expect(match.annotation("other", "")(named)).toBe(true);
    expect(match.annotation("other", "x")(named)).toBe(false);
  });

  it("match nothing without annotations, or by what every object has", () => {
    expect(match.name("")(bare)).toBe(false);
    expect(match.annotation("absent", "")({ ...bare, annotations: {} })).toBe(false);
    const method = Object.prototype.toString as unknown as string;
    expect(match.annotation("toString", method)({ ...bare, annotations: {} })).toBe(false);
  });
});

describe("match.platforms", () => {
  const amd: Platform = { architecture: "amd64", os: "linux" };
  const arm: Platform = { architecture: "arm64", os: "linux", variant: "v8", osFeatures: ["a", "b"] };

  it("matches any of the platforms, all of its fields the same", () => {
    const matcher = match.platforms(amd, { ...arm, osFeatures: ["b", "a"] });
    expect(matcher({ ...bare, platform: amd })).toBe(true);
    expect(matcher({ ...bare, platform: arm })).toBe(true);
    expect(matcher({ ...bare, platform: { ...amd, osVersion: "1" } })).toBe(false);
  });

  it("never matches what has no platform, nor anything if it is given none", () => {
    expect(match.platforms({ architecture: "", os: "" })(bare)).toBe(false);
    expect(match.platforms()({ ...bare, platform: amd })).toBe(false);
  });
});

describe("match.mediaTypes", () => {
  it("matches any of the media types, and never an empty one", () => {
    const matcher = match.mediaTypes("a/b", "c/d", "");
    expect(matcher(bare)).toBe(true);
    expect(matcher({ ...bare, mediaType: "a/c" })).toBe(false);
    expect(matcher({ ...bare, mediaType: "" })).toBe(false);
    expect(match.mediaTypes()(bare)).toBe(false);
  });
});

describe("match.digests", () => {
  it("matches any of the digests, by value", async () => {
    const children = [child("image"), child("other"), child("index")];
    const [first, , last] = children.map(({ descriptor }) => descriptor);
    const found = await findManifests(
      indexOf(children),
      match.digests(last!.digest, first!.digest, stranger),
    );
    expect(found).toEqual([first, last]);
    expect(match.digests()(bare)).toBe(false);
  });
});
