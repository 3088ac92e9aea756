/** How far a layer has come. */
export interface Progress {
  /** Bytes that have gone into the layer: of a resumed one, those before its checkpoint count as well, in both. */
  readonly bytesIn: number;
  /** Bytes of the layer handed out. */
  readonly bytesOut: number;
  /** The `expectedSize` that the layer was given, in bytes of the source; absent if it was given none. */
  readonly expectedSize?: number;
}

/**
 * Is told how far a layer has come, by byte counts alone: after each piece that was handed out, whenever 256 KiB
 * more have gone in since the last report, and at the source's end. What it throws fails the layer, as an error of
 * the source does.
 */
export type ProgressListener = (progress: Progress) => void;

const REPORT_EVERY = 256 * 1024;

export class ProgressMeter {
  readonly #listener: ProgressListener | undefined;
  readonly #expectedSize: number | undefined;
  #bytesIn = 0;
  #bytesOut = 0;
  #reportedIn = 0;

  constructor(listener: ProgressListener | undefined, expectedSize: number | undefined) {
    this.#listener = listener;
    this.#expectedSize = expectedSize;
  }

  /** Counts what had been done before the layer was resumed. */
  resumeAt(bytesIn: number, bytesOut: number): void {
    this.#bytesIn = this.#reportedIn = bytesIn;
    this.#bytesOut = bytesOut;
  }

  wentIn(bytes: number): void {
    this.#bytesIn += bytes;
    if (this.#bytesIn - this.#reportedIn >= REPORT_EVERY) {
      this.report();
    }
  }

  wentOut(bytes: number): void {
    this.#bytesOut += bytes;
    this.report();
  }

  report(): void {
    this.#reportedIn = this.#bytesIn;
    this.#listener?.({
      bytesIn: this.#bytesIn,
      bytesOut: this.#bytesOut,
      ...(this.#expectedSize === undefined ? {} : { expectedSize: this.#expectedSize }),
    });
  }
}
