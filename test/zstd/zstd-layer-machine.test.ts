import { beforeAll, describe, expect, it } from "vitest";
import { CompressionLevelError, init, type Machine, MachineStateError, toHex } from "../../src/core/index.js";
import { compressionByName, registerCompression } from "../../src/v1/index.js";
import { loadEncoder, unzstd, ZstdError, ZstdLevelError, zstd } from "../../src/zstd/index.js";
import { FRAME_CONTENT } from "../../src/zstd/zstd-layer-machine.js";
import { concat, mixed, randomBytes, text } from "../fixtures/bytes.js";
import { expectSameBytes } from "../fixtures/same-bytes.js";
import { pieces } from "../portable/chunks.js";
import { sha256Hex } from "../portable/oracles.js";
import { hasZstd, zstdProgram, zstdRequired } from "./native.js";

beforeAll(async () => {
  await init();
  await loadEncoder();
});

function run(
  machine: Machine,
  chunks: Iterable<Uint8Array>,
): { output: Uint8Array<ArrayBuffer>; pieces: number[] } {
  const output: Uint8Array[] = [];
  const drain = (): void => {
    for (let view = machine.take(); view !== undefined; view = machine.take()) output.push(view.slice());
  };
  for (const chunk of chunks) {
    for (let offset = 0; offset < chunk.length; drain()) offset = machine.update(chunk, offset);
  }
  machine.finish();
  drain();
  return { output: concat(...output), pieces: output.map(({ length }) => length) };
}

describe("zstd, as a compression,", () => {
  it("is found by its name once varve/zstd has been imported", () => {
    expect(compressionByName("zstd")).toBe(zstd);
    expect(zstd.defaultMediaType).toBe("application/vnd.oci.image.layer.v1.tar+zstd");
    expect(zstd.defaultLevel).toBe(3);
  });

  it("can be replaced by another of its name", () => {
    const other = { ...zstd };
    registerCompression(other);
    expect(compressionByName("zstd")).toBe(other);
    registerCompression(zstd);
  });

  it.each([0, 23, -1, 1.5, Number.NaN, 42])("has no level %s", (level) => {
    let thrown: unknown;
    try {
      zstd.newMachine(level);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ZstdLevelError);
    expect(thrown).toBeInstanceOf(CompressionLevelError);
    expect(thrown).toBeInstanceOf(RangeError);
    expect(thrown).toMatchObject({ code: "ERR_VARVE_COMPRESSION_LEVEL" });
    expect((thrown as Error).message).toContain(`zstd level ${level} is not available`);
    expect((thrown as Error).message).toContain("1 (fastest) to 22 (smallest)");
  });
});

describe("the machine that writes zstd", () => {
  it.each([1, 3, 22])("hashes both sides, and can be read again: level %i", async (level) => {
    const input = mixed(300_000, 1);
    const machine = zstd.newMachine(level);
    const { output } = run(machine, [input]);
    const { digest, diffID, size, uncompressedSize } = machine.result();
    expect(toHex(digest)).toBe(await sha256Hex(output));
    expect(toHex(diffID)).toBe(await sha256Hex(input));
    expect({ size, uncompressedSize }).toEqual({ size: output.length, uncompressedSize: input.length });
    expectSameBytes(unzstd(output), input);
    machine.release();
  });

  it("gives the same bytes however the input is cut", () => {
    const input = concat(text(FRAME_CONTENT, 2), text(100_000, 3));
    const whole = run(zstd.newMachine(1), [input]).output;
    for (const longest of [5000, 1_000_000]) {
      expectSameBytes(run(zstd.newMachine(1), pieces(input, longest)).output, whole);
    }
  });

  it("makes a frame of each 4 MiB, and none of nothing, unless there is nothing else", () => {
    const magic = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);
    const frames = (length: number): number => {
      const output = Buffer.from(run(zstd.newMachine(1), [new Uint8Array(length)]).output);
      let count = 0;
      for (let at = output.indexOf(magic); at >= 0; at = output.indexOf(magic, at + 1)) count++;
      return count;
    };
    expect([0, 1, FRAME_CONTENT - 1, FRAME_CONTENT].map(frames)).toEqual([1, 1, 1, 1]);
    expect([FRAME_CONTENT + 1, 2 * FRAME_CONTENT].map(frames)).toEqual([2, 2]);
  });

  it("hands out pieces of at least 64 KiB, but for the last", () => {
    const input = concat(new Uint8Array(FRAME_CONTENT), randomBytes(FRAME_CONTENT, 4), new Uint8Array(10));
    const { output, pieces: lengths } = run(zstd.newMachine(1), [input]);
    expect(lengths).toHaveLength(2);
    expect(lengths[0]).toBeGreaterThan(65536);
    expectSameBytes(unzstd(output), input);
  });

  it("refuses calls that have no meaning in its state", () => {
    const machine = zstd.newMachine(1);
    expect(() => machine.result()).toThrow(MachineStateError);
    machine.update(randomBytes(FRAME_CONTENT, 5), 0);
    expect(() => machine.finish()).toThrow(MachineStateError);
    machine.take();
    machine.finish();
    machine.finish();
    expect(() => machine.update(new Uint8Array(1), 0)).toThrow(MachineStateError);
    machine.release();
    machine.release();
    expect(() => machine.take()).toThrow(MachineStateError);
    expect(machine.result().uncompressedSize).toBe(FRAME_CONTENT);
    const unfinished = zstd.newMachine(1);
    unfinished.release();
    unfinished.release();
    expect(() => unfinished.update(new Uint8Array(1), 0)).toThrow(MachineStateError);
  });

  it.skipIf(!hasZstd && !zstdRequired)("writes what Debian's zstd tests and reads", () => {
    const input = concat(mixed(FRAME_CONTENT, 6), text(1000, 7));
    for (const source of [input, new Uint8Array(0)]) {
      const { output } = run(zstd.newMachine(3), [source]);
      expect(zstdProgram(["-t"], output)).toBeDefined();
      expectSameBytes(zstdProgram(["-d"], output)!, source);
    }
  });
});

describe("the machine that reads zstd", () => {
  it("hashes both sides, and is true to the machine that wrote", () => {
    const input = mixed(500_000, 8);
    const writer = zstd.newMachine(3);
    const { output } = run(writer, [input]);
    const reader = zstd.newReadingMachine!();
    const { output: content, pieces: lengths } = run(reader, pieces(output, 50_000));
    expectSameBytes(content, input);
    expect(reader.result()).toEqual(writer.result());
    expect(Math.min(...lengths.slice(0, -1))).toBeGreaterThanOrEqual(65536);
    reader.release();
    reader.release();
    expect(() => reader.take()).toThrow(MachineStateError);
  });

  it("has no result before the end, or of what is damaged", () => {
    const { output } = run(zstd.newMachine(3), [text(1000, 9)]);
    const reader = zstd.newReadingMachine!();
    reader.update(output.subarray(0, output.length - 1), 0);
    expect(() => reader.result()).toThrow(MachineStateError);
    expect(() => reader.finish()).toThrow(ZstdError);
    expect(() => reader.result()).toThrow(MachineStateError);
    reader.release();
  });
});
