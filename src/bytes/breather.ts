import { turn } from "#host";

/** Bytes of work between two breaths: some hundredths of a second where they are uncompressed, under a second in any case. */
const STRETCH = 16 * 1024 * 1024;

/** What a step costs besides its bytes, told in bytes: a stream of tiny pieces is work as well. */
const STEP = 1024;

/**
 * Lets the event loop have a turn now and then. Bytes that are at hand, in memory or made up, come by microtasks alone,
 * and while those go on no timer fires, no signal is aborted, and nothing else is answered. So a loop over bytes counts what it does,
 * and takes a breath whenever one is due. It goes by bytes, because there are runtimes whose clocks stand still meanwhile.
 */
export class Breather {
  #work = 0;

  /** Counts one step, over so many bytes. */
  count(bytes: number): void {
    this.#work += STEP + bytes;
  }

  get due(): boolean {
    return this.#work >= STRETCH;
  }

  /** Settles after a turn of the event loop, and never rejects. */
  breathe(): Promise<void> {
    this.#work = 0;
    return turn();
  }
}
