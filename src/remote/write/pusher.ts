import type { Repository } from "../../name/index.js";
import type { Descriptor, Layer } from "../../v1/index.js";
import { Client } from "../auth/client.js";
import { jobsOf, type RemoteOptions } from "../options.js";
import { JobSlots } from "../transport/job-slots.js";
import { operation } from "../transport/operation.js";
import { chunkSizeOf } from "../upload/options.js";
import { LayerWriter, type LayerWriting } from "./layer-writer.js";

/** Writes to registries, and remembers what it has written, and how it got in, for the next call. */
export class Pusher {
  readonly #options: RemoteOptions;
  readonly #client: Client;
  readonly #slots: JobSlots;
  readonly #layers: Map<string, LayerWriter> = new Map();

  /** Use {@link newPusher}. */
  constructor(options: RemoteOptions) {
    this.#options = options;
    this.#client = new Client(options);
    this.#slots = new JobSlots(jobsOf(options));
    chunkSizeOf(options);
  }

  /** Writes one layer, as `writeLayer` does. */
  upload(repository: Repository, layer: Layer, writing: LayerWriting = {}): Promise<Descriptor> {
    const { signal, onProgress = this.#options.onProgress } = writing;
    return operation(`writing a layer to ${repository}`, signal, () =>
      this.#layersOf(repository).write(layer, { signal, onProgress }),
    );
  }

  #layersOf(repository: Repository): LayerWriter {
    const key = `${repository.scheme()} ${repository}`;
    const connect = (signal: AbortSignal | undefined) =>
      this.#client.connect(repository, [repository.scope("push,pull")], signal);
    const writer =
      this.#layers.get(key) ??
      new LayerWriter(repository, connect, this.#client.retry, this.#slots, this.#options);
    this.#layers.set(key, writer);
    return writer;
  }
}

/**
 * Makes a pusher. Nothing is asked of any registry before something is written.
 *
 * @throws {RemoteOptionError} if the options contradict each other, or one has a value that it can't have
 */
export function newPusher(options: RemoteOptions = {}): Pusher {
  return new Pusher(options);
}
