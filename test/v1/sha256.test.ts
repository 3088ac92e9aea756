import { describe, expect, it } from "vitest";
import { emptyHash, sha256 } from "../../src/v1/index.js";
import { noise, sha256Text } from "../stream/fixture/bytes.js";
import { rejection } from "../stream/fixture/reading.js";

describe("sha256", () => {
  it("hashes and counts bytes, iterables of them and streams alike", async () => {
    const bytes = noise(100_000);
    const expected = { hash: sha256Text(bytes), size: 100_000 };
    const halves = [bytes.subarray(0, 7), bytes.subarray(7)];
    const stream = new ReadableStream<Uint8Array>({
      start(controller) {
        for (const half of halves) controller.enqueue(half);
        controller.close();
      },
    });
    async function* chunks(): AsyncGenerator<Uint8Array> {
      yield* halves;
    }
    for (const content of [bytes, halves, chunks(), stream]) {
      const { hash, size } = await sha256(content);
      expect({ hash: String(hash), size }).toEqual(expected);
    }
  });

  it("gives the hash of nothing for nothing", async () => {
    expect(await sha256(new Uint8Array(0))).toEqual({ hash: emptyHash, size: 0 });
    expect(await sha256([])).toEqual({ hash: emptyHash, size: 0 });
  });

  it("fails as its content does, and refuses what is no bytes", async () => {
    const failure = new Error("torn");
    const failing = {
      async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
        yield Uint8Array.of(1);
        throw failure;
      },
    };
    expect(await rejection(sha256(failing))).toBe(failure);
    for (const wrong of [["text"], "text", new ArrayBuffer(3), 3, null, undefined, {}]) {
      expect(await rejection(sha256(wrong as unknown as Uint8Array[]))).toMatchObject({
        code: "ERR_VARVE_NOT_BYTES",
      });
    }
  });
});
