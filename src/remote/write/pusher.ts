import type { Reference, Repository } from "../../name/index.js";
import type { Descriptor, Layer } from "../../v1/index.js";
import { Client } from "../auth/client.js";
import { jobsOf, type RemoteOptions } from "../options.js";
import { all } from "../transport/all.js";
import { JobSlots } from "../transport/job-slots.js";
import { operation } from "../transport/operation.js";
import { chunkSizeOf } from "../upload/options.js";
import type { LayerWriting } from "./layer-writer.js";
import { RepositoryWriter } from "./repository-writer.js";
import type { Taggable } from "./taggable.js";

/** What one call of a pusher can be given. */
export type PushOptions = Omit<LayerWriting, "resumable">;

/**
 * Writes to registries, and remembers for the next call what it has written, and how it got in. A failure is not remembered.
 */
export class Pusher {
  readonly #options: RemoteOptions;
  readonly #client: Client;
  readonly #slots: JobSlots;
  readonly #writers: Map<string, RepositoryWriter> = new Map();

  /** Use {@link newPusher}. */
  constructor(options: RemoteOptions) {
    this.#options = options;
    this.#client = new Client(options);
    this.#slots = new JobSlots(jobsOf(options));
    chunkSizeOf(options);
  }

  /** Writes one layer, as `writeLayer` does. */
  upload(repository: Repository, layer: Layer, options: LayerWriting = {}): Promise<Descriptor> {
    return operation(`writing a layer to ${repository}`, options.signal, () =>
      this.#writerFor(repository).writeLayer(layer, {
        ...this.#writing(options),
        resumable: options.resumable,
      }),
    );
  }

  /** Writes an image, an index or a manifest with all that belongs to it, as `write` does. */
  push(reference: Reference, taggable: Taggable, options: PushOptions = {}): Promise<Descriptor> {
    return operation(`writing ${reference.name()}`, options.signal, () =>
      this.#writerFor(reference.context()).push(reference, taggable, this.#writing(options)),
    );
  }

  /** Writes several things at a time, as `multiWrite` does. */
  pushAll(
    taggables: ReadonlyMap<Reference, Taggable>,
    options: PushOptions = {},
  ): Promise<readonly Descriptor[]> {
    return operation(`writing ${taggables.size} manifests`, options.signal, () =>
      all(
        options.signal,
        [...taggables].map(
          ([reference, taggable]) =>
            (signal) =>
              this.push(reference, taggable, { ...options, signal }),
        ),
      ),
    );
  }

  /** Writes a manifest only, as `put` does. */
  put(reference: Reference, taggable: Taggable, options: PushOptions = {}): Promise<Descriptor> {
    return operation(`writing ${reference.name()}`, options.signal, () =>
      this.#writerFor(reference.context()).put(reference, taggable, options.signal),
    );
  }

  #writing({ signal, onProgress = this.#options.onProgress }: PushOptions): LayerWriting {
    return { signal, onProgress };
  }

  #writerFor(repository: Repository): RepositoryWriter {
    const key = `${repository.scheme()} ${repository}`;
    const writer =
      this.#writers.get(key) ?? new RepositoryWriter(repository, this.#client, this.#slots, this.#options);
    this.#writers.set(key, writer);
    return writer;
  }
}

/**
 * Makes a pusher. Nothing is asked of any registry before something is written. A signal is given to each call, and not
 * heeded among the options here.
 *
 * @throws {RemoteOptionError} if the options contradict each other, or one has a value that it can't have
 */
export function newPusher(options: RemoteOptions = {}): Pusher {
  return new Pusher(options);
}
