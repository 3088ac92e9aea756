import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { detectCompression, MAGIC_BYTES } from "../../src/v1/index.js";
import { skippable } from "../fixtures/zstd.js";

describe("detectCompression", () => {
  it("knows gzip, zstd and zstd's skippable frames by their first bytes", () => {
    expect(detectCompression(gzipSync("x"))).toBe("gzip");
    expect(detectCompression(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x20))).toBe("zstd");
    for (let nibble = 0; nibble < 16; nibble++) {
      expect(detectCompression(skippable(new Uint8Array(0), nibble))).toBe("zstd");
    }
  });

  it.each([
    ["nothing", []],
    ["half of gzip's magic", [0x1f]],
    ["three quarters of zstd's", [0x28, 0xb5, 0x2f]],
    ["zstd's from the wrong end", [0xfd, 0x2f, 0xb5, 0x28]],
    ["zstd of a format before 1.0", [0x27, 0xb5, 0x2f, 0xfd]],
    ["a skippable frame's with another first byte", [0x60, 0x2a, 0x4d, 0x18]],
    ["bzip2", [0x42, 0x5a, 0x68, 0x39]],
    ["the name of a tar's first file", [0x65, 0x74, 0x63, 0x2f]],
  ])("takes %s as not compressed", (_, bytes) => {
    expect(detectCompression(Uint8Array.from(bytes))).toBe("none");
  });

  it("needs no more bytes than it says", () => {
    fc.assert(
      fc.property(
        fc.constantFrom([0x1f, 0x8b], [0x28, 0xb5, 0x2f, 0xfd], [0x53, 0x2a, 0x4d, 0x18], []),
        fc.uint8Array({ minLength: 4, maxLength: 20 }),
        (magic, rest) => {
          const bytes = Uint8Array.from([...magic, ...rest]);
          expect(detectCompression(bytes)).toBe(detectCompression(bytes.subarray(0, MAGIC_BYTES)));
        },
      ),
    );
  });
});
