import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VarveError } from "../../src/core/error.js";
import { emptyHash, Hash, HashError, hashFromBytes, newHash } from "../../src/v1/hash.js";

const SHA256 = "27dd1f61b867b6a0f6e9d8a41c43231de52107e53ae424de8f847b821db4b711";
const SHA512 = createHash("sha512").update("varve").digest("hex");

function refusal(attempt: () => unknown): HashError {
  try {
    attempt();
  } catch (error) {
    expect(error).toBeInstanceOf(HashError);
    return error as HashError;
  }
  throw new Error("was accepted");
}

describe("newHash", () => {
  it.each([
    ["sha256", SHA256],
    ["sha512", SHA512],
  ])("parses a %s and gives the same text back", (algorithm, hex) => {
    const hash = newHash(`${algorithm}:${hex}`);
    expect(hash.algorithm).toBe(algorithm);
    expect(hash.hex).toBe(hex);
    expect(String(hash)).toBe(`${algorithm}:${hex}`);
  });

  it.each([
    ["nothing", ""],
    ["no colon", SHA256],
    ["two colons", `sha256:${SHA256}:`],
    ["an algorithm with a tag", `sha256:sha256:${SHA256}`],
  ])("cannot parse text with %s", (_what, text) => {
    expect(refusal(() => newHash(text)).message).toMatch(/^cannot parse hash ".*": expected algorithm:hex/);
  });

  it.each([
    ["a letter past f", `sha256:${SHA256.slice(1)}g`, '"g"'],
    ["an upper-case digit", `sha256:${SHA256.toUpperCase()}`, '"D"'],
    ["a space", `sha256: ${SHA256.slice(1)}`, '" "'],
    ["a line break at the end", `sha256:${SHA256}\n`, '"\\u000a"'],
    ["a digit of another script", `sha256:${SHA256.slice(1)}\u0663`, '"\\u0663"'],
    ["a character of an unsupported algorithm too", "md5:xyz", '"x"'],
  ])("names the non-hex character: %s", (_what, text, character) => {
    expect(refusal(() => newHash(text)).message).toContain(`found non-hex character ${character} in hash`);
  });

  it.each([
    ["no digits", "sha256:", 64, 0],
    ["one digit less", `sha256:${SHA256.slice(1)}`, 64, 63],
    ["one digit more", `sha256:${SHA256}0`, 64, 65],
    ["sha512's digits under sha256", `sha256:${SHA512}`, 64, 128],
    ["sha256's digits under sha512", `sha512:${SHA256}`, 128, 64],
  ])("tells the wrong number of digits from the right one: %s", (_what, text, right, wrong) => {
    const { message } = refusal(() => newHash(text));
    expect(message).toContain("wrong number of hex digits");
    expect(message).toContain(`has ${right}, this has ${wrong}`);
  });

  it.each(["md5", "sha1", "sha384", "SHA256", "sha256 ", "", "constructor"])(
    "refuses the algorithm %j, and names those it supports",
    (algorithm) => {
      const { message } = refusal(() => newHash(`${algorithm}:${SHA256}`));
      expect(message).toBe(`unsupported hash algorithm "${algorithm}": supported are sha256, sha512`);
    },
  );

  it("throws a VarveError with a stable code that is not worth retrying", () => {
    const error = refusal(() => newHash("x"));
    expect(error).toBeInstanceOf(VarveError);
    expect(error).toMatchObject({ name: "HashError", code: "ERR_VARVE_HASH", retryable: false });
  });

  it("never throws anything but HashError, and parses nothing that it would not write", () => {
    const nearly = fc
      .tuple(
        fc.constantFrom("sha256", "sha512", "sha1", ""),
        fc.constantFrom(":", "", "::", "@"),
        fc.string({ unit: fc.constantFrom(..."0123456789abcdefAg:"), maxLength: 130 }),
      )
      .map((parts) => parts.join(""));
    const valid = fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .map((bytes) => `sha256:${Buffer.from(bytes).toString("hex")}`);
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), nearly, valid), (text) => {
        try {
          expect(newHash(text).toString()).toBe(text);
        } catch (error) {
          expect(error).toBeInstanceOf(HashError);
        }
      }),
    );
  });

  it("keeps an endless or hostile text out of the message", () => {
    const { message } = refusal(() => newHash(`\u001b[2J\u202e${"a".repeat(1_000_000)}`));
    expect(message.length).toBeLessThan(300);
    expect(message).toMatch(/^[ -~]*$/);
  });
});

describe("Hash", () => {
  it("is equal to another of the same algorithm and digits, and to no other", () => {
    const hash = newHash(`sha256:${SHA256}`);
    expect(hash.equals(new Hash("sha256", SHA256))).toBe(true);
    expect(hash.equals(emptyHash)).toBe(false);
    expect(hash.equals(newHash(`sha512:${SHA512}`))).toBe(false);
    expect(hash.equals({ ...hash, algorithm: "sha512" } as Hash)).toBe(false);
  });

  it("cannot be changed", () => {
    const hash = newHash(`sha256:${SHA256}`) as { hex: string; algorithm: string };
    expect(() => {
      hash.hex = "00";
    }).toThrow(TypeError);
    expect(() => {
      hash.algorithm = "sha512";
    }).toThrow(TypeError);
    expect(String(hash)).toBe(`sha256:${SHA256}`);
  });

  it("is written as a string in JSON", () => {
    expect(JSON.stringify({ digest: newHash(`sha256:${SHA256}`) })).toBe(`{"digest":"sha256:${SHA256}"}`);
  });

  it("checks what its constructor is given, as newHash does", () => {
    expect(refusal(() => new Hash("sha256", "abc")).message).toContain("wrong number of hex digits");
    expect(refusal(() => new Hash("crc32", "00000000")).message).toContain("unsupported hash algorithm");
    expect(refusal(() => new Hash("sha256", "zz")).message).toContain("non-hex character");
  });

  it("has the SHA-256 of no bytes ready", () => {
    expect(emptyHash.hex).toBe(createHash("sha256").digest("hex"));
  });
});

describe("hashFromBytes", () => {
  it.each([
    ["sha256", 32],
    ["sha512", 64],
  ])("writes the %i bytes of a %s as hex", (algorithm, length) => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: length as number, maxLength: length as number }), (bytes) => {
        expect(hashFromBytes(algorithm as string, bytes).hex).toBe(Buffer.from(bytes).toString("hex"));
      }),
    );
  });

  it("refuses bytes of another number than the algorithm's, and other algorithms", () => {
    expect(refusal(() => hashFromBytes("sha256", new Uint8Array(31))).message).toContain(
      "has 64, this has 62",
    );
    expect(refusal(() => hashFromBytes("sha512", new Uint8Array(32))).message).toContain(
      "has 128, this has 64",
    );
    expect(refusal(() => hashFromBytes("sha1", new Uint8Array(20))).message).toContain("unsupported");
  });

  it("keeps nothing of the array that it was given", () => {
    const bytes = new Uint8Array(32);
    const hash = hashFromBytes("sha256", bytes);
    bytes.fill(255);
    expect(hash.hex).toBe("0".repeat(64));
  });
});
