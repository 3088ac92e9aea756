import { Breather } from "../bytes/breather.js";
import { Feed } from "../bytes/feed.js";
import { Interruption } from "../bytes/interruption.js";
import { init, type Machine } from "../core/index.js";
import { type Compression, ConsumedError, hashFromBytes } from "../v1/index.js";
import { AbortedError, SourceCloseError, StreamFailedError } from "./errors.js";
import { newMachine, requireCheckpoints } from "./new-machine.js";
import { Outcome } from "./outcome.js";
import type { ProgressMeter } from "./progress.js";
import type { LayerResult } from "./result.js";
import { ResumedSource } from "./resumed-source.js";
import type { RunOptions } from "./run-options.js";
import type { SourceReader } from "./source/source.js";
import { keepIn, SpoolError } from "./spool.js";

/**
 * The one pass that a layer makes over its source: every way of reading a layer is a shell over this.
 *
 * It goes through four states. *Fresh*: nothing has happened. *Claimed*: a consumer has the one stream; each demand
 * of it reads from the source only until one piece of output is ready. Then, for good, *complete* or *failed*.
 * Ending in either state closes the source and gives the machine back, each exactly once, and waits for nobody.
 */
export class Run {
  /**
   * Settles when the source says that it is closed; rejects with a {@link SourceCloseError}. It may be left alone.
   */
  readonly sourceClosed: Promise<void>;
  /** Until it is let go of: a finished layer may live long, and should not keep alive what it was made of. */
  #source: SourceReader | undefined;
  readonly #compression: Compression;
  readonly #level: number;
  readonly #progress: ProgressMeter;
  #options: RunOptions;
  readonly #outcome: Outcome = new Outcome();
  readonly #interruption: Interruption = new Interruption();
  readonly #feed: Feed = new Feed();
  readonly #breather: Breather = new Breather();
  #settleSourceClosed!: (closing: Promise<void>) => void;
  #claimed = false;
  #machine: Machine | undefined;
  /** The checkpoint of a pass that has failed: its machine is another's by now. */
  #kept: Uint8Array<ArrayBuffer> | undefined;
  #sourceEnded = false;
  /** Whether somebody holds a view into the machine's memory. */
  #lent = false;
  #turn: Promise<unknown> = Promise.resolve();
  /** Run once when the pass ends: they let go of signals. */
  #farewells: (() => void)[] = [];
  #failureListener: ((error: unknown) => void) | undefined;

  constructor(
    source: SourceReader,
    compression: Compression,
    level: number,
    progress: ProgressMeter,
    options: RunOptions = {},
  ) {
    this.#source = source;
    this.#compression = compression;
    this.#level = level;
    this.#progress = progress;
    this.#options = options;
    this.sourceClosed = new Promise((resolve) => {
      this.#settleSourceClosed = resolve;
    });
    this.sourceClosed.catch(() => {});
  }

  /** Whether the stream has not been handed out yet. */
  get fresh(): boolean {
    return !this.#claimed && !this.#outcome.settled;
  }

  /** Whether the values are there. */
  get completed(): boolean {
    return this.#outcome.completed;
  }

  get result(): Promise<LayerResult> {
    return this.#outcome.result;
  }

  /** Gives the values, or throws why there are none (yet). */
  values(what: string): LayerResult {
    return this.#outcome.values(what);
  }

  /**
   * Makes the caller the one consumer.
   *
   * @throws {ConsumedError} if there is one already; its cause is the failure, if the pass has failed
   * @throws what the pass has failed with, if that was before anyone claimed it
   */
  claim(): void {
    this.#requireFresh();
    this.#claimed = true;
  }

  /** Ends the pass when the signal is aborted, which it may be already. */
  follow(signal: AbortSignal | undefined): void {
    if (signal === undefined || this.#outcome.settled) {
      return;
    }
    const abort = (): void => this.end("the layer's signal was aborted", signal.reason);
    if (signal.aborted) {
      abort();
      return;
    }
    signal.addEventListener("abort", abort, { once: true });
    this.#farewells.push(() => signal.removeEventListener("abort", abort));
  }

  /**
   * Refuses a pass that gives no checkpoints, or has begun.
   *
   * @throws {UnsupportedError} @throws {ConsumedError} @throws what the pass has failed with
   */
  requireCheckpoints(): void {
    requireCheckpoints(this.#compression, this.#options);
    this.#requireFresh();
  }

  /**
   * Has the pass go on at a checkpoint. The source begins at the given offset; what it gives before the checkpoint is skipped,
   * and, if that is all, held against it.
   *
   * @throws what {@link requireCheckpoints} throws
   */
  resumeAt(checkpoint: Uint8Array, sourceOffset: number): void {
    this.requireCheckpoints();
    if (this.#source !== undefined) {
      this.#source = new ResumedSource(this.#source, checkpoint, sourceOffset);
    }
    this.#options = { ...this.#options, resumption: { checkpoint, level: this.#level } };
  }

  /** Has the consumer told at once of a failure that no demand of its own has met. */
  onFailure(listener: (error: unknown) => void): void {
    this.#failureListener = listener;
  }

  /**
   * Makes the machine, and so finds out whether the level exists; the source is not touched. If it fails, the claim
   * lapses, since nothing has been handed out.
   */
  async open(): Promise<void> {
    if (this.#machine !== undefined || this.#outcome.settled) {
      this.#outcome.throwIfFailed();
      return;
    }
    try {
      await this.#wait(init());
      if (this.#compression.prepare !== undefined) {
        await this.#wait(this.#compression.prepare());
      }
      this.#machine = newMachine(this.#compression, this.#level, this.#progress, this.#options);
    } catch (error) {
      this.#claimed = false;
      throw this.#failed(error);
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
    return this.#outcome.settled ? this.#kept : this.#checkpoint();
  }

  /** What can't be told is left out: neither a spool nor a failure waits for it. */
  #checkpoint(): Uint8Array<ArrayBuffer> | undefined {
    if (this.#options.spool !== undefined) {
      return undefined;
    }
    try {
      return this.#machine?.checkpoint?.();
    } catch {
      return undefined;
    }
  }

  /** Ends a pass that is not complete, at once. Of one that has ended already nothing changes. */
  end(event: string, reason: unknown): void {
    const error = new AbortedError(event, reason);
    this.#fail(error, error, reason);
  }

  #requireFresh(): void {
    if (this.#claimed) {
      const failure = this.#outcome.failure;
      throw new ConsumedError(failure === undefined ? {} : { cause: failure.shown });
    }
    this.#outcome.throwIfFailed();
  }

