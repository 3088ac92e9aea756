import { describe, expect, it } from "vitest";
import * as mediaTypes from "../../src/v1/media-type.js";

/** Each constant with its text and the predicates that hold for it; `isDistributable` is listed where it fails. */
const EXPECTED: Record<string, [text: string, ...facts: string[]]> = {
  ociContentDescriptor: ["application/vnd.oci.descriptor.v1+json"],
  ociImageIndex: ["application/vnd.oci.image.index.v1+json", "isIndex"],
  ociManifestSchema1: ["application/vnd.oci.image.manifest.v1+json", "isImage"],
  ociConfigJSON: ["application/vnd.oci.image.config.v1+json", "isConfig"],
  ociLayer: ["application/vnd.oci.image.layer.v1.tar+gzip", "isLayer"],
  ociLayerZStd: ["application/vnd.oci.image.layer.v1.tar+zstd", "isLayer"],
  ociRestrictedLayer: [
    "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
    "isLayer",
    "not distributable",
  ],
  ociUncompressedLayer: ["application/vnd.oci.image.layer.v1.tar", "isLayer"],
  ociUncompressedRestrictedLayer: [
    "application/vnd.oci.image.layer.nondistributable.v1.tar",
    "isLayer",
    "not distributable",
  ],
  dockerManifestSchema1: ["application/vnd.docker.distribution.manifest.v1+json", "isSchema1"],
  dockerManifestSchema1Signed: ["application/vnd.docker.distribution.manifest.v1+prettyjws", "isSchema1"],
  dockerManifestSchema2: ["application/vnd.docker.distribution.manifest.v2+json", "isImage"],
  dockerManifestList: ["application/vnd.docker.distribution.manifest.list.v2+json", "isIndex"],
  dockerLayer: ["application/vnd.docker.image.rootfs.diff.tar.gzip", "isLayer"],
  dockerConfigJSON: ["application/vnd.docker.container.image.v1+json", "isConfig"],
  dockerPluginConfig: ["application/vnd.docker.plugin.v1+json"],
  dockerForeignLayer: [
    "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
    "isLayer",
    "not distributable",
  ],
  dockerUncompressedLayer: ["application/vnd.docker.image.rootfs.diff.tar", "isLayer"],
};

const PREDICATES = {
  isImage: mediaTypes.isImage,
  isIndex: mediaTypes.isIndex,
  isConfig: mediaTypes.isConfig,
  isLayer: mediaTypes.isLayer,
  isSchema1: mediaTypes.isSchema1,
};

const constants = Object.entries(mediaTypes).filter(([, value]) => typeof value === "string");

describe("media types", () => {
  it("has nine constants of OCI's, nine of Docker's, and no others", () => {
    const names = constants.map(([name]) => name);
    expect(names.sort()).toEqual(Object.keys(EXPECTED).sort());
    expect(names.filter((name) => name.startsWith("oci"))).toHaveLength(9);
    expect(names.filter((name) => name.startsWith("docker"))).toHaveLength(9);
  });

  it("gives no two constants the same text", () => {
    expect(new Set(constants.map(([, value]) => value)).size).toBe(constants.length);
  });

  it.each(Object.entries(EXPECTED))("knows what %s is", (name, [text, ...facts]) => {
    expect(Object.fromEntries(constants)[name]).toBe(text);
    for (const [predicate, holds] of Object.entries(PREDICATES)) {
      expect([predicate, holds(text)]).toEqual([predicate, facts.includes(predicate)]);
    }
    expect(mediaTypes.isDistributable(text)).toBe(!facts.includes("not distributable"));
  });

  it("counts eight types as layers", () => {
    expect(Object.values(EXPECTED).filter(([text]) => mediaTypes.isLayer(text))).toHaveLength(8);
  });

  it.each([
    "",
    "application/json",
    "constructor",
    "__proto__",
    "APPLICATION/VND.OCI.IMAGE.INDEX.V1+JSON",
    "application/vnd.oci.image.layer.v1.tar+gzip; charset=utf-8",
  ])("takes the unknown type %j for none of them, and for distributable", (text) => {
    for (const holds of Object.values(PREDICATES)) {
      expect(holds(text)).toBe(false);
    }
    expect(mediaTypes.isDistributable(text)).toBe(true);
  });
});
