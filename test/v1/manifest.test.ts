import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  dockerConfigJSON,
  dockerLayer,
  dockerManifestSchema2,
  encodeIndexManifest,
  encodeManifest,
  newHash,
  parseIndexManifest,
  parseManifest,
} from "../../src/v1/index.js";
import { bytesOfText, hash, index, manifest, textOf } from "./documents.js";

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

describe("manifests", () => {
  it("an empty image's is that of appendix A, byte for byte", () => {
    const bytes = encodeManifest({
      schemaVersion: 2,
      mediaType: dockerManifestSchema2,
      config: {
        mediaType: dockerConfigJSON,
        size: 115,
        digest: newHash("sha256:5b943e2b943f6c81dbbd4e2eca5121f4fcc39139e3d1219d6d89bd925b77d9fe"),
      },
      layers: [],
    });
    expect(bytes).toHaveLength(264);
    expect(sha256(bytes)).toBe("732112270d7e59418a8c080b134b24cabd67d250d0d0147a97ed95ba5c280aa4");
    expect(textOf(bytes)).toContain('"layers":[]');
  });

  it('that of an image with the one layer "hello" is that of appendix A', () => {
    const bytes = encodeManifest({
      schemaVersion: 2,
      mediaType: dockerManifestSchema2,
      config: {
        mediaType: dockerConfigJSON,
        size: 233,
        digest: newHash("sha256:5c6252906e515b45399e41fda0307669c92e15d7745ea0d49670fe37c5c1b568"),
      },
      layers: [
        {
          mediaType: dockerLayer,
          size: 33,
          digest: newHash("sha256:fea18e61e685ee819a2f58c95ab3288f449548dfe3fdb43c1ee91673e88264c6"),
        },
      ],
    });
    expect(bytes).toHaveLength(422);
    expect(sha256(bytes)).toBe("7409892c914f2b5652a3933465c7f252d8ff31c0aba393d4cf58af06480e876f");
  });

  it("the empty index is that of appendix A, byte for byte", () => {
    const bytes = encodeIndexManifest({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.index.v1+json",
      manifests: [],
    });
    expect(textOf(bytes)).toBe(
      '{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}',
    );
    expect(sha256(bytes)).toBe("dff9de10919148711140d349bf03f1a99eb06f94b03e51715ccebfa7cdc518e2");
  });

  it("are read back as they were written, with every field", () => {
    expect(parseManifest(encodeManifest(manifest))).toEqual(manifest);
    expect(parseIndexManifest(encodeIndexManifest(index))).toEqual(index);
  });

  it("tell lists that are empty from lists that were never given", () => {
    const without = { schemaVersion: 2, config: { mediaType: "", size: 0, digest: hash("0") } };
    expect(textOf(encodeManifest(without))).toContain('"layers":null');
    expect(parseManifest(encodeManifest(without))).toEqual(without);
    expect(parseManifest(encodeManifest({ ...without, layers: [] }))).toEqual({ ...without, layers: [] });
    expect(textOf(encodeIndexManifest({ schemaVersion: 2 }))).toBe('{"schemaVersion":2,"manifests":null}');
    expect(parseIndexManifest(bytesOfText('{"manifests":null}'))).toEqual({ schemaVersion: 0 });
  });

  it("leave out what is empty, in the order of Go's fields", () => {
    const empty = {
      schemaVersion: 2,
      mediaType: "",
      config: {
        mediaType: "",
        size: 0,
        digest: hash("0"),
        data: new Uint8Array(0),
        urls: [],
        annotations: {},
        platform: { architecture: "", os: "", osVersion: "", osFeatures: [], variant: "", features: [] },
        artifactType: "",
      },
      layers: [],
      annotations: {},
      artifactType: "",
    };
    expect(textOf(encodeManifest(empty))).toBe(
      `{"schemaVersion":2,"config":{"mediaType":"","size":0,"digest":"sha256:${"0".repeat(64)}","platform":{"architecture":"","os":""}},"layers":[]}`,
    );
  });

  it("keep digests by sha512", () => {
    const digest = `sha512:${"ab".repeat(64)}`;
    const bytes = bytesOfText(`{"config":{"size":1,"digest":"${digest}"}}`);
    expect(String(parseManifest(bytes).config.digest)).toBe(digest);
    expect(textOf(encodeManifest(parseManifest(bytes)))).toContain(digest);
  });

  it("take sizes up to 2^53 - 1, and no other numbers", () => {
    const withSize = (size: string): Uint8Array =>
      bytesOfText(`{"config":{"size":${size},"digest":"${hash("1")}"}}`);
    expect(parseManifest(withSize("9007199254740991")).config.size).toBe(9007199254740991);
    expect(textOf(encodeManifest(parseManifest(withSize("9007199254740991"))))).toContain(
      '"size":9007199254740991',
    );
    for (const size of ["9007199254740992", "1e400", "-1", "1.5", '"1"', "true", "[1]"]) {
      expect(() => parseManifest(withSize(size)), size).toThrow(/^invalid manifest: "config\.size" is /);
    }
  });

  it.each([
    ["{}", '"config" is missing'],
    ['{"config":{}}', '"config.size" is missing'],
    ['{"config":{"size":1}}', '"config.digest" is missing'],
    ['{"config":[]}', '"config" is not an object'],
    [
      '{"config":{"size":1,"digest":"sha256:1"}}',
      '"config.digest" is not a digest (wrong number of hex digits',
    ],
    [
      '{"config":{"size":1,"digest":"md5:00"}}',
      '"config.digest" is not a digest (unsupported hash algorithm',
    ],
  ])("say what is wrong with %s", (json, problem) => {
    expect(() => parseManifest(bytesOfText(json))).toThrow(`invalid manifest: ${problem}`);
  });

  it("say which element of a list is wrong, and keep hostile text out of the message", () => {
    const good = `{"size":1,"digest":"${hash("1")}"}`;
    expect(() => parseManifest(bytesOfText(`{"config":${good},"layers":[${good},{"size":1}]}`))).toThrow(
      'invalid manifest: "layers[1].digest" is missing',
    );
    const hostile = JSON.stringify("\u001b[2J\n".repeat(100));
    const error = (() => {
      try {
        parseManifest(bytesOfText(`{"config":${good},"annotations":{${hostile}:7}}`));
      } catch (thrown) {
        return thrown as Error;
      }
      return new Error("not refused");
    })();
    expect(error.message).toMatch(/^invalid manifest: "annotations\.\\u001b\[2J/);
    expect(error.message).toMatch(/^[ -~]*$/);
    expect(error.message.length).toBeLessThan(1000);
  });

  it("keep base64 data as bytes, and refuse what is not base64", () => {
    const withData = (data: string): Uint8Array =>
      bytesOfText(`{"config":{"size":1,"digest":"${hash("1")}","data":"${data}"}}`);
    expect(parseManifest(withData("AH+A/w==")).config.data).toEqual(Uint8Array.of(0, 127, 128, 255));
    expect(parseManifest(withData("")).config).not.toHaveProperty("data");
    expect(() => parseManifest(withData("A"))).toThrow('"config.data" is not base64');
    expect(() => parseManifest(withData("AH-A_w"))).toThrow('"config.data" is not base64');
  });

  it("keep annotations of any name as own properties, whatever they are called", () => {
    const read = parseIndexManifest(
      bytesOfText('{"annotations":{"__proto__":"x","constructor":"y","a":"z"}}'),
    );
    expect(Object.keys(read.annotations ?? {})).toEqual(["__proto__", "constructor", "a"]);
    expect(Object.getPrototypeOf(read.annotations)).toBe(Object.prototype);
    expect(textOf(encodeIndexManifest(read))).toContain(
      '"annotations":{"__proto__":"x","a":"z","constructor":"y"}',
    );
  });

  it("read no field of an object's prototype", () => {
    expect(() => parseManifest(bytesOfText('{"__proto__":{"config":{}}}'))).toThrow('"config" is missing');
  });
});
