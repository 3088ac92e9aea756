import { ChunkReader, type ChunkSource, readableOf, unlessAborted } from "../bytes/index.js";
import type { Reference, Tag } from "../name/index.js";
import { tarSize, writeTar } from "../tar/index.js";
import type { CallOptions, Image } from "../v1/index.js";
import { type NamedImages, type PlannedFile, plan } from "./plan.js";

/** How far the writing of a tarball has come, in bytes of the tarball. */
export interface TarballProgress {
  readonly complete: number;
  /** What {@link calculateSize} gives. */
  readonly total: number;
}

/** Takes events as they happen. What it returns is ignored; what it throws fails the stream. */
export type TarballProgressListener = (progress: TarballProgress) => unknown;

/** How a tarball is written. */
export interface WriteOptions extends CallOptions {
  /** Called after each piece that was handed out; the last time, `complete` is `total`. */
  readonly onProgress?: TarballProgressListener | undefined;
}

/**
 * Writes an image as `docker save` does, so that `docker load` takes it: the configuration, named by its digest, the layers
 * as they are, and `manifest.json`. The same images give the same bytes.
 *
 * Sizes come first in a tar, so what is not known of the image is found out here, before there is a stream; nothing of it is
 * kept. The stream is driven by the consumer's pulls; each layer is opened when its turn comes and held to its digest.
 *
 * @param reference what the image is called in the tarball; one by digest gives it no name there
 * @param options a signal that ends what is done here and the stream
 * @throws {NotComputedError} if a layer is a stream that has not been read; the stream is not touched
 * @throws {NameError} if the reference is none
 */
export async function write(
  reference: Reference | string,
  image: Image,
  options: WriteOptions = {},
): Promise<ReadableStream<Uint8Array>> {
  return multiRefWrite([[reference, image]], options);
}

/**
 * Writes several images, or one under several tags, as {@link write} does. A layer that several have is written once.
 *
 * @param images a `Map`, or pairs; one object is one image, however often it comes
 */
export async function multiWrite(
  images: Iterable<readonly [tag: Tag | string, image: Image]>,
  options: WriteOptions = {},
): Promise<ReadableStream<Uint8Array>> {
  return multiRefWrite(images, options);
}

/** Writes several images by tags and digests, as {@link multiWrite} does. One that has no tag has no name in the tarball. */
export async function multiRefWrite(
  images: NamedImages,
  options: WriteOptions = {},
): Promise<ReadableStream<Uint8Array>> {
  const { signal, onProgress } = options;
  const files = await unlessAborted(signal, plan(images, { signal }));
  return readableOf(new TarballSource(files, onProgress), { signal, what: "a tarball" });
}

/**
 * How many bytes a tarball of these images has. It throws what {@link write} throws.
 *
 * @param images as {@link multiRefWrite} takes them
 */
export async function calculateSize(images: NamedImages, options: CallOptions = {}): Promise<number> {
  return sizeOf(await unlessAborted(options.signal, plan(images, options)));
}

function sizeOf(files: readonly PlannedFile[]): number {
  return tarSize(files.map(({ header }) => header));
}

class TarballSource implements ChunkSource {
  readonly #reader: ChunkReader;
  readonly #onProgress: TarballProgressListener | undefined;
  readonly #total: number;
  /** Tells a layer that is being opened or read that it is no longer wanted. */
  readonly #controller = new AbortController();
  #complete = 0;

  constructor(files: readonly PlannedFile[], onProgress: TarballProgressListener | undefined) {
    const { signal } = this.#controller;
    const entries = function* () {
      for (const { header, body } of files) yield { header, body: body(signal) };
    };
    this.#reader = new ChunkReader(writeTar(entries()));
    this.#onProgress = onProgress;
    this.#total = sizeOf(files);
  }

  async next(): Promise<Uint8Array | undefined> {
    const chunk = await this.#reader.next();
    if (chunk !== undefined) {
      this.#complete += chunk.length;
      this.#onProgress?.({ complete: this.#complete, total: this.#total });
    }
    return chunk;
  }

  async close(reason: unknown): Promise<void> {
    this.#controller.abort(reason);
    await this.#reader.close(reason);
  }
}
