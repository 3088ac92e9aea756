import { describe, expect, it } from "vitest";
import { appendLayers, config, configFile, createdAt, TimeError } from "../../src/mutate/index.js";
import { newLayer } from "../../src/stream/index.js";
import { NotComputedError, UnsupportedError, zeroTime } from "../../src/v1/index.js";
import { imageOf, imageOfBytes, MemoryLayer, readBytes, sha256, utf8 } from "./fixture/images.js";

const bottom = new MemoryLayer(utf8("bottom"));
const base = imageOf([bottom], {
  author: "somebody",
  created: "2020-01-01T00:00:00Z",
  history: [{ createdBy: "bottom" }],
  config: { cmd: ["sh"] },
});

describe("config", () => {
  it("replaces how the image is run, and nothing else", async () => {
    const image = config(base, { env: ["A=b"] });
    expect(await image.configFile()).toEqual({ ...(await base.configFile()), config: { env: ["A=b"] } });
    const own = await base.manifest();
    const raw = await image.rawConfigFile();
    const described = { ...own.config, digest: sha256(raw), size: raw.length };
    expect(await image.manifest()).toEqual({ ...own, config: described });
  });

  it("works on an image with a stream that is still to be read, which then is in the configuration", async () => {
    const stream = newLayer(utf8("stream"));
    const image = config(appendLayers(base, stream), { user: "nobody" });
    await expect(image.configFile()).rejects.toThrow(NotComputedError);
    await readBytes(await stream.compressed());
    const { rootfs, config: run } = await image.configFile();
    expect(rootfs.diffIDs).toHaveLength(2);
    expect(run).toEqual({ user: "nobody" });
  });

  it("refuses a configuration that is no image's", async () => {
    const raw = utf8("{}");
    const described = { mediaType: "application/x\u001b", size: 2, digest: sha256(raw) };
    const artifact = imageOfBytes([], raw, { config: described });
    for (const image of [config(artifact, {}), createdAt(artifact, zeroTime)]) {
      await expect(image.digest()).rejects.toThrow(UnsupportedError);
      await expect(image.digest()).rejects.toThrow(/media type "application\/x\\u001b".*configFile/);
    }
  });
});

describe("configFile", () => {
  it("replaces the whole configuration, and keeps the layers of the manifest", async () => {
    const file = { architecture: "arm64", os: "linux", rootfs: { type: "layers" }, config: {} };
    const image = configFile(base, file);
    expect(await image.configFile()).toEqual(file);
    expect((await image.manifest()).layers).toEqual((await base.manifest()).layers);
    expect(await image.layers()).toHaveLength(1);
  });

  it("replaces the configuration of an artifact, which is not read", async () => {
    const raw = utf8("not JSON");
    const described = { mediaType: "application/x", size: raw.length, digest: sha256(raw) };
    const artifact = imageOfBytes([], raw, { config: described });
    const image = configFile(artifact, await base.configFile());
    expect(await image.rawConfigFile()).toEqual(await base.rawConfigFile());
    expect((await image.manifest()).config).toEqual({
      ...described,
      size: (await base.rawConfigFile()).length,
      digest: await base.configName(),
    });
  });
});

describe("createdAt", () => {
  it("takes RFC 3339 with all of its digits, and a Date", async () => {
    const text = "2021-02-03T04:05:06.123456789+01:00";
    expect((await createdAt(base, text).configFile()).created).toBe(text);
    expect((await createdAt(base, new Date(1.5e12)).configFile()).created).toBe("2017-07-14T02:40:00Z");
    expect((await createdAt(base, "2021-02-03T04:05:06.500Z").configFile()).created).toBe(
      "2021-02-03T04:05:06.5Z",
    );
  });

  it.each(["yesterday", "2021-02-30T00:00:00Z", "", "2021-02-03"])("refuses %j at once", (text) => {
    expect(() => createdAt(base, text)).toThrow(TimeError);
  });

  it("refuses an invalid Date at once", () => {
    expect(() => createdAt(base, new Date(Number.NaN))).toThrow(TimeError);
  });
});

describe("an image whose configuration is left alone", () => {
  it("keeps the configuration's bytes, with what nobody here knows in it", async () => {
    const raw = utf8(`{"os":"linux", "x-unknown": 1,"rootfs":{"type":"layers"}}\n`);
    const own = imageOfBytes([], raw);
    const { annotations } = await import("../../src/mutate/index.js");
    const image = annotations(own, { a: "b" });
    expect(await image.rawConfigFile()).toEqual(raw);
    expect((await image.manifest()).config).toEqual((await own.manifest()).config);
  });
});
