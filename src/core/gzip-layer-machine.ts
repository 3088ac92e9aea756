import type { CoreInstance } from "./core-instance.js";
import { withHashPairing } from "./hash-pairing.js";
import { type Machine, type MachineResult, MachineStateError } from "./machine.js";
import { SegmentEncoder } from "./segment-encoder.js";
import { SHA256_SIZE } from "./sha256.js";

/** Offsets of the totals among the stream's counters. */
const INPUT_TOTAL = 0;
const OUTPUT_TOTAL = 8;

/**
 * The layer machine: gzip of a stream, with the SHA-256 of both sides, in one pass. The bytes are those of {@link
 * Gzip}.
 */
export class GzipLayerMachine extends SegmentEncoder implements Machine {
  #result: MachineResult | undefined;

  protected override reset({ exports }: CoreInstance, level: number): void {
    exports.layerReset(level);
  }

  protected override encode(instance: CoreInstance, length: number, last: boolean, taken: boolean): number {
    const { exports, digests, counters } = instance;
    if (last) exports.layerHash(length, true);
    else withHashPairing(length, (paired) => exports.layerHash(length, paired));
    if (taken) exports.layerTaken();
    const waiting = exports.gzipSegment(length, last);
    if (last) {
      exports.layerFinish(length);
      this.#result = {
        diffID: new Uint8Array(digests.subarray(0, SHA256_SIZE)),
        digest: new Uint8Array(digests.subarray(SHA256_SIZE)),
        size: Number(counters.getBigUint64(OUTPUT_TOTAL, true)),
        uncompressedSize: Number(counters.getBigUint64(INPUT_TOTAL, true)),
      };
    }
    return waiting;
  }

  result(): MachineResult {
    if (!this.#result) throw new MachineStateError("the digests are not known before finish()");
    return this.#result;
  }
}
