import type { CoreInstance } from "./core-instance.js";
import { withHashPairing } from "./hash-pairing.js";
import { type Machine, type MachineResult, MachineStateError } from "./machine.js";
import type { HashOptions } from "./machine-options.js";
import { NativeLayerHashes } from "./native-layer-hashes.js";
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
  readonly #native: NativeLayerHashes | undefined;
  /** Bytes at the output address, of which the native hash has seen all. */
  #waiting = 0;
  #result: MachineResult | undefined;

  /** @throws CompressionLevelError @throws NotInitializedError */
  constructor(level: number, options: HashOptions = {}) {
    super(level);
    this.#native = options.sha256 === "native" ? NativeLayerHashes.open() : undefined;
  }

  /** The native hash is given the chunk itself: it is faster so than over the instance's memory. */
  override update(chunk: Uint8Array, offset: number): number {
    const end = super.update(chunk, offset);
    if (this.#native !== undefined && end > offset) this.#native.input.update(chunk.subarray(offset, end));
    return end;
  }

  protected override reset({ exports }: CoreInstance, level: number): void {
    exports.layerReset(level);
  }

  protected override encode(instance: CoreInstance, length: number, last: boolean, taken: boolean): number {
    const waiting =
      this.#native === undefined
        ? this.#encodeHashing(instance, length, last, taken)
        : this.#encodeBeside(this.#native, instance, length, last, taken);
    if (last) this.#result = this.#resultOf(instance);
    return waiting;
  }

  result(): MachineResult {
    if (!this.#result) throw new MachineStateError("the digests are not known before finish()");
    return this.#result;
  }

  /** Encodes a segment and hashes it, and the output before it, in WebAssembly. */
  #encodeHashing({ exports }: CoreInstance, length: number, last: boolean, taken: boolean): number {
    if (last) exports.layerHash(length, true);
    else withHashPairing(length, (paired) => exports.layerHash(length, paired));
    if (taken) exports.layerTaken();
    const waiting = exports.gzipSegment(length, last);
    if (last) exports.layerFinish(length);
    return waiting;
  }

  /** Encodes a segment, and has the runtime hash what came of it. */
  #encodeBeside(
    native: NativeLayerHashes,
    { exports, memory, outputAddress }: CoreInstance,
    length: number,
    last: boolean,
    taken: boolean,
  ): number {
    if (taken) exports.gzipTaken();
    const before = taken ? 0 : this.#waiting;
    this.#waiting = exports.gzipSegment(length, last);
    native.output.update(memory.subarray(outputAddress + before, outputAddress + this.#waiting));
    return this.#waiting;
  }

  #resultOf({ digests, counters }: CoreInstance): MachineResult {
    return {
      diffID: this.#native?.input.digest() ?? new Uint8Array(digests.subarray(0, SHA256_SIZE)),
      digest: this.#native?.output.digest() ?? new Uint8Array(digests.subarray(SHA256_SIZE)),
      size: Number(counters.getBigUint64(OUTPUT_TOTAL, true)),
      uncompressedSize: Number(counters.getBigUint64(INPUT_TOTAL, true)),
      ...(this.#native === undefined ? {} : { sha256: "native" }),
    };
  }
}
