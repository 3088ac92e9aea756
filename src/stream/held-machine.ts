import { init, type Machine } from "../core/index.js";
import type { Compression } from "../v1/index.js";
import type { LifeCycle } from "./life-cycle.js";
import { newMachine, requireCheckpoints } from "./new-machine.js";
import type { ProgressMeter } from "./progress.js";
import type { RunOptions } from "./run-options.js";

/**
 * The machine of a pass, from its making until it is let go of, which gives it back: at once, or, while somebody holds a view into its
 * memory, as soon as that is returned. From then on it may be another's.
 */
export class HeldMachine {
  readonly #compression: Compression;
  readonly #level: number;
  #options: RunOptions;
  #machine: Machine | undefined;
  #lent = false;
  #letGo = false;
  /** The checkpoint of the moment at which the pass failed. */
  #kept: Uint8Array<ArrayBuffer> | undefined;

  constructor(compression: Compression, level: number, options: RunOptions) {
    this.#compression = compression;
    this.#level = level;
    this.#options = options;
  }

  /** The machine, once it has been made. */
  get made(): Machine | undefined {
    return this.#machine;
  }

  /**
   * Loads what the machine needs, and makes it; the pass may fail meanwhile.
   *
   * @throws what {@link newMachine} throws, and what the pass has failed with
   */
  async make(life: LifeCycle, progress: ProgressMeter): Promise<void> {
    await life.wait(init());
    if (this.#compression.prepare !== undefined) {
      await life.wait(this.#compression.prepare());
    }
    // A pass that fails before this is reached would give back no machine.
    life.throwIfFailed();
    this.#machine = newMachine(this.#compression, this.#level, progress, this.#options);
  }

  /** @throws what {@link requireCheckpoints} throws */
  requireCheckpoints(): void {
    requireCheckpoints(this.#compression, this.#options);
  }

  /** Has the machine that will be made go on at a checkpoint. */
  resumeAt(checkpoint: Uint8Array): void {
    this.#options = { ...this.#options, resumption: { checkpoint, level: this.#level } };
  }

  /** Has a view into the machine's memory used, until the promise settles. */
  lend<T>(use: () => Promise<T>): Promise<T> {
    this.#lent = true;
    return use().finally(() => {
      this.#lent = false;
      if (this.#letGo) {
        this.#machine?.release();
      }
    });
  }

  /** The state that the pass can be gone on with; undefined if there is none. */
  checkpoint(): Uint8Array<ArrayBuffer> | undefined {
    return this.#letGo ? this.#kept : this.#present();
  }

  /** @param keepCheckpoint whether the present checkpoint is to outlast the machine */
  letGo(keepCheckpoint: boolean): void {
    this.#kept = keepCheckpoint ? this.#present() : undefined;
    this.#letGo = true;
    if (!this.#lent) {
      this.#machine?.release();
    }
  }

  /** What can't be told is left out: neither a spool nor a failure waits for it. */
  #present(): Uint8Array<ArrayBuffer> | undefined {
    if (this.#options.spool !== undefined) {
      return undefined;
    }
    try {
      return this.#machine?.checkpoint?.();
    } catch {
      return undefined;
    }
  }
}
