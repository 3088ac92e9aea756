import { describe, expect, it } from "vitest";
import * as empty from "../../src/empty/index.js";
import { newHash } from "../../src/v1/index.js";
import { rejection } from "../stream/fixture/reading.js";

const SOME = newHash(`sha256:${"a".repeat(64)}`);

describe("empty.image", () => {
  it("has the configuration and the manifest that Go's has, byte for byte", async () => {
    const { image } = empty;
    expect(new TextDecoder().decode(await image.rawConfigFile())).toBe(
      '{"architecture":"","created":"0001-01-01T00:00:00Z","os":"","rootfs":{"type":"layers","diff_ids":null},"config":{}}',
    );
    expect(String(await image.configName())).toBe(
      "sha256:5b943e2b943f6c81dbbd4e2eca5121f4fcc39139e3d1219d6d89bd925b77d9fe",
    );
    expect(await image.size()).toBe(264);
    expect(String(await image.digest())).toBe(
      "sha256:732112270d7e59418a8c080b134b24cabd67d250d0d0147a97ed95ba5c280aa4",
    );
  });

  it("has no layers, and says of any that it is unknown", async () => {
    const { image } = empty;
    expect(await image.layers()).toEqual([]);
    expect((await image.manifest()).layers).toEqual([]);
    expect(await image.mediaType()).toBe("application/vnd.docker.distribution.manifest.v2+json");
    for (const refused of [image.layerByDigest(SOME), image.layerByDiffID(SOME)]) {
      expect(await rejection(refused)).toMatchObject({ code: "ERR_VARVE_BLOB_UNKNOWN", hash: SOME });
    }
  });
});

describe("empty.index", () => {
  it("is the index that Go's is, byte for byte", async () => {
    const { index } = empty;
    expect(new TextDecoder().decode(await index.rawManifest())).toBe(
      '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}',
    );
    expect(await index.size()).toBe(88);
    expect(String(await index.digest())).toBe(
      "sha256:dff9de10919148711140d349bf03f1a99eb06f94b03e51715ccebfa7cdc518e2",
    );
  });

  it("has no children, and says of any that it is unknown", async () => {
    const { index } = empty;
    expect(await index.indexManifest()).toEqual({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.index.v1+json",
      manifests: [],
    });
    expect(await index.mediaType()).toBe("application/vnd.oci.image.index.v1+json");
    for (const refused of [index.image(SOME), index.imageIndex(SOME)]) {
      expect(await rejection(refused)).toMatchObject({ code: "ERR_VARVE_BLOB_UNKNOWN", hash: SOME });
    }
  });
});
