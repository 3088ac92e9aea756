import { unlessAborted } from "../../bytes/index.js";
import type { Repository } from "../../name/index.js";
import type { Descriptor, Layer } from "../../v1/index.js";
import type { Connection } from "../auth/connection.js";
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

  /** Writes a layer, unless that has been done or is under way. */
  async write(layer: Layer, { signal, onProgress }: LayerWriting): Promise<Descriptor> {
    const known = await unlessAborted(signal, describeIfKnown(layer));
    const key = known === undefined ? layer : String(known.digest);
    const written = await this.#written.run(key, signal, (shared) =>
      this.#slots.run(shared, async () => {
        const progress = new ProgressReport(onProgress, known);
        const connection = await this.#connect(shared);
        const writer = new BlobWriter(connection, this.#repository, this.#retry, this.#options);
        const source = mountableFrom(layer, this.#repository);
        const mayMount =
          source !== undefined && (await widenToMount(connection, [source.scope("pull")], shared));
        const mountFrom = mayMount ? source : undefined;
        return writer.write({ layer, known, mountFrom, progress, signal: shared });
      }),
    );
    this.#written.set(String(written.digest), written);
    return known ?? written;
  }
}
