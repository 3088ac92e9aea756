import { readEncoderState } from "./checkpoint/encoder-state.js";
import type { CoreInstance } from "./core-instance.js";
import { withHashPairing } from "./hash-pairing.js";
import { readHashWords } from "./hash-words.js";
import { type Machine, type MachineResult, MachineStateError } from "./machine.js";
import { asksForNative, type HashOptions, type ThreadOptions } from "./machine-options.js";
import { NativeLayerHashes } from "./native-layer-hashes.js";
import { SHA256_SIZE } from "./sha256.js";
import { INPUT_TOTAL, OUTPUT_TOTAL } from "./stream-counters.js";
import { ParallelEncoder } from "./thread/parallel-encoder.js";
import type { SegmentSlot } from "./thread/segment-slot.js";

/** The slot of the input's hash. */
const INPUT_SLOT = 0;

/**
 * {@link GzipLayerMachine} with several threads: the same layer, sooner. The calling thread hashes, input and output side
 * by side where that is faster, while the others encode.
 */
export class ParallelGzipLayerMachine extends ParallelEncoder implements Machine {
  readonly #native: NativeLayerHashes | undefined;
  #total = 0;
  #result: MachineResult | undefined;

  /** @throws CompressionLevelError @throws ThreadCountError @throws HashOptionError @throws NotInitializedError */
  constructor(level: number, options: ThreadOptions & HashOptions = {}) {
    super(level, options);
    this.#native = asksForNative(options) ? NativeLayerHashes.open() : undefined;
  }

  protected override reset({ exports }: CoreInstance, level: number): void {
    exports.layerReset(level);
  }

  protected override consumed(bytes: Uint8Array): void {
    this.#native?.input.update(bytes);
  }

  protected override submitted(instance: CoreInstance, slot: SegmentSlot, taken: boolean): void {
    const { exports } = instance;
    this.#total += slot.length;
    if (this.#native !== undefined) {
      if (taken) exports.gzipTaken();
      return;
    }
    this.load(instance, slot);
    if (slot.last) {
      exports.layerHash(slot.length, true);
      this.#finishInput(instance, slot.length);
    } else {
      withHashPairing(slot.length, (paired) => exports.layerHash(slot.length, paired));
      slot.inputHash = readHashWords(instance.inputState);
    }
    if (taken) this.#drop(instance);
  }

  protected override dropped(instance: CoreInstance): void {
    const { exports } = instance;
    if (this.#native !== undefined) {
      exports.gzipTaken();
      return;
    }
    exports.layerHash(0, false);
    this.#drop(instance);
  }

  protected override joined(instance: CoreInstance, output: Uint8Array, last: boolean): void {
    this.#native?.output.update(output);
    if (last) this.#complete(instance);
  }

  protected override stand(instance: CoreInstance, first: SegmentSlot): void {
    super.stand(instance, first);
    this.boundary.keepInputHash(instance);
    this.settled(instance);
  }

  protected override settled(instance: CoreInstance): void {
    instance.exports.layerHash(0, false);
    this.boundary.keepOutputHash(instance);
  }

  override checkpoint(): Uint8Array<ArrayBuffer> | undefined {
    return this.#native === undefined ? super.checkpoint() : undefined;
  }

  /**
   * A machine that goes on where the checkpoint was taken, with however many threads; see {@link GzipLayerMachine.resume}.
   *
   * @throws CheckpointError @throws CompressionLevelError @throws ThreadCountError @throws NotInitializedError
   */
  static resume(
    checkpoint: Uint8Array,
    level?: number,
    options: ThreadOptions = {},
  ): ParallelGzipLayerMachine {
    const state = readEncoderState(checkpoint, true, level);
    const { threads, createWorker } = options;
    // No more than these: the runtime's own hashes can't go on from a state.
    const machine = new ParallelGzipLayerMachine(state.level, { threads, createWorker });
    machine.enter(state);
    machine.#total = state.inputOffset;
    return machine;
  }

  result(): MachineResult {
    if (!this.#result)
      throw new MachineStateError("the digests are not known before finish() and the last output");
    return this.#result;
  }

  /** All output that waits is hashed, and has been handed out. */
  #drop(instance: CoreInstance): void {
    this.boundary.keepOutputHash(instance);
    instance.exports.layerTaken();
  }

  /** Other segments may come to stand in memory before the output's hash ends, so the input's ends on its own. */
  #finishInput({ exports, segmentAddress }: CoreInstance, length: number): void {
    const tail = length & 63;
    exports.sha256Finish(INPUT_SLOT, segmentAddress + length - tail, tail, this.#total);
  }

  #complete({ exports, digests, counters }: CoreInstance): void {
    if (this.#native === undefined) exports.layerFinishOutput();
    this.#result = {
      diffID: this.#native?.input.digest() ?? new Uint8Array(digests.subarray(0, SHA256_SIZE)),
      digest: this.#native?.output.digest() ?? new Uint8Array(digests.subarray(SHA256_SIZE)),
      size: Number(counters.getBigUint64(OUTPUT_TOTAL, true)),
      uncompressedSize: Number(counters.getBigUint64(INPUT_TOTAL, true)),
      threads: this.threads,
      sha256: this.#native === undefined ? "wasm" : "native",
    };
  }
}
