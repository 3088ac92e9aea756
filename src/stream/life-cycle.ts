import { onAbort } from "../bytes/abort.js";
import { Interruption } from "../bytes/interruption.js";
import { ConsumedError } from "../v1/index.js";
import { AbortedError, StreamFailedError } from "./errors.js";
import { type Failure, Outcome } from "./outcome.js";
import type { LayerResult } from "./result.js";

/** What lets go of something when a pass ends. @param reason what a source is told; undefined if the pass is complete */
export type Farewell = (reason: unknown) => void;

/**
 * The states of a layer's one pass. *Fresh*: nothing has happened. *Claimed*: a consumer has the one stream. Then, for good,
 * *complete* or *failed*: whatever is waited for is cut short, and everything that the pass holds is let go of, once.
 */
export class LifeCycle {
  readonly #outcome: Outcome = new Outcome();
  readonly #interruption: Interruption = new Interruption();
  #claimed = false;
  #farewells: Farewell[] = [];
  #failureListener: ((error: unknown) => void) | undefined;

  /** Whether the stream has not been handed out yet. */
  get fresh(): boolean {
    return !this.#claimed && !this.#outcome.settled;
  }

  /** Whether the values are there. */
  get completed(): boolean {
    return this.#outcome.completed;
  }

  /** What the pass failed with; undefined if it has not. */
  get failure(): Failure | undefined {
    return this.#outcome.failure;
  }

  /** Settles with the pass. It may be left alone: its rejection counts as handled. */
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
   * @throws what {@link requireFresh} throws
   */
  claim(): void {
    this.requireFresh();
    this.#claimed = true;
  }

  /** Takes a claim back whose consumer was handed nothing. */
  unclaim(): void {
    this.#claimed = false;
  }

  /**
   * @throws {ConsumedError} if there is a consumer; its cause is the failure, if the pass has failed
   * @throws what the pass has failed with, if that was before anyone claimed it
   */
  requireFresh(): void {
    if (this.#claimed) {
      const { failure } = this.#outcome;
      throw new ConsumedError(failure === undefined ? {} : { cause: failure.shown });
    }
    this.#outcome.throwIfFailed();
  }

  /** Throws what the consumer is to get, if the pass has failed. */
  throwIfFailed(): void {
    this.#outcome.throwIfFailed();
  }

  /** Waits for the promise or the failure of the pass, whichever is first. */
  async wait<T>(promise: Promise<T>): Promise<T> {
    const value = await this.#interruption.wait(promise);
    this.#outcome.throwIfFailed();
    return value;
  }

  /** Ends the pass when the signal is aborted, which it may be already. */
  follow(signal: AbortSignal | undefined): void {
    if (!this.#outcome.settled) {
      this.atEnd(onAbort(signal, (reason) => this.end("the layer's signal was aborted", reason)));
    }
  }

  /** Has something done when the pass ends, however it does. */
  atEnd(farewell: Farewell): void {
    this.#farewells.push(farewell);
  }

  /** Has the consumer told at once of a failure that no demand of its own has met. */
  onFailure(listener: (error: unknown) => void): void {
    this.#failureListener = listener;
  }

  complete(value: LayerResult): void {
    this.#outcome.complete(value);
    this.#bidFarewell(undefined);
  }

  /** Ends a pass that is not complete, at once. Of one that has ended already nothing changes. */
  end(event: string, reason: unknown): void {
    const error = new AbortedError(event, reason);
    this.#fail({ error, shown: error }, reason);
  }

  /**
   * Fails the pass, unless it has failed already: then the error is but a consequence of that.
   *
   * @param shown what whoever asks for the values gets
   * @returns what the consumer gets: what the pass has failed with
   */
  failed(error: unknown, shown: Error = new StreamFailedError(error)): unknown {
    this.#fail({ error, shown }, error);
    const { failure } = this.#outcome;
    return failure === undefined ? error : failure.error;
  }

  #fail(failure: Failure, reason: unknown): void {
    if (this.#outcome.settled) {
      return;
    }
    this.#outcome.fail(failure);
    this.#interruption.interrupt(failure.error);
    this.#failureListener?.(failure.error);
    this.#bidFarewell(reason);
  }

  #bidFarewell(reason: unknown): void {
    for (const farewell of this.#farewells.splice(0)) {
      farewell(reason);
    }
  }
}
