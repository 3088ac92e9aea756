import { describeCheckpoint, type Machine, threadCount } from "../core/index.js";
import { type Compression, UnsupportedError } from "../v1/index.js";
import type { ProgressMeter } from "./progress.js";
import type { RunOptions } from "./run-options.js";

/**
 * The machine of a pass: a new one, or one that goes on where a checkpoint was taken, which the meter is told.
 *
 * @throws {CompressionLevelError} @throws {ThreadCountError} @throws {CheckpointError}
 * @throws {UnsupportedError} if the compression can't be resumed, or the layer not with a spool
 */
export function newMachine(
  compression: Compression,
  level: number,
  progress: ProgressMeter,
  { machine: machineOptions, resumption, spool }: RunOptions,
): Machine {
  // A compression without threads has no use for them, but a number that can't be is refused all the same.
  threadCount(machineOptions?.threads ?? 1);
  if (resumption === undefined) {
    return compression.newMachine(level, machineOptions);
  }
  if (spool !== undefined) {
    throw new UnsupportedError(
      "a resumed layer can't be spooled, for its beginning isn't made again: make it anew over the whole source, or without a spool",
    );
  }
  if (compression.resumeMachine === undefined) {
    throw new UnsupportedError(
      `a layer with the compression ${compression.name} can't be resumed: make it anew over the whole source`,
    );
  }
  const { inputOffset, outputOffset } = describeCheckpoint(resumption.checkpoint);
  const machine = compression.resumeMachine(resumption.checkpoint, resumption.level, machineOptions);
  progress.resumeAt(inputOffset, outputOffset);
  return machine;
}
