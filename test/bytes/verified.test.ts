import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hashOf, newHasher, verified, verifyBytes } from "../../src/bytes/index.js";
import { type Hash, newHash } from "../../src/v1/index.js";
import { chunked, noise } from "../stream/fixture/bytes.js";
import { rejection } from "../stream/fixture/reading.js";
import { forbidUnhandledRejections } from "../stream/fixture/turns.js";
import { chunksOf, contentOf, watched } from "./fixture/streams.js";

forbidUnhandledRejections();

function digestOf(bytes: Uint8Array, algorithm = "sha256"): Hash {
  return newHash(`${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}`);
}

/** What came out before the failure, and the failure. */
async function readTo(stream: ReadableStream<Uint8Array>): Promise<{ out: Uint8Array; error: unknown }> {
  const chunks: Uint8Array[] = [];
  const error = await rejection(
    (async () => {
      for await (const chunk of stream) chunks.push(chunk);
      return "ended";
    })(),
  );
  return { out: Buffer.concat(chunks), error };
}

describe.each(["sha256", "sha512"])("verified by %s", (algorithm) => {
  it("hands on what is what it should be, with a size and without, however it is cut", async () => {
    const bytes = noise(1000);
    const digest = digestOf(bytes, algorithm);
    for (const length of [1, 7, 999, 1000, 2000]) {
      for (const size of [1000, undefined]) {
        const { stream } = watched(chunked(bytes, length));
        expect(Buffer.compare(await contentOf(verified(stream, { digest, size })), bytes)).toBe(0);
      }
    }
  });

  it("takes nothing for nothing", async () => {
    const digest = digestOf(new Uint8Array(0), algorithm);
    for (const size of [0, undefined]) {
      expect(await chunksOf(verified(watched([]).stream, { digest, size }))).toEqual([]);
    }
  });

  it("fails with another digest before the last byte is handed out, if the size is known", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: 99 }), fc.integer({ min: 1, max: 120 }), async (at, length) => {
        const bytes = noise(100);
        const digest = digestOf(bytes, algorithm);
        const damaged = bytes.slice();
        damaged[at]! ^= 1;
        const { stream, cancelled } = watched(chunked(damaged, length));
        const { out, error } = await readTo(verified(stream, { digest, size: 100, what: "a blob" }));
        expect(error).toMatchObject({ code: "ERR_VARVE_VERIFICATION", expected: { digest, size: 100 } });
        expect(String((error as { found: { digest: Hash } }).found.digest)).toBe(
          String(digestOf(damaged, algorithm)),
        );
        expect(out.length).toBeLessThan(100);
        expect(cancelled).toEqual([error]);
      }),
      { numRuns: 30 },
    );
  });

  it("fails with another digest at the end, if the size is not known", async () => {
    const { stream } = watched([noise(10)]);
    const { error } = await readTo(verified(stream, { digest: digestOf(noise(11), algorithm) }));
    expect(error).toMatchObject({ code: "ERR_VARVE_VERIFICATION", found: { size: 10 } });
  });

  it("fails with fewer bytes at the end, with what was found", async () => {
    const bytes = noise(100);
    const { stream } = watched(chunked(bytes.subarray(0, 99), 10));
    const { out, error } = await readTo(verified(stream, { digest: digestOf(bytes, algorithm), size: 100 }));
    expect(error).toMatchObject({ code: "ERR_VARVE_VERIFICATION", found: { size: 99 } });
    expect(out).toHaveLength(99);
  });

  it("fails with more bytes at once, and hands none of them out", async () => {
    const bytes = noise(100);
    const digest = digestOf(bytes, algorithm);
    for (const [length, given] of [
      [10, 100],
      [7, 98],
      [1000, 0],
    ] as const) {
      const record = watched(chunked(Buffer.concat([bytes, noise(1_000_000)]), length));
      const { out, error } = await readTo(verified(record.stream, { digest, size: 100 }));
      expect(error).toMatchObject({ code: "ERR_VARVE_VERIFICATION", expected: { size: 100 } });
      expect(out).toHaveLength(given);
      expect(record.pulls).toBe(given / length + 1);
      expect(record.cancelled).toEqual([error]);
    }
  });
});

describe("verified", () => {
  const bytes = noise(100);
  const digest = digestOf(bytes);

  it("reads nothing before it is read, and one chunk at a time", async () => {
    const record = watched(chunked(bytes, 10));
    const reader = verified(record.stream, { digest, size: 100 }).getReader();
    await new Promise((resolve) => setTimeout(resolve));
    expect(record.pulls).toBe(0);
    await reader.read();
    await new Promise((resolve) => setTimeout(resolve));
    expect(record.pulls).toBe(1);
  });

  it("cancels the stream when it is cancelled, and fails as it does", async () => {
    const { stream, cancelled } = watched(chunked(bytes, 10));
    await verified(stream, { digest }).cancel("enough");
    expect(cancelled).toEqual(["enough"]);
    const failure = new Error("torn");
    const torn = watched([bytes], { failure });
    expect((await readTo(verified(torn.stream, { digest }))).error).toBe(failure);
  });

  it("is ended by its signal, with what was read in the message", async () => {
    const controller = new AbortController();
    const { stream, cancelled } = watched([], { hangs: true });
    const reading = readTo(verified(stream, { digest, what: "a blob", signal: controller.signal }));
    await new Promise((resolve) => setTimeout(resolve));
    controller.abort("enough");
    const { error } = await reading;
    expect(error).toMatchObject({ code: "ERR_VARVE_ABORTED", cause: "enough" });
    expect((error as Error).message).toMatch(/^reading a blob /);
    expect(cancelled).toHaveLength(1);
  });
});

describe("verifyBytes", () => {
  const bytes = noise(100);

  it.each(["sha256", "sha512"])("lets pass what is what it should be, by %s", async (algorithm) => {
    const digest = digestOf(bytes, algorithm);
    await verifyBytes(bytes, { digest, size: 100 });
    await verifyBytes(bytes, { digest });
  });

  it("refuses another size without hashing, and another digest", async () => {
    const digest = digestOf(bytes);
    expect(await rejection(verifyBytes(bytes, { digest, size: 99, what: "a manifest" }))).toMatchObject({
      code: "ERR_VARVE_VERIFICATION",
      found: { size: 100 },
    });
    const error = await rejection(verifyBytes(noise(100, 2), { digest, size: 100, what: "a manifest" }));
    expect(error).toMatchObject({ code: "ERR_VARVE_VERIFICATION", found: { size: 100 } });
    expect((error as Error).message).toMatch(/^a manifest is not what it should be: expected sha256:/);
  });
});

describe("hashOf and newHasher", () => {
  it("agree with the runtime's own hashes", async () => {
    const bytes = noise(100_000);
    for (const algorithm of ["sha256", "sha512"]) {
      expect(String(await hashOf(bytes, algorithm))).toBe(String(digestOf(bytes, algorithm)));
    }
    expect(String(await hashOf(bytes))).toBe(String(digestOf(bytes)));
  });

  it("refuse an algorithm that there isn't, whatever it is called", async () => {
    for (const algorithm of ["md5", "", "toString", "__proto__"]) {
      expect(await rejection(newHasher(algorithm))).toMatchObject({ code: "ERR_VARVE_UNSUPPORTED" });
    }
  });
});
