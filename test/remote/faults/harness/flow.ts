import { readableFrom } from "../../../../src/bytes/index.js";
import type { ErrorCode } from "../../../../src/core/error.js";
import type { RemoteOptions } from "../../../../src/remote/index.js";
import type { BenchOptions } from "./bench.js";
import type { Calamity } from "./calamities.js";
import type { Kind, Step } from "./steps.js";
import type { Manner } from "./verdicts.js";

/** What a client does, and what is there before. */
export interface Flow {
  readonly name: string;
  readonly bench?: BenchOptions;
  /** Puts into the registry what has to be there. */
  readonly prepare?: (quiet: RemoteOptions) => Promise<unknown>;
  /** Whether nothing in the registry is changed, so that it need be prepared only once. */
  readonly reads?: boolean;
  /** Does it; gives what came of it, in a form that can be compared. */
  readonly run: (client: RemoteOptions, sources: Sources, quiet: RemoteOptions) => Promise<unknown>;
  /** Whether a step is struck: not one that is as in another flow. Default: all are. */
  readonly strikes?: (step: Step, calamity: Calamity) => boolean;
  /** The code of the error that it ends with, where it is refused though nothing is struck. */
  readonly refused?: ErrorCode;
  /** Whether it does several things at a time, as far as the jobs allow. */
  readonly branches?: boolean;
  /** Whether what fails is done again, without anything that goes wrong. */
  readonly recovers?: boolean;
  /** Whether blobs are sent in whatever way fits. */
  readonly free?: boolean;
  /** What the flow itself has go wrong: what an error may tell of in place of what is struck beside. */
  readonly tells?: RegExp;
  /** The code of the error that stays, where what is struck was only to help after an earlier failure. */
  readonly code?: ErrorCode;
  /** How steps are dealt with where that is not as usual. */
  readonly manners?: Partial<Readonly<Record<Kind, Manner>>>;
  /** Which chunks, as "kind nth", are as small as chunks get. */
  readonly smallest?: readonly string[];
}

/** The sources of a flow's layers. */
export class Sources {
  #open = 0;

  /** Sources that were opened and have not ended. */
  get open(): number {
    return this.#open;
  }

  /** Bytes, in chunks of 30,000; each of them comes after a turn of the event loop. */
  async *chunks(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
    this.#open += 1;
    try {
      for (let at = 0; at < bytes.length; at += 30_000) {
        await new Promise((resolve) => setImmediate(resolve));
        yield bytes.slice(at, at + 30_000);
      }
    } finally {
      this.#open -= 1;
    }
  }

  /** A stream of bytes that counts as open until it has ended or been cancelled. */
  stream(bytes: Uint8Array): ReadableStream<Uint8Array> {
    return readableFrom(this.chunks(bytes));
  }
}
