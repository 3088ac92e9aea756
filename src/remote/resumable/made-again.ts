import type { ChunkSource } from "../../bytes/index.js";
import { SourceChangedError } from "../../stream/index.js";
import type { CheckpointTrail } from "./checkpoint-trail.js";
import type { SentHash } from "./sent-hash.js";

/** How a layer's bytes are read, from where its stream begins. */
export interface MakingAgain {
  /** Where the stream begins within the layer's bytes. */
  readonly offset: number;
  /** What the registry has: bytes before there are made again, and dropped. */
  readonly stored: number;
  /** Told of the bytes that are dropped; undefined if they are not to be compared with anything. */
  readonly sent: SentHash | undefined;
  readonly trail: CheckpointTrail;
  /** The layer's checkpoint, after each piece. */
  readonly checkpoint: () => Uint8Array | undefined;
}

/** The bytes of a layer that the registry lacks, and the checkpoints on the way. */
export class MadeAgain implements ChunkSource {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #making: MakingAgain;
  #offset: number;

  constructor(stream: ReadableStream<Uint8Array>, making: MakingAgain) {
    this.#reader = stream.getReader();
    this.#making = making;
    this.#offset = making.offset;
    making.trail.add(this.#offset, making.checkpoint());
  }

  /** @throws {SourceChangedError} if the layer ends before what the registry has does, or other bytes had been sent */
  async next(): Promise<Uint8Array | undefined> {
    const { stored, sent, trail, checkpoint } = this.#making;
    for (;;) {
      const { done, value } = await this.#reader.read();
      if (done) {
        if (this.#offset < stored) {
          throw new SourceChangedError(
            `it makes a layer of ${this.#offset} bytes, and the registry has ${stored} of them already`,
          );
        }
        return undefined;
      }
      const dropped = value.subarray(0, Math.max(stored - this.#offset, 0));
      this.#offset += value.byteLength;
      sent?.update(dropped);
      trail.add(this.#offset, checkpoint());
      if (dropped.byteLength < value.byteLength) {
        return value.subarray(dropped.byteLength);
      }
    }
  }

  close(reason: unknown): Promise<void> {
    return this.#reader.cancel(reason);
  }
}
