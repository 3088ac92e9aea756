import type { ChunkWindow } from "../upload/chunk-window.js";
import type { UploadWindow } from "../upload/upload-window.js";
import type { CheckpointTrail } from "./checkpoint-trail.js";
import type { SentHash } from "./sent-hash.js";

/** A window over a layer that notes what goes out of it, which is what the registry has confirmed. */
export class ConfirmedWindow implements UploadWindow {
  readonly #window: ChunkWindow;
  readonly #trail: CheckpointTrail;
  readonly #sent: SentHash | undefined;
  #offset: number;

  /** @param offset where the window begins within the layer's bytes */
  constructor(window: ChunkWindow, trail: CheckpointTrail, sent: SentHash | undefined, offset: number) {
    this.#window = window;
    this.#trail = trail;
    this.#sent = sent;
    this.#offset = offset;
  }

  get held(): Uint8Array<ArrayBuffer> {
    return this.#window.held;
  }

  async fill(length: number): Promise<void> {
    this.#trail.aim(this.#offset + length);
    await this.#window.fill(length);
  }

  /** @throws {SourceChangedError} as `SentHash.update` does */
  letGo(length: number): void {
    this.#sent?.update(this.#window.held.subarray(0, length));
    this.#window.letGo(length);
    this.#offset += length;
  }
}
