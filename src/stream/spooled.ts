import { IdentityLayerMachine, type Machine } from "../core/index.js";
import { messageOf } from "../core/message.js";
import { type Compression, readingMachine } from "../v1/index.js";
import { ProgressMeter } from "./progress.js";
import { Run } from "./run.js";
import { readerOf } from "./source/open.js";
import type { SourceReader } from "./source/source.js";
import { type Spool, SpoolError } from "./spool.js";
import { VerifiedMachine } from "./verified-machine.js";

/** What reads a layer again from its spool: each reading is a run of its own, and ends as such. */
export class SpooledLayer {
  readonly #spool: Spool;
  readonly #compression: Compression;
  readonly #run: Run;
  #removal: Promise<void> | undefined;

  /** @param run the pass that writes the spool; if it fails, the spool is removed */
  constructor(spool: Spool, compression: Compression, run: Run) {
    this.#spool = spool;
    this.#compression = compression;
    this.#run = run;
    run.result.catch(() => this.remove().catch(() => {}));
  }

  /** A run that gives the compressed bytes. @throws {SpoolError} if the spool has been removed */
  compressed(): Run {
    return this.#again(() => new IdentityLayerMachine());
  }

  /**
   * A run that gives the uncompressed bytes. If the layer has not been read yet, its first demand reads it to its
   * end, into the spool; ending the run before that ends the layer.
   *
   * @throws {SpoolError} if the spool has been removed
   */
  uncompressed(): Run {
    return this.#again(() => readingMachine(this.#compression, {}));
  }

  /** Removes the spool. @throws {SpoolError} if it cannot be */
  remove(): Promise<void> {
    this.#removal ??= (async () => this.#spool.remove())().catch((error: unknown) => {
      throw new SpoolError("the spool could not be removed, and may still hold the layer's bytes", error);
    });
    return this.#removal;
  }

  #again(newMachine: () => Machine): Run {
    if (this.#removal !== undefined) {
      throw closedError();
    }
    const reread: Compression = {
      name: "spool",
      defaultMediaType: "application/octet-stream",
      prepare: () => this.#fill(),
      newMachine: () => new VerifiedMachine(newMachine(), this.#run.values("spool")),
    };
    const reader = new SpoolReader(
      this.#run,
      () => readerOf(this.#spool.read()),
      () => this.#removal !== undefined,
    );
    return new Run(reader, reread, 0, new ProgressMeter(undefined, undefined));
  }

  /** Reads the layer to its end, if that has not been done. */
  async #fill(): Promise<void> {
    while (await this.#run.next(() => {}));
  }
}

function closedError(cause?: unknown): SpoolError {
  return new SpoolError(
    "the layer was closed, and its spool removed with it: read it before it is closed",
    cause,
  );
}

/** Reads a spool, which is opened when the first bytes are asked for. */
class SpoolReader implements SourceReader {
  readonly #run: Run;
  readonly #open: () => SourceReader;
  readonly #removed: () => boolean;
  #reader: SourceReader | undefined;

  constructor(run: Run, open: () => SourceReader, removed: () => boolean) {
    this.#run = run;
    this.#open = open;
    this.#removed = removed;
  }

  async read(): Promise<Uint8Array | undefined> {
    try {
      this.#reader ??= this.#open();
      const chunk = await this.#reader.read();
      if (this.#removed()) throw closedError();
      return chunk;
    } catch (error) {
      if (error instanceof SpoolError) throw error;
      if (this.#removed()) throw closedError(error);
      throw new SpoolError(`the spool could not be read (${messageOf(error)})`, error);
    }
  }

  /** If the layer is being read for this reader, that is ended. */
  async close(reason: unknown): Promise<void> {
    this.#run.end("the layer's uncompressed stream was ended", reason);
    await this.#reader?.close(reason);
  }
}
