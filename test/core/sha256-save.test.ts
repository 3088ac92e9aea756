import { createHash } from "node:crypto";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { CheckpointWriter } from "../../src/core/checkpoint/writer.js";
import { describeCheckpoint, HashFinishedError, init, Sha256, toHex } from "../../src/core/index.js";
import { ascii, concat, randomBytes } from "../fixtures/bytes.js";
import { expectRefused, resealed } from "../fixtures/checkpoints.js";

beforeAll(() => init());

const nodeSha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

describe("a saved Sha256", () => {
  const message = randomBytes(200_000, 1);

  it("goes on to the digest of the whole, wherever it is cut", () => {
    for (const length of [0, 1, 55, 56, 63, 64, 65, 127, 128, 300]) {
      const whole = message.subarray(0, length);
      for (let at = 0; at <= length; at++) {
        const saved = new Sha256().update(whole.subarray(0, at)).save();
        expect(toHex(Sha256.resume(saved).update(whole.subarray(at)).digest())).toBe(nodeSha256(whole));
      }
    }
  });

  it("goes on to the digest of the whole, through any number of savings, and leaves the saved hash as it was", () => {
    const cuts = fc.array(fc.oneof(fc.nat({ max: 130 }), fc.nat({ max: 70_000 })), { maxLength: 8 });
    fc.assert(
      fc.property(cuts, (lengths) => {
        const untouched = new Sha256();
        let hash = new Sha256();
        let at = 0;
        for (const length of lengths) {
          const chunk = message.subarray(at % 100_000, (at % 100_000) + length);
          at += length;
          untouched.update(chunk).save();
          const saved = hash.update(chunk).save();
          hash.digest();
          hash = Sha256.resume(saved);
        }
        expect(toHex(hash.digest())).toBe(toHex(untouched.digest()));
      }),
      { numRuns: 60 },
    );
  });

  it("is small, the same for the same message however it came, and says how much it stands for", () => {
    const saved = new Sha256().update(message).save();
    expect(saved.length).toBeLessThan(250);
    const other = new Sha256().update(message.subarray(0, 77)).update(message.subarray(77));
    expect(other.save()).toEqual(saved);
    expect(Sha256.resume(saved).save()).toEqual(saved);
    expect(describeCheckpoint(saved)).toEqual({
      kind: "sha256",
      format: "",
      inputOffset: 200_000,
      outputOffset: 0,
    });
  });

  it("holds the words of FIPS 180-4, big-endian, and the incomplete block", () => {
    const head = { kind: "sha256", format: "", inputOffset: 3, outputOffset: 0 };
    const initial = Buffer.from("6a09e667bb67ae853c6ef372a54ff53a510e527f9b05688c1f83d9ab5be0cd19", "hex");
    expect(new Sha256().update(ascii("abc")).save()).toEqual(
      new CheckpointWriter(head).bytes(initial).bytes(ascii("abc")).finish(),
    );
  });

  it("counts messages beyond 2^32 bytes", () => {
    const head = { kind: "sha256", format: "", inputOffset: 2 ** 40, outputOffset: 0 };
    const words = randomBytes(32, 5);
    const state = new CheckpointWriter(head).bytes(words).bytes(new Uint8Array(0)).finish();
    const bits = Buffer.alloc(8);
    bits.writeBigUInt64BE(8n * (2n ** 40n + 3n));
    const last = concat(ascii("abc"), Uint8Array.of(0x80), new Uint8Array(52), bits);
    const oneBlockMore = new CheckpointWriter({ ...head, inputOffset: 64 }).bytes(words);
    const processed = Sha256.resume(oneBlockMore.bytes(new Uint8Array(0)).finish())
      .update(last)
      .save();
    expect(toHex(Sha256.resume(state).update(ascii("abc")).digest())).toBe(
      toHex(processed.subarray(30 + 7 + 1 + 2, 30 + 7 + 1 + 2 + 32)),
    );
  });

  it("is refused when a byte is other, when it is cut, and when it is of something else", () => {
    const saved = new Sha256().update(ascii("abc")).save();
    for (let i = 0; i < saved.length; i++) {
      const turned = saved.slice();
      turned[i]! ^= 1 << (i & 7);
      expectRefused(() => Sha256.resume(turned));
      expectRefused(() => Sha256.resume(saved.subarray(0, i)), "truncated");
    }
    const head = { format: "", inputOffset: 0, outputOffset: 0 };
    const other = new CheckpointWriter({ ...head, kind: "sha512" }).bytes(randomBytes(32, 1));
    expectRefused(() => Sha256.resume(other.finish()), "kind");
  });

  it("is refused when its parts don't belong together, though its checksum is right", () => {
    const saved = new Sha256().update(ascii("abc")).save();
    saved[14] = 4;
    expectRefused(() => Sha256.resume(resealed(saved)), "damaged");
    const head = { kind: "sha256", format: "", inputOffset: 64, outputOffset: 0 };
    const long = new CheckpointWriter(head).bytes(randomBytes(32, 1)).bytes(randomBytes(64, 1));
    expectRefused(() => Sha256.resume(long.finish()), "damaged");
    const more = new CheckpointWriter(head).bytes(randomBytes(32, 1)).bytes(new Uint8Array(0)).u8(0);
    expectRefused(() => Sha256.resume(more.finish()), "damaged");
  });

  it("can't be taken of a hash that has given its digest", () => {
    const hash = new Sha256();
    hash.digest();
    expect(() => hash.save()).toThrow(HashFinishedError);
  });
});
