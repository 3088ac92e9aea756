import { createHash } from "node:crypto";
import fc from "fast-check";
import { createSHA512 } from "hash-wasm";
import { beforeAll, describe, expect, it } from "vitest";
import { CheckpointWriter } from "../../src/core/checkpoint/writer.js";
import { HashFinishedError, init, Sha256, Sha512, sha512, toHex } from "../../src/core/index.js";
import { ascii, concat, randomBytes } from "../fixtures/bytes.js";
import { expectRefused, resealed } from "../fixtures/checkpoints.js";
import { cut } from "../fixtures/encode.js";

beforeAll(() => init());

const nodeSha512 = (bytes: Uint8Array): string => createHash("sha512").update(bytes).digest("hex");

/** Examples of FIPS 180-4 as NIST publishes them ("Secure Hash Standard, Example Algorithms"), and the empty message. */
const vectors = [
  {
    title: "the empty message",
    message: "",
    digest:
      "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
  },
  {
    title: "one block",
    message: "abc",
    digest:
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
  },
  {
    title: "two blocks",
    message:
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
    digest:
      "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909",
  },
  {
    title: "a million times a",
    message: "a".repeat(1_000_000),
    digest:
      "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973ebde0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b",
  },
];

describe("SHA-512", () => {
  it.each(vectors)("of FIPS 180-4's examples: $title", ({ message, digest }) => {
    expect(toHex(sha512(ascii(message)))).toBe(digest);
  });

  it("equals node:crypto for all lengths from 0 to 300, and around the ends of buffers", () => {
    const bytes = randomBytes(200_000, 1);
    for (const length of [...Array(301).keys(), 65_535, 65_536, 65_537, 131_071, 131_072, 131_200, 200_000])
      expect(toHex(sha512(bytes.subarray(0, length)))).toBe(nodeSha512(bytes.subarray(0, length)));
  });

  it("equals node:crypto and hash-wasm however a message is cut", async () => {
    const message = randomBytes(200_000, 3);
    const oracle = await createSHA512();
    const lengths = fc.array(
      fc.oneof(fc.nat({ max: 140 }), fc.constantFrom(128, 65_535, 65_536, 65_537), fc.nat({ max: 90_000 })),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(lengths, (cuts) => {
        const hash = new Sha512();
        const node = createHash("sha512");
        oracle.init();
        let at = 0;
        for (const length of cuts) {
          const chunk = message.subarray(at % 50_000, (at % 50_000) + length);
          expect(hash.update(chunk)).toBe(hash);
          node.update(chunk);
          oracle.update(chunk);
          at += length;
        }
        const digest = toHex(hash.digest());
        expect(digest).toBe(oracle.digest("hex"));
        expect(digest).toBe(node.digest("hex"));
      }),
      { numRuns: 60 },
    );
  });

  it("keeps many messages apart, and gives digests that the caller owns", () => {
    const hashes = Array.from({ length: 7 }, () => new Sha512());
    const messages = hashes.map((_, i) => randomBytes(70_000 + i, 6 + i));
    for (let at = 0; at < 80_000; at += 10_000) {
      for (const [i, hash] of hashes.entries()) hash.update(messages[i]!.subarray(at, at + 10_000));
    }
    const digests = hashes.map((hash) => hash.digest());
    expect(digests.map(toHex)).toEqual(messages.map(nodeSha512));
    for (const digest of digests) expect(digest.buffer.byteLength).toBe(64);
  });

  it("refuses to go on after its digest, and says what to do", () => {
    const hash = new Sha512();
    hash.digest();
    for (const misuse of [() => hash.update(ascii("d")), () => hash.digest(), () => hash.save()]) {
      expect(misuse).toThrow(HashFinishedError);
      expect(misuse).toThrow(/make a new Sha512/);
    }
  });
});

describe("a saved Sha512", () => {
  it("goes on to the digest of the whole, wherever it is cut", () => {
    const message = randomBytes(300, 1);
    for (const length of [0, 111, 112, 127, 128, 129, 300]) {
      const whole = message.subarray(0, length);
      for (let at = 0; at <= length; at++) {
        const saved = new Sha512().update(whole.subarray(0, at)).save();
        expect(toHex(Sha512.resume(saved).update(whole.subarray(at)).digest())).toBe(nodeSha512(whole));
      }
    }
  });

  it("goes on through any number of savings, and leaves the saved hash as it was", () => {
    const message = randomBytes(200_000, 2);
    const untouched = new Sha512();
    let hash = new Sha512();
    for (const chunk of cut(message, [1, 127, 65_536, 128, 40_000])) {
      untouched.update(chunk).save();
      hash = Sha512.resume(hash.update(chunk).save());
    }
    expect(toHex(hash.digest())).toBe(nodeSha512(message));
    expect(toHex(untouched.digest())).toBe(nodeSha512(message));
  });

  it("holds the words of FIPS 180-4, big-endian, and the incomplete block", () => {
    const head = { kind: "sha512", format: "", inputOffset: 3, outputOffset: 0 };
    const initial = Buffer.from(
      "6a09e667f3bcc908bb67ae8584caa73b3c6ef372fe94f82ba54ff53a5f1d36f1510e527fade682d19b05688c2b3e6c1f1f83d9abfb41bd6b5be0cd19137e2179",
      "hex",
    );
    expect(new Sha512().update(ascii("abc")).save()).toEqual(
      new CheckpointWriter(head).bytes(initial).bytes(ascii("abc")).finish(),
    );
  });

  it("is refused when a byte is other, when it is cut, when its parts don't belong together, and by a Sha256", () => {
    const saved = new Sha512().update(ascii("abc")).save();
    for (let i = 0; i < saved.length; i++) {
      const turned = saved.slice();
      turned[i]! ^= 1 << (i & 7);
      expectRefused(() => Sha512.resume(turned));
      expectRefused(() => Sha512.resume(saved.subarray(0, i)), "truncated");
    }
    expectRefused(() => Sha512.resume(concat(saved, saved)), "damaged");
    expectRefused(() => Sha256.resume(saved), "kind");
    saved[14] = 4;
    expectRefused(() => Sha512.resume(resealed(saved)), "damaged");
  });
});
