import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { randomBytes, xorshift32 } from "../fixtures/bytes.js";
import { INITIAL_STATE, referenceSha256, referenceState } from "../fixtures/reference-sha256.js";
import { expectSameBytes } from "../fixtures/same-bytes.js";
import { rawCore, stream, wasmFile } from "../fixtures/wasm.js";

/** States that no message of a bearable length would reach. */
const injectedStates = [1, 2, 3].map((seed) => {
  const next = xorshift32(seed);
  return Array.from({ length: 8 }, () => next());
});
const GIB = 2n ** 30n;
/**
 * Lengths in bytes, multiples of 64, around those whose bits no longer fit 32, then bytes no longer fit 32, to
 * the largest that a number can hold.
 */
const lengthsBefore = [
  2n ** 29n - 64n,
  2n ** 29n,
  4n * GIB - 64n,
  4n * GIB,
  4n * GIB + 64n,
  5000n * GIB,
  2n ** 53n - 4096n,
];

/** An instance of sha256.wasm, and its state as words. */
function rawSha256() {
  const exports = new WebAssembly.Instance(new WebAssembly.Module(wasmFile("sha256"))).exports as Record<
    string,
    never
  >;
  const { memory, STATE, DIGEST, INPUT, sha256Reset, sha256Process, sha256Finish } = exports as unknown as {
    memory: WebAssembly.Memory;
    sha256Reset(slot: number): void;
    sha256Process(slot: number, pointer: number, blocks: number): void;
    sha256Finish(slot: number, pointer: number, length: number, total: number): void;
  } & Record<"STATE" | "DIGEST" | "INPUT", WebAssembly.Global>;
  return {
    reset: () => sha256Reset(0),
    process: (blocks: number) => sha256Process(0, INPUT.value, blocks),
    finish: (at: number, length: number, total: bigint) =>
      sha256Finish(0, INPUT.value + at, length, Number(total)),
    input: new Uint8Array(memory.buffer, INPUT.value, 65_536),
    state: new Uint32Array(memory.buffer, STATE.value, 8),
    digest: new Uint8Array(memory.buffer, DIGEST.value, 32),
  };
}

describe("the reference in these tests", () => {
  it("agrees with node:crypto", () => {
    for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000]) {
      const bytes = randomBytes(length, 7);
      expectSameBytes(referenceSha256(bytes), createHash("sha256").update(bytes).digest());
    }
  });

  it("agrees with node:crypto when it is continued from a state", () => {
    const bytes = randomBytes(1000, 8);
    const state = referenceState(bytes.subarray(0, 640));
    expectSameBytes(
      referenceSha256(bytes.subarray(640), state, 640n),
      createHash("sha256").update(bytes).digest(),
    );
  });
});

describe("sha256.wasm", () => {
  it("begins with H(0) of FIPS 180-4, 5.3.3", () => {
    const { reset, state } = rawSha256();
    state.fill(0xffffffff);
    reset();
    expect([...state]).toEqual(INITIAL_STATE);
  });

  it("continues from any state over any number of blocks", () => {
    const { process, input, state } = rawSha256();
    for (const from of injectedStates) {
      // 128 blocks go to an inner call: both sides of its multiples.
      for (const blocks of [0, 1, 2, 127, 128, 129, 256, 257, 1000]) {
        const bytes = randomBytes(64 * blocks, 9 + blocks);
        input.set(bytes);
        state.set(from);
        process(blocks);
        expect([...state], `${blocks} blocks`).toEqual(referenceState(bytes, from));
      }
    }
  });

  it("leaves its input as it was", () => {
    const { process, finish, input } = rawSha256();
    const bytes = randomBytes(65_536, 10);
    input.set(bytes);
    process(1023);
    finish(1023 * 64, 63, 65_535n);
    expectSameBytes(input, bytes);
  });

  it("pads messages beyond 4 GiB with their whole length", () => {
    const { finish, input, state, digest } = rawSha256();
    const bytes = randomBytes(64, 11);
    input.set(bytes);
    for (const before of lengthsBefore) {
      for (const length of [0, 1, 55, 56, 63]) {
        for (const from of injectedStates) {
          state.set(from);
          finish(0, length, before + BigInt(length));
          expectSameBytes(digest, referenceSha256(bytes.subarray(0, length), from, before));
        }
      }
    }
  });
});

describe("core.wasm", () => {
  it("keeps its two slots apart", () => {
    const core = rawCore();
    const bytes = randomBytes(640, 12);
    core.segment.set(bytes);
    core.states.set([...(injectedStates[0] as number[]), ...(injectedStates[1] as number[])]);
    core.sha256Process(1, core.segmentAddress, 10);
    expect([...core.states.subarray(0, 8)]).toEqual(injectedStates[0]);
    expect([...core.states.subarray(8)]).toEqual(referenceState(bytes, injectedStates[1]));
    core.digests.fill(0x5a);
    core.sha256Finish(0, core.segmentAddress, 5, 69);
    expectSameBytes(
      core.digests.subarray(0, 32),
      referenceSha256(bytes.subarray(0, 5), injectedStates[0], 64n),
    );
    expect(core.digests.subarray(32).every((byte) => byte === 0x5a)).toBe(true);
  });

  it("finishes both digests of a layer whose input and output exceed 4 GiB", () => {
    const core = rawCore();
    for (const before of lengthsBefore) {
      const input = randomBytes(1000, 13);
      core.layerReset(1);
      core.states.set([...(injectedStates[0] as number[]), ...(injectedStates[1] as number[])]);
      core.counters.setBigUint64(stream.inputTotal, before, true);
      core.counters.setBigUint64(stream.outputTotal, before - 64n, true);
      core.segment.set(input);
      core.layerHash(input.length, true);
      const waiting = core.gzipSegment(input.length, true);
      core.layerFinish(input.length);
      const output = core.bytes.slice(core.outputAddress, core.outputAddress + waiting);
      expectSameBytes(core.digests.subarray(0, 32), referenceSha256(input, injectedStates[0], before));
      expectSameBytes(core.digests.subarray(32), referenceSha256(output, injectedStates[1], before - 64n));
      expect(core.counters.getBigUint64(stream.inputTotal, true)).toBe(before + 1000n);
      expect(core.counters.getBigUint64(stream.outputTotal, true)).toBe(before - 64n + BigInt(waiting));
    }
  });
});
