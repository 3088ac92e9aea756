import { gunzipSync, gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { throughMachine } from "../../src/bytes/index.js";
import {
  type Encoder,
  Gunzip,
  Gzip,
  GzipLayerMachine,
  IdentityLayerMachine,
  init,
} from "../../src/core/index.js";
import { chunked, noise } from "../stream/fixture/bytes.js";
import { OneByteMachine } from "../stream/fixture/machines.js";
import { rejection } from "../stream/fixture/reading.js";
import { forbidUnhandledRejections } from "../stream/fixture/turns.js";
import { chunksOf, contentOf, watched } from "./fixture/streams.js";

forbidUnhandledRejections();
beforeAll(() => init());

const KIB = 1024;

/** A machine whose releases are counted. */
function counted(machine: Encoder): Encoder & { releases: number } {
  const counting = {
    releases: 0,
    update: (chunk: Uint8Array, offset: number) => machine.update(chunk, offset),
    take: () => machine.take(),
    finish: () => machine.finish(),
    release: () => {
      counting.releases++;
      machine.release();
    },
  };
  return counting;
}

describe("throughMachine", () => {
  const text = new Uint8Array(Buffer.from("a line of text, and another one\n".repeat(20_000)));
  const content = Buffer.concat([noise(700 * KIB), text]);

  it("compresses, whatever the chunks, in owned pieces of at least 64 KiB", async () => {
    for (const length of [997, 64 * KIB, 10_000_000]) {
      const machine = counted(new Gzip(1));
      const record = watched(chunked(content, length));
      const pieces = await chunksOf(throughMachine(record.stream, machine));
      expect(Buffer.compare(gunzipSync(Buffer.concat(pieces)), content)).toBe(0);
      expect(pieces.slice(0, -1).every((piece) => piece.length >= 64 * KIB)).toBe(true);
      expect(new Set(pieces.map((piece) => piece.buffer)).size).toBe(pieces.length);
      expect(machine.releases).toBe(1);
      expect(record.cancelled).toEqual([]);
    }
  });

  it("decompresses in full pieces where that is asked for, though the chunks are small", async () => {
    const compressed = gzipSync(content, { level: 1 });
    const pieces = await chunksOf(
      throughMachine(watched(chunked(compressed, 512)).stream, new Gunzip(), { fullPieces: true }),
    );
    expect(Buffer.compare(Buffer.concat(pieces), content)).toBe(0);
    expect(pieces.slice(0, -1).every((piece) => piece.length >= 64 * KIB)).toBe(true);
    const small = await chunksOf(throughMachine(watched(chunked(compressed, 512)).stream, new Gunzip()));
    expect(Buffer.compare(Buffer.concat(small), content)).toBe(0);
    expect(small.length).toBeGreaterThan(pieces.length);
  });

  it("copies each piece, as the machine's memory is overwritten", async () => {
    const bytes = Uint8Array.of(1, 2, 3);
    const pieces = await chunksOf(throughMachine(watched([bytes]).stream, new OneByteMachine()));
    expect(pieces).toEqual([Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)]);
  });

  it("reads no further than a piece takes", async () => {
    const record = watched(chunked(noise(10_000 * KIB), 64 * KIB));
    const reader = throughMachine(record.stream, new IdentityLayerMachine()).getReader();
    await new Promise((resolve) => setTimeout(resolve));
    expect(record.pulls).toBe(0);
    await reader.read();
    await new Promise((resolve) => setTimeout(resolve));
    expect(record.pulls).toBe(4);
    await reader.cancel();
  });

  it("calls onEnd once, when the machine's results are there, before the end is seen", async () => {
    const machine = new GzipLayerMachine(1);
    const sizes: number[] = [];
    const out = await contentOf(
      throughMachine(watched([text]).stream, machine, { onEnd: () => sizes.push(machine.result().size) }),
    );
    expect(sizes).toEqual([out.length]);
  });

  it("fails with what onEnd throws", async () => {
    const failure = new Error("not the same");
    const machine = counted(new Gzip(1));
    const stream = throughMachine(watched([text]).stream, machine, {
      onEnd: () => {
        throw failure;
      },
    });
    expect(await rejection(chunksOf(stream))).toBe(failure);
    expect(machine.releases).toBe(1);
  });

  it("releases the machine and cancels the source once when it is cancelled, before, during and after", async () => {
    for (const reads of [0, 1]) {
      const machine = counted(new Gzip(1));
      const { stream, cancelled } = watched(chunked(content, 64 * KIB));
      const reader = throughMachine(stream, machine).getReader();
      for (let i = 0; i < reads; i++) await reader.read();
      await reader.cancel("enough");
      await reader.cancel("again");
      expect(machine.releases).toBe(1);
      expect(cancelled).toEqual(["enough"]);
    }
  });

  it("lets a pending read end when it is cancelled, and touches the machine no more", async () => {
    const machine = counted(new Gzip(1));
    const { stream, cancelled } = watched([text.subarray(0, 10)], { hangs: true });
    const reader = throughMachine(stream, machine).getReader();
    const reading = reader.read();
    await new Promise((resolve) => setTimeout(resolve));
    await reader.cancel("enough");
    expect(await reading).toEqual({ done: true, value: undefined });
    expect(machine.releases).toBe(1);
    expect(cancelled).toEqual(["enough"]);
  });

  it("fails as the source does, and as the machine does, after what came before", async () => {
    const failure = new Error("torn");
    const machine = counted(new Gzip(1));
    const torn = watched([content], { failure });
    expect(await rejection(chunksOf(throughMachine(torn.stream, machine)))).toBe(failure);
    expect(machine.releases).toBe(1);

    const damaged = new Uint8Array(gzipSync(content));
    damaged[damaged.length - 5]! ^= 1;
    for (const fullPieces of [true, false]) {
      const gunzip = counted(new Gunzip());
      const record = watched(chunked(damaged, 1000));
      const chunks: Uint8Array[] = [];
      const error = await rejection(
        (async () => {
          for await (const chunk of throughMachine(record.stream, gunzip, { fullPieces })) chunks.push(chunk);
        })(),
      );
      expect(error).toMatchObject({ code: "ERR_VARVE_INFLATE" });
      expect(Buffer.compare(Buffer.concat(chunks), content)).toBe(0);
      expect(gunzip.releases).toBe(1);
    }
  });

  it("finds a chunk out whose buffer was transferred while it was read", async () => {
    const chunk = noise(1000 * KIB);
    const reader = throughMachine(watched([chunk]).stream, new IdentityLayerMachine()).getReader();
    await reader.read();
    structuredClone(chunk.buffer, { transfer: [chunk.buffer] });
    expect(
      await rejection(
        (async () => {
          while (!(await reader.read()).done);
        })(),
      ),
    ).toMatchObject({ code: "ERR_VARVE_SOURCE" });
  });

  it("waits for a machine's threads, and stops waiting when it is cancelled", async () => {
    let hear: () => void = () => {};
    let asked = 0;
    const machine = Object.assign(counted(new Gzip(1)), {
      pending: () =>
        asked++ === 0
          ? new Promise<void>((resolve) => {
              hear = resolve;
            })
          : undefined,
    });
    const reading = contentOf(throughMachine(watched([text]).stream, machine));
    await new Promise((resolve) => setTimeout(resolve));
    expect(asked).toBe(1);
    hear();
    expect(Buffer.compare(gunzipSync(await reading), text)).toBe(0);
  });

  it("refuses a stream that is locked, and releases the machine", () => {
    const machine = counted(new Gzip(1));
    const { stream } = watched([]);
    stream.getReader();
    expect(() => throughMachine(stream, machine)).toThrow(TypeError);
    expect(machine.releases).toBe(1);
  });
});
