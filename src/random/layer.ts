import { bytesOf, Memo, newHasher } from "../bytes/index.js";
import { type UncompressedLayer, uncompressedToLayer } from "../partial/index.js";
import { writeTar } from "../tar/index.js";
import {
  type CallOptions,
  dockerLayer,
  type Hash,
  hashFromBytes,
  type Layer,
  type MediaType,
  type ReadOptions,
} from "../v1/index.js";
import { Generator } from "./generator.js";
import { drawState, type RandomOptions, sourceOf, whole } from "./options.js";

/** Bytes that are made at once. */
const PIECE = 64 * 1024;

/**
 * Makes a layer of random bytes: a tar of one file, `random_file_N.txt`, compressed with gzip. The bytes are made each time
 * that they are read, and never kept, so a layer may be as large as one likes.
 *
 * @param byteSize of the file
 * @param mediaType what the layer says that it is; its bytes don't depend on it
 * @throws {RandomError} if a number is none that can be used
 */
export function layer(
  byteSize: number,
  mediaType: MediaType = dockerLayer,
  options: RandomOptions = {},
): Layer {
  return uncompressedToLayer(new RandomLayer(byteSize, mediaType, drawState(sourceOf(options))));
}

/** A random layer as it is before it is compressed. */
export class RandomLayer implements UncompressedLayer {
  readonly #byteSize: number;
  readonly #mediaType: MediaType;
  readonly #state: Uint32Array;
  readonly #diffID: Memo<Hash> = new Memo((signal) => this.#hash(signal));

  constructor(byteSize: number, mediaType: MediaType, state: Uint32Array) {
    this.#byteSize = whole("size in bytes", byteSize);
    this.#mediaType = mediaType;
    this.#state = state;
  }

  diffID(options?: CallOptions): Promise<Hash> {
    return this.#diffID.get(options);
  }

  async mediaType(): Promise<MediaType> {
    return this.#mediaType;
  }

  async uncompressed(options: ReadOptions = {}): Promise<ReadableStream<Uint8Array>> {
    const generator = new Generator(this.#state);
    const header = { name: `random_file_${generator.next()}.txt`, size: this.#byteSize };
    return writeTar([{ header, body: content(generator, this.#byteSize) }], options);
  }

  async #hash(signal: AbortSignal): Promise<Hash> {
    const hasher = await newHasher("sha256");
    for await (const chunk of bytesOf(await this.uncompressed({ signal }))) hasher.update(chunk);
    return hashFromBytes("sha256", hasher.digest());
  }
}

async function* content(generator: Generator, byteSize: number): AsyncGenerator<Uint8Array, undefined> {
  for (let left = byteSize; left > 0; left -= PIECE) {
    const piece = new Uint8Array(Math.min(left, PIECE));
    generator.fill(piece);
    yield piece;
  }
}
