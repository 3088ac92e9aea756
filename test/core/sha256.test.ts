import { createHash } from "node:crypto";
import fc from "fast-check";
import { createSHA256, sha256 as hashWasm } from "hash-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { HashFinishedError, init, Sha256, sha256, toHex, VarveError } from "../../src/core/index.js";
import { ascii, concat, randomBytes } from "../fixtures/bytes.js";
import { cut } from "../fixtures/encode.js";

beforeAll(() => init());

const nodeSha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** The examples of FIPS 180-4 for SHA-256, and the vectors that NIST published beside them. */
const vectors = [
  {
    name: "nothing",
    message: "",
    digest: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  },
  {
    name: "24 bits",
    message: "abc",
    digest: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  },
  {
    name: "448 bits",
    message: "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
    digest: "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
  },
  {
    name: "896 bits",
    message:
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
    digest: "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1",
  },
  {
    name: "a million times a",
    message: "a".repeat(1_000_000),
    digest: "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
  },
];

describe("SHA-256", () => {
  it.each(vectors)("gives the digest that NIST published for $name", ({ message, digest }) => {
    expect(toHex(sha256(ascii(message)))).toBe(digest);
    const hash = new Sha256();
    for (const chunk of cut(ascii(message), [1, 62, 0, 130])) hash.update(chunk);
    expect(toHex(hash.digest())).toBe(digest);
  });

  it("equals node:crypto and hash-wasm for every length from 0 to 300, in one piece and byte by byte", async () => {
    for (let length = 0; length <= 300; length++) {
      const bytes = randomBytes(length, 1 + length);
      const expected = nodeSha256(bytes);
      expect(await hashWasm(bytes)).toBe(expected);
      expect(toHex(sha256(bytes)), `${length} bytes`).toBe(expected);
      const hash = new Sha256();
      for (const chunk of cut(bytes, [1])) hash.update(chunk);
      expect(toHex(hash.digest()), `${length} bytes, one by one`).toBe(expected);
    }
  });

  it("equals node:crypto around the size of its input region and the multiples of it", () => {
    const bytes = randomBytes(3 * 65_536 + 100, 2);
    for (const multiple of [1, 2, 3]) {
      for (const off of [-65, -64, -1, 0, 1, 63, 64, 65]) {
        const message = bytes.subarray(0, multiple * 65_536 + off);
        expect(toHex(sha256(message)), `${message.length} bytes`).toBe(nodeSha256(message));
      }
    }
  });

  it("equals node:crypto byte by byte across its input region", () => {
    const bytes = randomBytes(65_536 + 3, 20);
    const hash = new Sha256();
    for (const chunk of cut(bytes, [1])) hash.update(chunk);
    expect(toHex(hash.digest())).toBe(nodeSha256(bytes));
  });

  it("equals node:crypto and hash-wasm however a message is cut", async () => {
    const message = randomBytes(200_000, 3);
    const oracle = await createSHA256();
    const lengths = fc.array(
      fc.oneof(
        fc.nat({ max: 70 }),
        fc.constantFrom(64, 128, 65_535, 65_536, 65_537),
        fc.nat({ max: 150_000 }),
      ),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(lengths, (cuts) => {
        const hash = new Sha256();
        oracle.init();
        let length = 0;
        for (const cutLength of cuts) {
          const chunk = message.subarray(length % 50_000, (length % 50_000) + cutLength);
          expect(hash.update(chunk)).toBe(hash);
          oracle.update(chunk);
          length += cutLength;
        }
        expect(toHex(hash.digest())).toBe(oracle.digest("hex"));
      }),
      { numRuns: 100 },
    );
  });

  it("copies what it is given: the caller may change it afterwards", () => {
    const bytes = randomBytes(100, 4);
    const expected = nodeSha256(concat(bytes, bytes));
    const scratch = bytes.slice();
    const hash = new Sha256().update(scratch);
    scratch.fill(0);
    expect(toHex(hash.update(bytes).digest())).toBe(expected);
  });

  it("reads views at any offset of their buffer", () => {
    const buffer = randomBytes(1000, 5);
    for (let offset = 0; offset < 20; offset++) {
      const view = buffer.subarray(offset, offset + 500);
      expect(toHex(sha256(view))).toBe(nodeSha256(view));
    }
  });

  it("keeps many messages apart that are hashed at once", () => {
    const hashes = Array.from({ length: 9 }, () => new Sha256());
    const messages = hashes.map((_, i) => randomBytes(70_000 + i, 6 + i));
    for (let at = 0; at < 80_000; at += 10_000) {
      for (const [i, hash] of hashes.entries())
        hash.update((messages[i] as Uint8Array).subarray(at, at + 10_000));
    }
    expect(hashes.map((hash) => toHex(hash.digest()))).toEqual(messages.map(nodeSha256));
  });

  it("gives digests that the caller owns, each its own", () => {
    const first = sha256(ascii("first"));
    const kept = toHex(first);
    const second = sha256(ascii("second"));
    expect(toHex(first)).toBe(kept);
    expect(first.length).toBe(32);
    expect(first.buffer.byteLength).toBe(32);
    second.fill(0);
    expect(toHex(sha256(ascii("second")))).toBe(nodeSha256(ascii("second")));
  });

  it("refuses to go on after its digest, and says what to do", () => {
    const hash = new Sha256().update(ascii("abc"));
    hash.digest();
    for (const misuse of [
      () => hash.update(ascii("d")),
      () => hash.update(new Uint8Array(0)),
      () => hash.digest(),
    ]) {
      expect(misuse).toThrow(HashFinishedError);
      expect(misuse).toThrow(VarveError);
      expect(misuse).toThrow(
        expect.objectContaining({
          code: "ERR_VARVE_HASH_FINISHED",
          name: "HashFinishedError",
          retryable: false,
        }),
      );
      expect(misuse).toThrow(/make a new Sha256/);
    }
    // The instance that it gave back serves another hash, untouched by the attempts.
    expect(toHex(sha256(ascii("abc")))).toBe(vectors[1]?.digest);
  });
});
