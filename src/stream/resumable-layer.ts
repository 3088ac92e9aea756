import type { Layer } from "../v1/index.js";

/** How a layer goes on at a checkpoint. */
export interface ResumeOptions {
  /**
   * Where in the whole input the layer's source begins, in bytes; at most the checkpoint's input offset. From 1 on nothing is
   * verified: the checkpoint knows the hash of all that came before it, and of no part of that. Default: 0.
   */
  readonly sourceOffset?: number | undefined;
}

/**
 * A layer that is made in one pass, and can be gone on with by another object, in another process: what resumable pushes ask of a
 * layer. `StreamLayer` is one.
 */
export interface ResumableLayer extends Layer {
  /** @throws {UnsupportedError} that says what to do, if the layer is one that gives no checkpoints; an error if it has been opened */
  requireCheckpoints(): void;
  /**
   * The state where the bytes that have been handed out so far end, or earlier; undefined if there is none. Whatever it is, it is a
   * secret.
   */
  checkpoint(): Uint8Array<ArrayBuffer> | undefined;
  /**
   * Has a layer that has not been opened go on at a checkpoint, so that its stream begins at the checkpoint's output offset. The source
   * is held against the checkpoint before anything is made of it; if it is another, the stream fails with `SourceChangedError`.
   */
  resumeAt(checkpoint: Uint8Array, options?: ResumeOptions): void;
}

/** A layer as one that can be gone on with, if it has what that takes, whatever its class is. */
export function resumableLayer(layer: Layer): ResumableLayer | undefined {
  const candidate = layer as Partial<ResumableLayer>;
  const methods = [candidate.requireCheckpoints, candidate.checkpoint, candidate.resumeAt];
  return methods.every((method) => typeof method === "function") ? (layer as ResumableLayer) : undefined;
}
