import { describe, expect, it } from "vitest";
import { quirksOf } from "../../../src/remote/upload/quirks.js";

describe("the quirks of registries", () => {
  it.each([
    ["gcr.io", { chunked: false }],
    ["eu.gcr.io", { chunked: false }],
    ["europe-west1-docker.pkg.dev", { chunked: false }],
    ["ghcr.io", { maximumChunk: 4194304 }],
    [
      "123456789012.dkr.ecr.eu-central-1.amazonaws.com",
      { minimumChunk: 5242880, trustRange: false, canAsk: false },
    ],
    ["123456789012.dkr-ecr.eu-west-1.on.aws", { minimumChunk: 5242880, trustRange: false, canAsk: false }],
    ["public.ecr.aws", { minimumChunk: 5242880, trustRange: false, canAsk: false }],
    ["mine.azurecr.io", { canAsk: false }],
    ["index.docker.io", { monolithic: false }],
    ["team.jfrog.io", { monolithic: false }],
    ["registry.cn-hangzhou.aliyuncs.com", { trustRange: false }],
  ])("of %s are known by its name", (host, quirks) => {
    expect(quirksOf(host)).toEqual(quirks);
    expect(quirksOf(`${host}:443`)).toEqual(quirks);
  });

  it.each(["registry.example", "localhost:5000", "notgcr.io", "ghcr.io.example", "xghcr.io", "toString"])(
    "%s has none",
    (host) => expect(quirksOf(host)).toEqual({}),
  );

  it("can be given for a host: those of a known registry, or any", () => {
    const given = { "zot.example:5000": "zot", "ghcr.io": {}, "own.example": { chunked: false } } as const;
    expect(quirksOf("zot.example:5000", given)).toEqual({ trustRange: false });
    expect(quirksOf("zot.example", given)).toEqual({});
    expect(quirksOf("ghcr.io", given)).toEqual({});
    expect(quirksOf("own.example", given)).toEqual({ chunked: false });
  });

  it.each([
    ["cloudflare", { maximumBody: 95_000_000, maximumChunk: 64 << 20 }],
    ["serverless-registry", { maximumBody: 95_000_000 }],
    ["harbor", {}],
    ["distribution", {}],
  ] as const)("of %s can be given by name", (name, quirks) => {
    expect(quirksOf("registry.example", { "registry.example": name })).toEqual(quirks);
  });
});
