import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Platform,
  PlatformError,
  parsePlatform,
  platformEquals,
  platformSatisfies,
  platformString,
} from "../../src/v1/index.js";

describe("parsePlatform and platformString", () => {
  it.each<[string, Platform]>([
    ["", { architecture: "", os: "" }],
    ["linux", { architecture: "", os: "linux" }],
    ["linux/amd64", { architecture: "amd64", os: "linux" }],
    ["linux/arm64/v8", { architecture: "arm64", os: "linux", variant: "v8" }],
    ["windows/amd64:10.0.14393", { architecture: "amd64", os: "windows", osVersion: "10.0.14393" }],
    ["windows/arm/v7:1", { architecture: "arm", os: "windows", variant: "v7", osVersion: "1" }],
    ["windows:1", { architecture: "", os: "windows", osVersion: "1" }],
  ])("%s is read and written", (text, platform) => {
    expect(parsePlatform(text)).toEqual(platform);
    expect(platformString(platform)).toBe(text);
  });

  it("take no notice of white space around it", () => {
    expect(parsePlatform(" linux/amd64\n")).toEqual({ architecture: "amd64", os: "linux" });
  });

  it("write nothing without an operating system, as Go does", () => {
    expect(platformString({ architecture: "amd64", os: "", osVersion: "1" })).toBe("");
  });

  it.each(["a/b/c/d", "a:1:2", "a/b/c/d:1", "///"])("refuse %s", (text) => {
    expect(() => parsePlatform(text)).toThrow(PlatformError);
    expect(() => parsePlatform(text)).toThrow("expected os[/architecture[/variant]][:osversion]");
  });

  it("never throw anything but PlatformError, and read back what was written", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", "/", ":", "\u001b"), maxLength: 8 }), (text) => {
        let platform: Platform;
        try {
          platform = parsePlatform(text);
        } catch (error) {
          expect(error).toBeInstanceOf(PlatformError);
          return;
        }
        if (platform.os !== "") {
          expect(platformEquals(parsePlatform(platformString(platform)), platform)).toBe(true);
        }
      }),
    );
  });
});

const full: Platform = {
  architecture: "arm64",
  os: "linux",
  osVersion: "1",
  osFeatures: ["a", "b"],
  variant: "v8",
  features: ["c", "d"],
};

describe("platformEquals", () => {
  it("holds whatever the order of features", () => {
    expect(platformEquals(full, { ...full, osFeatures: ["b", "a"], features: ["d", "c"] })).toBe(true);
  });

  it("takes what is absent and what is empty for the same", () => {
    const bare = { architecture: "arm64", os: "linux" };
    expect(platformEquals(bare, { ...bare, osVersion: "", variant: "", osFeatures: [], features: [] })).toBe(
      true,
    );
  });

  it.each<[keyof Platform, Platform]>([
    ["architecture", { ...full, architecture: "amd64" }],
    ["os", { ...full, os: "windows" }],
    ["osVersion", { ...full, osVersion: "2" }],
    ["variant", { ...full, variant: "" }],
    ["osFeatures", { ...full, osFeatures: ["a"] }],
    ["osFeatures", { ...full, osFeatures: ["a", "a"] }],
    ["features", { ...full, features: ["c", "d", "e"] }],
  ])("does not hold if %s is another", (_, other) => {
    expect(platformEquals(full, other)).toBe(false);
    expect(platformEquals(other, full)).toBe(false);
  });

  it("alters neither", () => {
    const features = Object.freeze(["b", "a"]);
    platformEquals({ ...full, features }, { ...full, features: Object.freeze(["a", "b"]) });
    expect(features).toEqual(["b", "a"]);
  });
});

describe("platformSatisfies", () => {
  it("holds for a specification that gives nothing, or less", () => {
    expect(platformSatisfies(full, { architecture: "", os: "" })).toBe(true);
    expect(platformSatisfies(full, { architecture: "arm64", os: "linux", osFeatures: ["b"] })).toBe(true);
    expect(platformSatisfies(full, full)).toBe(true);
  });

  it("does not hold if something that is asked for is missing or another", () => {
    expect(platformSatisfies(full, { ...full, variant: "v7" })).toBe(false);
    expect(platformSatisfies(full, { ...full, features: ["c", "e"] })).toBe(false);
    expect(platformSatisfies({ architecture: "arm64", os: "linux" }, full)).toBe(false);
  });
});