  async #step(take: (view: Uint8Array) => unknown): Promise<boolean> {
    await this.open();
    const machine = this.#machine;
    if (machine === undefined || this.#outcome.completed) {
      return false;
    }
    try {
      for (;;) {
        if (this.#breather.due) {
          await this.#wait(this.#breather.breathe());
        }
        const pending = machine.pending?.();
        if (pending !== undefined) {
          await this.#wait(pending);
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
        } else if (!this.#sourceEnded) {
          await this.#refill(machine);
        } else {
          this.#complete(machine);
          return false;
        }
        this.#outcome.throwIfFailed();
      }
    } catch (error) {
      throw this.#failed(error);
    }
  }

  async #refill(machine: Machine): Promise<void> {
    const read = this.#source?.read();
    const chunk = read instanceof Promise ? await this.#wait(read) : read;
    this.#breather.count(0);
    this.#outcome.throwIfFailed();
    if (chunk !== undefined) {
      this.#feed.load(chunk);
      return;
    }
    this.#sourceEnded = true;
    this.#letGoOfSource(undefined);
    machine.finish();
    this.#progress.report();
  }

  async #lend(piece: Uint8Array, take: (view: Uint8Array) => unknown): Promise<void> {
    const bytes = piece.byteLength;
    this.#lent = true;
    const taking = this.#keep(piece, take).finally(() => {
      this.#lent = false;
      if (this.#outcome.settled) {
        this.#releaseMachine();
      }
    });
    try {
      await this.#wait(taking);
    } catch (error) {
      const isSpools = error instanceof SpoolError;
      throw this.#failed(
        error,
        isSpools ? new StreamFailedError(error) : new AbortedError("the layer's consumer failed", error),
      );
    }
    this.#progress.wentOut(bytes);
    this.#outcome.throwIfFailed();
  }

  /** Gives a piece to the spool, if there is one, and then to the taker. */
  async #keep(piece: Uint8Array, take: (view: Uint8Array) => unknown): Promise<unknown> {
    if (this.#options.spool !== undefined) {
      await keepIn(this.#options.spool, piece);
      this.#outcome.throwIfFailed();
    }
    return take(piece);
  }

  /** Waits for the promise or the end of the pass, whichever is first. */
  async #wait<T>(promise: Promise<T>): Promise<T> {
    const value = await this.#interruption.wait(promise);
    this.#outcome.throwIfFailed();
    return value;
  }

  #complete(machine: Machine): void {
    const { digest, diffID, size, uncompressedSize, threads = 1, sha256 = "wasm" } = machine.result();
    this.#outcome.complete({
      digest: hashFromBytes("sha256", digest),
      diffID: hashFromBytes("sha256", diffID),
      size,
      uncompressedSize,
      threads,
      sha256,
    });
    this.#cleanUp(undefined);
  }

  /**
   * Fails the pass, unless it has failed already: then the error is but a consequence of that.
   *
   * @returns what the consumer gets: what the pass has failed with
   */
  #failed(error: unknown, shown: Error = new StreamFailedError(error)): unknown {
    this.#fail(error, shown, error);
    return this.#outcome.failure === undefined ? error : this.#outcome.failure.error;
  }

  /**
   * @param error what the consumer gets
   * @param shown what whoever asks for the values gets
   * @param reason what the source is told
   */
  #fail(error: unknown, shown: Error, reason: unknown): void {
    if (this.#outcome.settled) {
      return;
    }
    this.#kept = this.#checkpoint();
    this.#outcome.fail({ error, shown });
    this.#interruption.interrupt(error);
    this.#failureListener?.(error);
    this.#cleanUp(reason);
  }

  #cleanUp(reason: unknown): void {
    for (const farewell of this.#farewells.splice(0)) {
      farewell();
    }
    this.#feed.clear();
    this.#releaseMachine();
    this.#letGoOfSource(reason);
  }

  #releaseMachine(): void {
    if (!this.#lent) {
      this.#machine?.release();
    }
  }

  #letGoOfSource(reason: unknown): void {
    const source = this.#source;
    if (source === undefined) {
      return;
    }
    this.#source = undefined;
    this.#settleSourceClosed(
      source.close(reason).catch((error: unknown) => {
        throw new SourceCloseError(error);
      }),
    );
  }
}
