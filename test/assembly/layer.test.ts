import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, mixed, randomBytes, text, xorshift32 } from "../fixtures/bytes.js";
import { referenceState } from "../fixtures/reference-sha256.js";
import { expectSameBytes } from "../fixtures/same-bytes.js";
import { type RawCore, rawCore, SEGMENT_SIZE, stream } from "../fixtures/wasm.js";

const next = xorshift32(77);
const state = (): number[] => Array.from({ length: 8 }, () => next());

/**
 * Lays `input` at SEGMENT and `output` around OUTPUT, as if its first `carry` bytes had been taken, then hashes
 * both.
 */
function hash(core: RawCore, input: Uint8Array, output: Uint8Array, carry: number, paired: boolean): void {
  core.segment.set(input);
  core.bytes.set(output, core.outputAddress - carry);
  core.counters.setUint32(stream.pending, output.length - carry, true);
  core.counters.setUint32(stream.hashed, 0, true);
  core.counters.setUint32(stream.carry, carry, true);
  core.layerHash(input.length, paired);
}

describe("hashing a segment and the output that waits", () => {
  const core = rawCore();
  const inputs = randomBytes(70_000, 14);
  const outputs = randomBytes(70_000, 15);

  it("gives the same states side by side and one after the other, whatever the two lengths", () => {
    // 64 blocks of each go to an inner call of the paired form.
    const lengths = [
      0,
      1,
      63,
      64,
      65,
      127,
      128,
      64 * 63,
      64 * 64,
      64 * 65,
      64 * 128,
      64 * 129 + 5,
      64 * 1000,
      70_000,
    ];
    for (const inputLength of lengths) {
      for (const outputLength of lengths) {
        const input = inputs.subarray(0, inputLength);
        const output = outputs.subarray(0, outputLength);
        const from = [...state(), ...state()];
        const results = [true, false].map((paired) => {
          core.states.set(from);
          hash(core, input, output, 0, paired);
          return [...core.states, core.counters.getUint32(stream.hashed, true)];
        });
        expect(results[0], `${inputLength} and ${outputLength} bytes`).toEqual(results[1]);
        expect(results[0]?.at(-1)).toBe(outputLength - (outputLength % 64));
        if (inputLength + outputLength < 10_000) {
          const reference = [
            ...referenceState(input, from.slice(0, 8)),
            ...referenceState(output, from.slice(8)),
          ];
          expect(results[0]?.slice(0, 16)).toEqual(reference);
        }
      }
    }
  });

  it("joins output that was carried over to what follows it, in either form", () => {
    for (const carry of [0, 1, 31, 63]) {
      for (const outputLength of [carry, 63, 64, 65, 200, 5000].filter((length) => length >= carry)) {
        for (const paired of [true, false]) {
          const input = inputs.subarray(0, 640);
          const output = outputs.subarray(0, outputLength);
          const from = [...state(), ...state()];
          core.states.set(from);
          hash(core, input, output, carry, paired);
          const reference = [
            ...referenceState(input, from.slice(0, 8)),
            ...referenceState(output, from.slice(8)),
          ];
          expect([...core.states], `${carry} of ${outputLength} carried`).toEqual(reference);
          core.layerTaken();
          const rest = outputLength % 64;
          expect(core.counters.getUint32(stream.carry, true)).toBe(rest);
          expectSameBytes(
            core.bytes.slice(core.outputAddress - rest, core.outputAddress),
            output.subarray(outputLength - rest),
          );
        }
      }
    }
  });

  it("does not depend on which segments are hashed in which form, nor on when output is taken", () => {
    const input = concat(text(2 * SEGMENT_SIZE, 16), mixed(2 * SEGMENT_SIZE, 17), randomBytes(1000, 18));
    const lengths = [0, 1, 2, 3].map((i) => input.subarray(i * SEGMENT_SIZE, (i + 1) * SEGMENT_SIZE));
    const last = input.subarray(4 * SEGMENT_SIZE);
    let reference: string | undefined;
    const choice = fc.array(fc.record({ paired: fc.boolean(), take: fc.boolean() }), {
      minLength: 5,
      maxLength: 5,
    });
    fc.assert(
      fc.property(choice, (choices) => {
        const pieces: Uint8Array[] = [];
        core.layerReset(1);
        for (const [i, segment] of [...lengths, last].entries()) {
          const { paired, take } = choices[i] as { paired: boolean; take: boolean };
          core.segment.set(segment);
          core.layerHash(segment.length, paired);
          const waiting = core.counters.getUint32(stream.pending, true);
          if (take || waiting > 65_536) {
            pieces.push(core.bytes.slice(core.outputAddress, core.outputAddress + waiting));
            core.layerTaken();
          }
          core.gzipSegment(segment.length, i === 4);
        }
        core.layerFinish(last.length);
        pieces.push(
          core.bytes.slice(
            core.outputAddress,
            core.outputAddress + core.counters.getUint32(stream.pending, true),
          ),
        );
        const digests = Buffer.from(core.digests).toString("hex");
        const output = createHash("sha256")
          .update(concat(...pieces))
          .digest("hex");
        expect(digests).toBe(createHash("sha256").update(input).digest("hex") + output);
        reference ??= digests;
        expect(digests).toBe(reference);
      }),
      { numRuns: 24 },
    );
  });
});
