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

  /** @throws {SpoolError} if what comes in is not what was compressed */
  update(chunk: Uint8Array, offset: number): number {
    return blamingSpool(() => this.#machine.update(chunk, offset));
  }

  take(): Uint8Array<ArrayBuffer> | undefined {
    return this.#machine.take();
  }

  /** @throws {SpoolError} if the digest or the size of what went in is not what is expected */
  finish(): void {
    blamingSpool(() => this.#machine.finish());
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

/** What can't be decompressed was once made here, so it is the spool that has lost it. */
function blamingSpool<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new SpoolError(
      "the spool gave back other bytes than it was given: the layer can't be read again",
      error,
    );
  }
}
