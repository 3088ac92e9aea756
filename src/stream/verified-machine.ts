import { type Machine, type MachineResult, toHex } from "../core/index.js";
import type { LayerResult } from "./result.js";
import { SpoolError } from "./spool.js";

/** A machine over bytes that are read again: before it gives their end, it compares them with what they were. */
export class VerifiedMachine implements Machine {
  readonly #machine: Machine;
  readonly #expected: LayerResult;

  constructor(machine: Machine, expected: LayerResult) {
    this.#machine = machine;
    this.#expected = expected;
  }

  update(chunk: Uint8Array, offset: number): number {
    return this.#machine.update(chunk, offset);
  }

  take(): Uint8Array<ArrayBuffer> | undefined {
    return this.#machine.take();
  }

  /** @throws {SpoolError} if the digest or the size of what went in is not what is expected */
  finish(): void {
    this.#machine.finish();
    const { digest, size } = this.#machine.result();
    if (toHex(digest) !== this.#expected.digest.hex || size !== this.#expected.size) {
      throw new SpoolError(
        `the spool gave back ${size} bytes with the digest sha256:${toHex(digest)}, where the layer has ${this.#expected.size} with ${this.#expected.digest}: it was changed, or serves more than one layer`,
      );
    }
  }

  result(): MachineResult {
    return this.#machine.result();
  }

  release(): void {
    this.#machine.release();
  }
}
