import { beforeAll, describe, expect, it } from "vitest";
import {
  type EncoderState,
  SEGMENT_SIZE,
  writeEncoderState,
} from "../../../src/core/checkpoint/encoder-state.js";
import { CheckpointWriter } from "../../../src/core/checkpoint/writer.js";
import { Gzip, GzipLayerMachine, init, Sha256 } from "../../../src/core/index.js";
import { concat, randomBytes } from "../../fixtures/bytes.js";
import { expectRefused, resealed } from "../../fixtures/checkpoints.js";
import { SEGMENT_SIZE as SEGMENT_SIZE_OF_THE_MODULE } from "../../fixtures/wasm.js";

let checkpoint: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
  await init();
  const machine = new GzipLayerMachine(1);
  machine.update(randomBytes(SEGMENT_SIZE, 1), 0);
  machine.take();
  checkpoint = machine.checkpoint();
  machine.release();
});

/** A state whose parts belong together. */
const state: EncoderState = {
  level: 1,
  inputOffset: SEGMENT_SIZE,
  outputOffset: 65_537,
  crc32: 1,
  window: randomBytes(32_768, 2),
  hashes: { input: randomBytes(32, 3), output: randomBytes(32, 4), outputTail: Uint8Array.of(5) },
};

it("the segments of the module are as long as a checkpoint's offsets must be", () => {
  expect(SEGMENT_SIZE).toBe(SEGMENT_SIZE_OF_THE_MODULE);
});

describe("a checkpoint that is not what was taken", () => {
  it("is refused with a bit of any byte turned over", () => {
    for (let i = 0; i < checkpoint.length; i++) {
      checkpoint[i]! ^= 1 << (i & 7);
      expectRefused(() => GzipLayerMachine.resume(checkpoint));
      checkpoint[i]! ^= 1 << (i & 7);
    }
    GzipLayerMachine.resume(checkpoint).release();
  });

  it("is refused at every length but its own", () => {
    for (let length = 0; length < checkpoint.length; length++)
      expectRefused(() => GzipLayerMachine.resume(checkpoint.subarray(0, length)), "truncated");
    expectRefused(() => GzipLayerMachine.resume(concat(checkpoint, Uint8Array.of(0))), "damaged");
  });

  it("is refused when a newer varve wrote it", () => {
    const newer = checkpoint.slice();
    newer[8] = 2;
    const error = expectRefused(() => GzipLayerMachine.resume(resealed(newer)), "version");
    expect(error.message).toMatch(/version 2.*version 1/);
  });

  it("is refused when its format is another one", () => {
    const other = checkpoint.slice();
    const at = 30 + 1 + "gzip-layer".length + 1 + "varve-gzip/".length;
    expect(String.fromCharCode(other[at]!)).toBe("0");
    other[at] = "1".charCodeAt(0);
    const error = expectRefused(() => GzipLayerMachine.resume(resealed(other)), "format");
    expect(error.message).toMatch(/varve-gzip\/1.*varve-gzip\/0/);
  });
});

describe("a checkpoint of something else", () => {
  it("is refused: gzip has no hashes, and a layer is no gzip", () => {
    expectRefused(() => Gzip.resume(checkpoint), "kind");
    expectRefused(() => GzipLayerMachine.resume(writeEncoderState({ ...state, hashes: undefined })), "kind");
    expectRefused(() => GzipLayerMachine.resume(new Sha256().save()), "kind");
    expectRefused(() => Sha256.resume(checkpoint), "kind");
  });

  it("is told of in printable words, whatever it calls itself", () => {
    const strange = checkpoint.slice();
    strange.set([0x1b, 0x9b, 0x7f], 31);
    const error = expectRefused(() => GzipLayerMachine.resume(resealed(strange)), "kind");
    expect(error.message).toMatch(/^[ -~]+$/);
  });
});

describe("a checkpoint whose parts don't belong together, though its checksum is right", () => {
  it("is taken as long as they do", () => {
    const machine = GzipLayerMachine.resume(writeEncoderState(state));
    expect(machine.checkpoint()).toEqual(writeEncoderState(state));
    machine.release();
  });

  it.each<[string, Partial<EncoderState>]>([
    ["an input offset within a segment", { inputOffset: SEGMENT_SIZE + 1 }],
    ["output without input", { inputOffset: 0 }],
    ["input without output", { outputOffset: 0 }],
    ["no window behind the start", { window: new Uint8Array(0) }],
    ["a short window", { window: randomBytes(32_767, 2) }],
    ["a window at the start", { inputOffset: 0, outputOffset: 0 }],
    ["a tail of another length", { hashes: { ...state.hashes!, outputTail: new Uint8Array(2) } }],
    ["a short hash of the input", { hashes: { ...state.hashes!, input: new Uint8Array(31) } }],
    ["a long hash of the output", { hashes: { ...state.hashes!, output: new Uint8Array(33) } }],
  ])("is refused for %s", (_, change) => {
    expectRefused(() => GzipLayerMachine.resume(writeEncoderState({ ...state, ...change })), "damaged");
  });

  it("is refused for a level that does not exist", () => {
    for (const level of [-128, -3, 13, 127])
      expectRefused(() => GzipLayerMachine.resume(writeEncoderState({ ...state, level })), "level");
  });

  it("is refused for a field too many", () => {
    const { inputOffset, outputOffset, window } = state;
    const head = { kind: "gzip", format: "varve-gzip/0", inputOffset, outputOffset };
    const writer = new CheckpointWriter(head).i8(1).u32(1).bytes(window).u8(0);
    expectRefused(() => Gzip.resume(writer.finish()), "damaged");
  });
});
