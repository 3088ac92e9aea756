import { checkChunk } from "./check-bytes.js";
import { type CoreInstance, coreInstances } from "./core-instance.js";
import { type Machine, type MachineResult, MachineStateError } from "./machine.js";
import { SHA256_SIZE } from "./sha256.js";

/** Input and output are the same, so one slot serves. */
const SLOT = 0;

/**
 * The machine of layers that aren't compressed: bytes go out as they come in, in pieces of one segment, and are
 * hashed once: digest and diffID are the same.
 */
export class IdentityLayerMachine implements Machine {
  #instance: CoreInstance | undefined;
  #filled = 0;
  #ready = 0;
  #total = 0;
  #finished = false;
  #digest: Uint8Array<ArrayBuffer> | undefined;

  /** @throws NotInitializedError */
  constructor() {
    this.#instance = coreInstances.acquire();
    this.#instance.exports.sha256Reset(SLOT);
  }

  update(chunk: Uint8Array, offset: number): number {
    const { exports, segment, segmentAddress } = this.#open();
    checkChunk(chunk, offset);
    if (this.#finished)
      throw new MachineStateError("the stream is finished: make a new machine for the next one");
    if (this.#ready > 0) return offset;
    const piece = Math.min(chunk.length - offset, segment.length - this.#filled);
    segment.set(chunk.subarray(offset, offset + piece), this.#filled);
    this.#filled += piece;
    this.#total += piece;
    if (this.#filled === segment.length) {
      exports.sha256Process(SLOT, segmentAddress, segment.length >>> 6);
      this.#ready = this.#filled;
      this.#filled = 0;
    }
    return offset + piece;
  }

  take(): Uint8Array<ArrayBuffer> | undefined {
    const { exports, segmentAddress } = this.#open();
    if (this.#ready === 0) return undefined;
    const view = new Uint8Array(exports.memory.buffer as ArrayBuffer, segmentAddress, this.#ready);
    this.#ready = 0;
    return view;
  }

  finish(): void {
    const { exports, segmentAddress, digests } = this.#open();
    if (this.#finished) return;
    if (this.#ready > 0)
      throw new MachineStateError("output is ready: take it before the stream is finished");
    this.#finished = true;
    const blocks = this.#filled >>> 6;
    exports.sha256Process(SLOT, segmentAddress, blocks);
    exports.sha256Finish(SLOT, segmentAddress + (blocks << 6), this.#filled & 63, this.#total);
    this.#digest = new Uint8Array(digests.subarray(0, SHA256_SIZE));
    this.#ready = this.#filled;
  }

  result(): MachineResult {
    if (!this.#digest) throw new MachineStateError("the digests are not known before finish()");
    return {
      digest: this.#digest,
      diffID: this.#digest.slice(),
      size: this.#total,
      uncompressedSize: this.#total,
    };
  }

  release(): void {
    const instance = this.#instance;
    this.#instance = undefined;
    if (instance) coreInstances.release(instance);
  }

  #open(): CoreInstance {
    if (!this.#instance)
      throw new MachineStateError("the machine is released: make a new one for the next stream");
    return this.#instance;
  }
}
