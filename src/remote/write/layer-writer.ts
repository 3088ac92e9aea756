import { unlessAborted } from "../../bytes/index.js";
import type { Repository } from "../../name/index.js";
import type { Descriptor, Layer } from "../../v1/index.js";
import type { Connection } from "../auth/connection.js";
import { checkResumable } from "../resumable/check.js";
import type { ResumableOptions } from "../resumable/options.js";
import type { JobSlots } from "../transport/job-slots.js";
import type { RetryPolicy } from "../transport/retry.js";
import type { UploadOptions } from "../upload/options.js";
import { ProgressReport, type UploadProgressListener } from "../upload/progress.js";
import { BlobWriter } from "./blob-writer.js";
import { describeIfKnown } from "./describe-layer.js";
import { mountableFrom, widenToMount } from "./mount-source.js";
import { OnceTable } from "./once-table.js";

/** What a call that writes layers may be given. */
export interface LayerWriting {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: UploadProgressListener | undefined;
  /** How a layer's push can be gone on with later; of one layer only. */
  readonly resumable?: ResumableOptions | undefined;
}

/** Gives access to a repository, with the right to push. */
export type Connect = (signal: AbortSignal | undefined) => Promise<Connection>;

/** Writes layers to one repository: each blob, and each stream, once. */
export class LayerWriter {
  readonly #repository: Repository;
  readonly #connect: Connect;
  readonly #retry: RetryPolicy;
  readonly #slots: JobSlots;
  readonly #options: UploadOptions;
  /** By digest; a stream by the layer that it is, which gets a digest when it has been written. */
  readonly #written: OnceTable<string | Layer, Descriptor> = new OnceTable();

  constructor(
    repository: Repository,
    connect: Connect,
    retry: RetryPolicy,
    slots: JobSlots,
    options: UploadOptions,
  ) {
    this.#repository = repository;
    this.#connect = connect;
    this.#retry = retry;
    this.#slots = slots;
    this.#options = options;
  }

  /** Writes a layer, unless that has been done or is under way. Who only waited for another caller is told of the end alone. */
  async write(layer: Layer, writing: LayerWriting): Promise<Descriptor> {
    const { signal, onProgress, resumable } = writing;
    const known = await unlessAborted(signal, describeIfKnown(layer));
    if (resumable !== undefined) {
      checkResumable(layer, known, resumable, this.#options, this.#repository.registryStr());
    }
    const key = known === undefined ? layer : String(known.digest);
    let own = false;
    const work = (shared: AbortSignal): Promise<Descriptor> => {
      own = true;
      return this.#write(layer, known, writing, shared);
    };
    let written: Descriptor;
    try {
      written = await this.#written.run(key, signal, work);
    } catch (failure) {
      // It may be the other caller's listener that failed. A stream can't be read again.
      if (own || known === undefined || signal?.aborted === true) {
        throw failure;
      }
      written = await this.#written.run(key, signal, work);
    }
    if (!own) {
      new ProgressReport(onProgress, written).enter("existing");
    }
    this.#written.set(String(written.digest), written);
    return known ?? written;
  }

  #write(
    layer: Layer,
    known: Descriptor | undefined,
    { onProgress, resumable }: LayerWriting,
    signal: AbortSignal,
  ): Promise<Descriptor> {
    return this.#slots.run(signal, async () => {
      const progress = new ProgressReport(onProgress, known);
      const connection = await this.#connect(signal);
      const writer = new BlobWriter(connection, this.#repository, this.#retry, this.#options);
      const source = mountableFrom(layer, this.#repository);
      const mayMount =
        source !== undefined && (await widenToMount(connection, [source.scope("pull")], signal));
      const mountFrom = mayMount ? source : undefined;
      return writer.write({ layer, known, mountFrom, resumable, progress, signal });
    });
  }
}
