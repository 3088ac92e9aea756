import { Breather } from "../bytes/breather.js";
import { Feed } from "../bytes/feed.js";
import type { Machine } from "../core/index.js";
import { type Compression, hashFromBytes } from "../v1/index.js";
import { AbortedError, StreamFailedError } from "./errors.js";
import { HeldMachine } from "./held-machine.js";
import { HeldSource } from "./held-source.js";
import { LifeCycle } from "./life-cycle.js";
import type { ProgressMeter } from "./progress.js";
import type { LayerResult } from "./result.js";
import type { RunOptions } from "./run-options.js";
import type { SourceReader } from "./source/source.js";
import { keepIn, type Spool, SpoolError } from "./spool.js";

/**
 * The one pass that a layer makes over its source: every way of reading a layer is a shell over this.
 *
 * Each demand of its consumer reads from the source only until one piece of output is ready. Ending, in either way, closes the
 * source and gives the machine back, each exactly once, and waits for nobody. {@link LifeCycle} has the states that it goes through.
 */
export class Run {
  readonly #life: LifeCycle = new LifeCycle();
  readonly #source: HeldSource;
  readonly #machine: HeldMachine;
  readonly #spool: Spool | undefined;
  readonly #progress: ProgressMeter;
  readonly #feed: Feed = new Feed();
  readonly #breather: Breather = new Breather();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    source: SourceReader,
    compression: Compression,
    level: number,
    progress: ProgressMeter,
    options: RunOptions = {},
  ) {
    this.#source = new HeldSource(source);
    this.#machine = new HeldMachine(compression, level, options);
    this.#spool = options.spool;
    this.#progress = progress;
    this.#life.atEnd((reason) => {
      this.#feed.clear();
      this.#machine.letGo(this.#life.failure !== undefined);
      this.#source.letGo(reason);
    });
  }

  /** Whether the stream has not been handed out yet. */
  get fresh(): boolean {
    return this.#life.fresh;
  }

  /** Whether the values are there. */
  get completed(): boolean {
    return this.#life.completed;
  }

  get result(): Promise<LayerResult> {
    return this.#life.result;
  }

  /** Settles when the source says that it is closed; rejects with a `SourceCloseError`. It may be left alone. */
  get sourceClosed(): Promise<void> {
    return this.#source.closed;
  }

  /** Gives the values, or throws why there are none (yet). */
  values(what: string): LayerResult {
    return this.#life.values(what);
  }

  /**
   * Makes the caller the one consumer.
   *
   * @throws {ConsumedError} if there is one already; its cause is the failure, if the pass has failed
   * @throws what the pass has failed with, if that was before anyone claimed it
   */
  claim(): void {
    this.#life.claim();
  }

  /** Ends the pass when the signal is aborted, which it may be already. */
  follow(signal: AbortSignal | undefined): void {
    this.#life.follow(signal);
  }

  /** Has the consumer told at once of a failure that no demand of its own has met. */
  onFailure(listener: (error: unknown) => void): void {
    this.#life.onFailure(listener);
  }

  /**
   * Refuses a pass that gives no checkpoints, or has begun.
   *
   * @throws {UnsupportedError} @throws {ConsumedError} @throws what the pass has failed with
   */
  requireCheckpoints(): void {
    this.#machine.requireCheckpoints();
    this.#life.requireFresh();
  }

  /**
   * Has the pass go on at a checkpoint. The source begins at the given offset; what it gives before the checkpoint is skipped,
   * and, if that is all, held against it.
   *
   * @throws what {@link requireCheckpoints} throws
   */
  resumeAt(checkpoint: Uint8Array, sourceOffset: number): void {
    this.requireCheckpoints();
    this.#source.resumeAt(checkpoint, sourceOffset);
    this.#machine.resumeAt(checkpoint);
  }

  /**
   * Makes the machine, and so finds out whether the level exists; the source is not touched. If it fails, the claim
   * lapses, since nothing has been handed out.
   */
  async open(): Promise<void> {
    if (this.#machine.made !== undefined || this.#life.failure !== undefined) {
      this.#life.throwIfFailed();
      return;
    }
    try {
      await this.#machine.make(this.#life, this.#progress);
    } catch (error) {
      this.#life.unclaim();
      throw this.#life.failed(error);
    }
  }

  /**
   * Produces the next piece of the layer and lends it to the taker: a view that is valid until the taker returns,
   * or until the promise settles that it returns. Demands are met one after the other. What the taker throws ends
   * the pass.
   *
   * @returns true when a piece was taken; false at the end, when the values are settled
   */
  next(take: (view: Uint8Array) => unknown): Promise<boolean> {
    const turn = this.#turn.then(() => this.#step(take));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  /** The machine's checkpoint, or that of the moment at which the pass failed. */
  checkpoint(): Uint8Array<ArrayBuffer> | undefined {
    return this.#machine.checkpoint();
  }

  /** Ends a pass that is not complete, at once. Of one that has ended already nothing changes. */
  end(event: string, reason: unknown): void {
    this.#life.end(event, reason);
  }

  async #step(take: (view: Uint8Array) => unknown): Promise<boolean> {
    await this.open();
    const machine = this.#machine.made;
    if (machine === undefined || this.#life.completed) {
      return false;
    }
    try {
      for (;;) {
        if (this.#breather.due) {
          await this.#life.wait(this.#breather.breathe());
        }
        const pending = machine.pending?.();
        if (pending !== undefined) {
          await this.#life.wait(pending);
        }
        const piece = machine.take();
        if (piece !== undefined) {
          await this.#lend(piece, take);
          return true;
        }
        if (!this.#feed.empty) {
          const fed = this.#feed.advance(machine);
          this.#breather.count(fed);
          this.#progress.wentIn(fed);
        } else if (this.#source.held) {
          await this.#refill(machine);
        } else {
          this.#complete(machine);
          return false;
        }
        this.#life.throwIfFailed();
      }
    } catch (error) {
      throw this.#life.failed(error);
    }
  }

  async #refill(machine: Machine): Promise<void> {
    const read = this.#source.read();
    const chunk = read instanceof Promise ? await this.#life.wait(read) : read;
    this.#breather.count(0);
    this.#life.throwIfFailed();
    if (chunk !== undefined) {
      this.#feed.load(chunk);
      return;
    }
    this.#source.letGo(undefined);
    machine.finish();
    this.#progress.report();
  }

  async #lend(piece: Uint8Array, take: (view: Uint8Array) => unknown): Promise<void> {
    const bytes = piece.byteLength;
    const taking = this.#machine.lend(() => this.#keep(piece, take));
    try {
      await this.#life.wait(taking);
    } catch (error) {
      const isSpools = error instanceof SpoolError;
      throw this.#life.failed(
        error,
        isSpools ? new StreamFailedError(error) : new AbortedError("the layer's consumer failed", error),
      );
    }
    this.#progress.wentOut(bytes);
    this.#life.throwIfFailed();
  }

  /** Gives a piece to the spool, if there is one, and then to the taker. */
  async #keep(piece: Uint8Array, take: (view: Uint8Array) => unknown): Promise<unknown> {
    if (this.#spool !== undefined) {
      await keepIn(this.#spool, piece);
      this.#life.throwIfFailed();
    }
    return take(piece);
  }

  #complete(machine: Machine): void {
    const { digest, diffID, size, uncompressedSize, threads = 1, sha256 = "wasm" } = machine.result();
    this.#life.complete({
      digest: hashFromBytes("sha256", digest),
      diffID: hashFromBytes("sha256", diffID),
      size,
      uncompressedSize,
      threads,
      sha256,
    });
  }
}
