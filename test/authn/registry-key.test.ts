import { describe, expect, it } from "vitest";
import { keysFor, serverOf } from "../../src/authn/registry-key.js";
import { resourceOf } from "./resource.js";

describe("keysFor", () => {
  it("takes the full name first, then its beginnings, then the host", () => {
    const keys = ["quay.io", "quay.io/team/app", "quay.io/team", "quay.io/team/ap", "quay.io/other"];
    expect(keysFor(resourceOf("quay.io/team/app"), keys)).toEqual([
      "quay.io/team/app",
      "quay.io/team",
      "quay.io",
    ]);
    expect(keysFor(resourceOf("quay.io"), keys)).toEqual(["quay.io"]);
  });

  it.each([
    "https://registry.example:5000/v1/",
    "https://registry.example:5000/v2/",
    "https://registry.example:5000/v2",
    "http://registry.example:5000/v1/",
    "http://registry.example:5000",
    "https://registry.example:5000/",
    "registry.example:5000/v1/",
    "registry.example:5000/v2//",
    "registry.example:5000/",
    "REGISTRY.example:5000",
  ])("takes %s for the host", (key) => {
    expect(keysFor(resourceOf("registry.example:5000/team/app"), [key])).toEqual([key]);
  });

  it.each([
    "registry.example",
    "https://registry.example/v1/",
    "registry.example:5000.evil.example",
    "evil.example/registry.example:5000",
    "https://evil.example/registry.example:5000/v1/",
    "https://registry.example:5000/v3/",
    "ftp://registry.example:5000",
    "user@registry.example:5000",
    "xregistry.example:5000",
    "registry.example:5000/v1",
    "registry.example:5000/v2",
    "registry.example:5000/v2/team",
    "registry.example:5000/other",
    "https://registry.example:5000/other/",
    "registry.example:5000/team/ap",
    "registry.example:5000/team/app/more",
    "",
    "/",
  ])("does not take %j for registry.example:5000/team/app", (key) => {
    expect(keysFor(resourceOf("registry.example:5000/team/app"), [key])).toEqual([]);
  });

  it("takes a namespace that is called like an interface for a namespace, as podman does", () => {
    expect(keysFor(resourceOf("quay.io/v1/app"), ["quay.io/v1", "quay.io/v2"])).toEqual(["quay.io/v1"]);
    expect(keysFor(resourceOf("quay.io/v1"), ["quay.io/v1"])).toEqual(["quay.io/v1"]);
    expect(keysFor(resourceOf("quay.io/v11/app"), ["quay.io/v1"])).toEqual([]);
  });

  it("prefers the key that is written just so, wherever it stands", () => {
    const keys = ["https://gcr.io/v1/", "gcr.io", "https://gcr.io"];
    expect(keysFor(resourceOf("gcr.io/app"), keys)).toEqual([
      "gcr.io",
      "https://gcr.io/v1/",
      "https://gcr.io",
    ]);
  });

  it("knows Docker Hub by Docker's address first, and by both of its hosts", () => {
    const keys = ["docker.io", "index.docker.io", "https://index.docker.io/v1/", "docker.io/library/ubuntu"];
    expect(keysFor(resourceOf("ubuntu"), keys)).toEqual([
      "docker.io/library/ubuntu",
      "https://index.docker.io/v1/",
      "docker.io",
      "index.docker.io",
    ]);
    expect(keysFor(resourceOf("xdocker.io/app"), keys)).toEqual([]);
  });

  it("does not take a name for more than it is when it does not begin with its host", () => {
    const odd = { toString: () => "gcr.io.evil.example/app", registryStr: () => "gcr.io" };
    expect(keysFor(odd, ["gcr.io.evil.example/app", "gcr.io"])).toEqual(["gcr.io"]);
  });
});

describe("serverOf", () => {
  it("is the host, but for Docker Hub its address", () => {
    expect(serverOf("gcr.io:443")).toBe("gcr.io:443");
    expect(serverOf("index.docker.io")).toBe("https://index.docker.io/v1/");
    expect(serverOf("docker.io")).toBe("https://index.docker.io/v1/");
  });
});
