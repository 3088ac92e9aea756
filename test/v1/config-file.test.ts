import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import {
  type Config,
  configPlatform,
  encodeConfigFile,
  nameSet,
  newHash,
  parseConfigFile,
} from "../../src/v1/index.js";
import { bytesOfText, config, textOf } from "./documents.js";

const EMPTY = { architecture: "", os: "", rootfs: { type: "layers" }, config: {} };

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

describe("configurations", () => {
  it("an empty image's is that of appendix A, byte for byte", () => {
    const bytes = encodeConfigFile(EMPTY);
    expect(textOf(bytes)).toBe(
      '{"architecture":"","created":"0001-01-01T00:00:00Z","os":"","rootfs":{"type":"layers","diff_ids":null},"config":{}}',
    );
    expect(bytes).toHaveLength(115);
    expect(sha256(bytes)).toBe("5b943e2b943f6c81dbbd4e2eca5121f4fcc39139e3d1219d6d89bd925b77d9fe");
  });

  it('that of an image with the one layer "hello" and a history entry is that of appendix A', () => {
    const diffID = "sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    const bytes = encodeConfigFile({
      ...EMPTY,
      history: [{}],
      rootfs: { type: "layers", diffIDs: [newHash(diffID)] },
    });
    expect(textOf(bytes)).toBe(
      `{"architecture":"","created":"0001-01-01T00:00:00Z","history":[{"created":"0001-01-01T00:00:00Z"}],"os":"","rootfs":{"type":"layers","diff_ids":["${diffID}"]},"config":{}}`,
    );
    expect(bytes).toHaveLength(233);
    expect(sha256(bytes)).toBe("5c6252906e515b45399e41fda0307669c92e15d7745ea0d49670fe37c5c1b568");
  });

  it("are read back as they were written, with every field", () => {
    expect(parseConfigFile(encodeConfigFile(config))).toEqual(config);
  });

  it("tell diffIDs that are an empty list from those that were never given", () => {
    expect(textOf(encodeConfigFile({ ...EMPTY, rootfs: { type: "layers", diffIDs: [] } }))).toContain(
      '"diff_ids":[]',
    );
    expect(parseConfigFile(bytesOfText('{"rootfs":{"diff_ids":[]}}')).rootfs.diffIDs).toEqual([]);
    expect(parseConfigFile(bytesOfText('{"rootfs":{"diff_ids":null}}')).rootfs).toEqual({ type: "" });
  });

  it("have the fields of how a container is run in Go's order, and nothing that is empty", () => {
    const empty: Config = {
      tty: false,
      cmd: [],
      labels: {},
      volumes: {},
      user: "",
      healthcheck: {},
      exposedPorts: nameSet([]),
    };
    expect(textOf(encodeConfigFile({ ...EMPTY, config: empty }))).toContain('"config":{"Healthcheck":{}}');
    const written = JSON.parse(textOf(encodeConfigFile(config))) as { config: object };
    expect(Object.keys(written.config)).toEqual([
      ..."AttachStderr AttachStdin AttachStdout Cmd Healthcheck Domainname Entrypoint Env Hostname Image".split(
        " ",
      ),
      ..."Labels OnBuild OpenStdin StdinOnce Tty User Volumes WorkingDir ExposedPorts ArgsEscaped".split(" "),
      ..."NetworkDisabled MacAddress StopSignal Shell".split(" "),
    ]);
  });

  it("have sets of names as objects of nothing, sorted", () => {
    const bytes = encodeConfigFile({
      ...EMPTY,
      config: { exposedPorts: nameSet(["80/udp", "8080/tcp", "80/tcp", "80/tcp"]) },
    });
    expect(textOf(bytes)).toContain('"ExposedPorts":{"80/tcp":{},"80/udp":{},"8080/tcp":{}}');
    expect(parseConfigFile(bytes).config.exposedPorts).toEqual(nameSet(["80/tcp", "80/udp", "8080/tcp"]));
  });

  it("take a time that is no time for an error that says where", () => {
    expect(() => parseConfigFile(bytesOfText('{"history":[{},{"created":"noon"}]}'))).toThrow(
      'invalid image configuration: "history[1].created" is not a time of RFC 3339',
    );
  });

  it("say what platform they are for", () => {
    expect(configPlatform(config)).toEqual({
      architecture: "amd64",
      os: "linux",
      osVersion: "10",
      osFeatures: ["f"],
      variant: "v8",
    });
    expect(configPlatform({ ...EMPTY, osVersion: "", osFeatures: [], variant: "" })).toEqual({
      architecture: "",
      os: "",
    });
  });
});
