import { unlessAborted } from "../../bytes/index.js";
import { LayerPieces } from "./layer-pieces.js";
import type { UploadWindow } from "./upload-window.js";

/** The least memory that is taken at first; layers are often small. */
const FIRST_CAPACITY = 64 * 1024;

/** A window over a layer's stream, as long as the chunks that are asked of it, beside one piece of the stream. */
export class ChunkWindow implements UploadWindow {
  readonly #pieces: LayerPieces;
  readonly #signal: AbortSignal | undefined;
  #buffer: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST_CAPACITY);
  #start = 0;
  #end = 0;
  /** What of the last piece did not fit. */
  #rest: Uint8Array = new Uint8Array();
  #ended = false;

  /** @param expected bytes in all; undefined if that is not known */
  constructor(source: ReadableStream<Uint8Array>, expected?: number, signal?: AbortSignal) {
    this.#pieces = new LayerPieces(source, expected);
    this.#signal = signal;
  }

  get held(): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  /** @throws {LayerReadError} as `LayerPieces.next` does; the signal's reason, at once, when it is aborted */
  async fill(length: number): Promise<void> {
    while (this.#end - this.#start < length) {
      if (this.#rest.byteLength > 0) {
        this.#take(length);
        continue;
      }
      if (this.#ended) {
        return;
      }
      const piece = await unlessAborted(this.#signal, this.#pieces.next());
      this.#ended = piece === undefined;
      this.#rest = piece ?? this.#rest;
    }
  }

  letGo(length: number): void {
    this.#start += length;
  }

  /** Ends the layer, unless it has ended; settles as the layer's own cancelling does. */
  cancel(reason: unknown): Promise<void> {
    return this.#pieces.cancel(reason);
  }

  #take(length: number): void {
    this.#makeRoom(length);
    const taken = this.#rest.subarray(0, length - (this.#end - this.#start));
    this.#buffer.set(taken, this.#end);
    this.#end += taken.byteLength;
    this.#rest = this.#rest.subarray(taken.byteLength);
  }

  /** Room for as many bytes as are at hand and can be taken from the piece, without taking more than doubles it at a time. */
  #makeRoom(length: number): void {
    const held = this.#end - this.#start;
    const wanted = Math.min(length, held + this.#rest.byteLength);
    if (wanted <= this.#buffer.byteLength - this.#start) {
      return;
    }
    const target =
      wanted <= this.#buffer.byteLength
        ? this.#buffer
        : new Uint8Array(Math.min(length, Math.max(wanted, this.#buffer.byteLength * 2)));
    target.set(this.held);
    this.#buffer = target;
    this.#start = 0;
    this.#end = held;
  }
}
