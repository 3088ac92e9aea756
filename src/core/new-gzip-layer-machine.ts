import { GzipLayerMachine } from "./gzip-layer-machine.js";
import type { Machine } from "./machine.js";
import { asksForNative, type HashOptions, type ThreadOptions } from "./machine-options.js";
import { NativeGzipLayerMachine } from "./native-gzip-layer-machine.js";
import { NativeLayerHashes } from "./native-layer-hashes.js";
import { ParallelGzipLayerMachine } from "./parallel-gzip-layer-machine.js";
import { threadCount } from "./thread/thread-count.js";

/**
 * Makes a machine that gives the layer of {@link GzipLayerMachine}, with as many threads and with the hashes that are asked
 * for, as far as the runtime has them; the result tells. With the runtime's own hashes it has no checkpoints.
 *
 * @throws CompressionLevelError @throws ThreadCountError @throws HashOptionError @throws NotInitializedError
 */
export function newGzipLayerMachine(level: number, options: ThreadOptions & HashOptions = {}): Machine {
  if (threadCount(options.threads ?? 1) > 1) return new ParallelGzipLayerMachine(level, options);
  const hashes = asksForNative(options) ? NativeLayerHashes.open() : undefined;
  return hashes === undefined ? new GzipLayerMachine(level) : new NativeGzipLayerMachine(level, hashes);
}

/**
 * Makes a machine that goes on where a checkpoint of such a machine was taken, with as many threads as are asked for. It
 * hashes by itself, whoever's hashes are asked for: those of a runtime can't be put into a state.
 *
 * @throws CheckpointError @throws CompressionLevelError @throws ThreadCountError @throws NotInitializedError
 */
export function resumeGzipLayerMachine(
  checkpoint: Uint8Array,
  level: number | undefined,
  options: ThreadOptions = {},
): Machine {
  return threadCount(options.threads ?? 1) > 1
    ? ParallelGzipLayerMachine.resume(checkpoint, level, options)
    : GzipLayerMachine.resume(checkpoint, level);
}
