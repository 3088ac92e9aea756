import { bytesOf, Memo, newHasher, verified } from "../bytes/index.js";
import type { UncompressedLayer } from "../partial/index.js";
import { type CallOptions, type Hash, hashFromBytes, type MediaType, type ReadOptions } from "../v1/index.js";

/** A file that is a layer without compression, and what is known of it. */
export interface PlainFile {
  readonly open: (options?: ReadOptions) => Promise<ReadableStream<Uint8Array>>;
  /** What the layer says that it is once it is compressed. */
  readonly mediaType: MediaType;
  /** Bytes of the file. */
  readonly size?: number | undefined;
  /** What it must hash to, if a configuration says so. */
  readonly diffID?: Hash | undefined;
}

/** A layer whose uncompressed bytes are in a file, before it is compressed. Each reading is held to the diffID. */
export class PlainFileLayer implements UncompressedLayer {
  readonly #file: PlainFile;
  readonly #diffID: Memo<Hash> = new Memo((signal) => this.#hash(signal));

  constructor(file: PlainFile) {
    this.#file = file;
  }

  async diffID(options?: CallOptions): Promise<Hash> {
    return this.#file.diffID ?? this.#diffID.get(options);
  }

  async mediaType(): Promise<MediaType> {
    return this.#file.mediaType;
  }

  async uncompressed(options: ReadOptions = {}): Promise<ReadableStream<Uint8Array>> {
    const digest = await this.diffID(options);
    const content = await this.#file.open(options);
    return verified(content, { ...options, digest, size: this.#file.size, what: "a layer's content" });
  }

  async #hash(signal: AbortSignal): Promise<Hash> {
    const hasher = await newHasher("sha256");
    const content = await this.#file.open({ signal });
    for await (const chunk of bytesOf(content, { signal, what: "a layer" })) hasher.update(chunk);
    return hashFromBytes("sha256", hasher.digest());
  }
}
