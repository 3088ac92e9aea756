import { beforeAll, describe, expect, it } from "vitest";
import { CompressionLevelError, init, type Machine, VarveError } from "../../src/core/index.js";
import {
  type Compression,
  compressionByName,
  gzip,
  none,
  registerCompression,
  UnknownCompressionError,
} from "../../src/v1/compression.js";

function run(machine: Machine, input: Uint8Array): Uint8Array[] {
  const output: Uint8Array[] = [];
  const drain = () => {
    for (let piece = machine.take(); piece !== undefined; piece = machine.take()) {
      output.push(piece.slice());
    }
  };
  for (let offset = 0; offset < input.length; ) {
    offset = machine.update(input, offset);
    drain();
  }
  machine.finish();
  drain();
  return output;
}

beforeAll(() => init());

describe("compressionByName", () => {
  it("finds gzip and none", () => {
    expect(compressionByName("gzip")).toBe(gzip);
    expect(compressionByName("none")).toBe(none);
  });

  it.each(["", "GZIP", "gz", "brotli", "constructor", "__proto__", "gzip "])(
    "refuses %j, and names those that exist",
    (name) => {
      let thrown: unknown;
      try {
        compressionByName(name);
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBeInstanceOf(UnknownCompressionError);
      expect(thrown).toBeInstanceOf(VarveError);
      expect(thrown).toMatchObject({
        name: "UnknownCompressionError",
        code: "ERR_VARVE_UNKNOWN_COMPRESSION",
        message: `unknown compression "${name}": choose one of gzip, none`,
      });
    },
  );
});

describe("registerCompression", () => {
  it("says what to import for a zstd that is not there", () => {
    expect(() => compressionByName("zstd")).toThrow(
      'unknown compression "zstd": choose one of gzip, none; zstd is there once "varve/zstd" has been imported',
    );
  });

  it("lets a compression be found, and named in the error, by its name", () => {
    const own: Compression = { ...none, name: "own" };
    registerCompression(own);
    expect(compressionByName("own")).toBe(own);
    expect(() => compressionByName("other")).toThrow("choose one of gzip, none, own");
  });
});

describe("gzip", () => {
  it("is called gzip, and makes Docker layers by default", () => {
    expect(gzip.name).toBe("gzip");
    expect(gzip.defaultMediaType).toBe("application/vnd.docker.image.rootfs.diff.tar.gzip");
  });

  it.each([0, 1])("hands its level on to its machine: level %i", (level) => {
    const machine = gzip.newMachine(level);
    const header = run(machine, new Uint8Array(1000))[0]!;
    expect([...header.subarray(0, 3)]).toEqual([0x1f, 0x8b, 0x08]);
    expect(header[8]).toBe(level === 1 ? 4 : 0);
    machine.release();
  });

  it("throws for a level that it does not have", () => {
    expect(() => gzip.newMachine(42)).toThrow(CompressionLevelError);
  });
});

describe("none", () => {
  it("is called none, and makes uncompressed Docker layers by default", () => {
    expect(none.name).toBe("none");
    expect(none.defaultMediaType).toBe("application/vnd.docker.image.rootfs.diff.tar");
  });

  it("hands the input out as it is, with one digest for both, whatever the level", () => {
    const machine = none.newMachine(42);
    const input = Uint8Array.from({ length: 1000 }, (_, index) => index % 251);
    expect(Buffer.concat(run(machine, input)).equals(input)).toBe(true);
    const { digest, diffID, size, uncompressedSize } = machine.result();
    expect(digest).toEqual(diffID);
    expect([size, uncompressedSize]).toEqual([1000, 1000]);
    machine.release();
  });
});
