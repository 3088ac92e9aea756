import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { verified, verifyCrc32, verifyGzip, verifyLayer, verifySha256 } from "../../bench/verify.mjs";

const input = new TextEncoder().encode("sediment, season after season");
const output = new Uint8Array(gzipSync(input));
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const outcome = { outputBytes: output.length, digest: sha256(output), diffID: sha256(input) };

describe("verifyLayer", () => {
  it("accepts what is right", () => {
    expect(() => verifyLayer(input, outcome, output)).not.toThrow();
  });

  it("refuses a wrong size, a wrong digest and a wrong diffID, each by name", () => {
    expect(() => verifyLayer(input, { ...outcome, outputBytes: 1 }, output)).toThrow("output size");
    expect(() => verifyLayer(input, { ...outcome, digest: sha256(input) }, output)).toThrow("digest");
    expect(() => verifyLayer(input, { ...outcome, diffID: sha256(output) }, output)).toThrow("diffID");
  });

  it("refuses an engine that did not say what it hashed", () => {
    expect(() => verifyLayer(input, { outputBytes: output.length }, output)).toThrow("undefined");
  });
});

describe("verifyGzip", () => {
  it("refuses output that was cut short", () => {
    const short = output.subarray(0, -1);
    expect(() => verifyGzip(input, { outputBytes: short.length }, short)).toThrow();
  });

  it("refuses good gzip of other bytes", () => {
    const other = new Uint8Array(gzipSync("something else"));
    expect(() => verifyGzip(input, { outputBytes: other.length }, other)).toThrow(
      "does not inflate to the input",
    );
  });
});

describe("verifySha256 and verifyCrc32", () => {
  it("accept the published check values", () => {
    const digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    expect(() =>
      verifySha256(Buffer.from("abc"), { outputBytes: 32, digest }, new Uint8Array()),
    ).not.toThrow();
    const crc = 0xcbf43926;
    expect(() =>
      verifyCrc32(Buffer.from("123456789"), { outputBytes: 4, crc }, new Uint8Array()),
    ).not.toThrow();
  });

  it("refuse others", () => {
    expect(() => verifySha256(input, { outputBytes: 32, digest: "" }, output)).toThrow("digest");
    expect(() => verifyCrc32(input, { outputBytes: 4, crc: 0 }, output)).toThrow("CRC-32");
  });
});

describe("verified", () => {
  const contender = {
    engine: "reusing",
    level: 1,
    config: "one buffer for all pieces",
    run(sink?: (piece: Uint8Array) => void) {
      const buffer = new Uint8Array(8);
      for (let offset = 0; offset < output.length; offset += 8) {
        const piece = output.subarray(offset, offset + 8);
        buffer.set(piece);
        sink?.(buffer.subarray(0, piece.length));
      }
      return outcome;
    },
  };

  it("keeps pieces that are valid during the call only", async () => {
    expect(await verified(contender, input, verifyLayer)).toEqual(outcome);
  });

  it("names the engine and how it was used when its work is wrong", async () => {
    await expect(verified(contender, Uint8Array.of(1), verifyLayer)).rejects.toThrow(
      /^reusing \(one buffer for all pieces\) failed before it was timed: its output does not inflate/,
    );
  });

  it("names the engine when it does not run at all", async () => {
    const broken = { ...contender, engine: "broken", run: () => Promise.reject(new Error("no such level")) };
    await expect(verified(broken, input, verifyLayer)).rejects.toThrow(
      /^broken \(.*\) failed .*: no such level$/,
    );
  });
});
