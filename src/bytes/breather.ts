import { turnsNeedTimers } from "#host";

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

/**
 * A timer waits for a millisecond or more, so it is for where there are no channels, or these give no turn. A port that is open keeps
 * Node.js alive.
 */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    if (turnsNeedTimers || typeof MessageChannel !== "function") {
      try {
        setTimeout(resolve, 0);
      } catch {
        // Outside of requests, Workers have no timers, and nothing that waits for its turn either.
        resolve();
      }
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
