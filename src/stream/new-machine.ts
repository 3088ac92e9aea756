import { describeCheckpoint, type Machine, threadCount } from "../core/index.js";
import { type Compression, UnsupportedError } from "../v1/index.js";
import { CompressedInput } from "./compressed-input.js";
import type { ProgressMeter } from "./progress.js";
import type { RunOptions } from "./run-options.js";

/**
 * The machine of a pass: a new one, or one that goes on where a checkpoint was taken, which the meter is told.
 *
 * @throws {CompressionLevelError} @throws {ThreadCountError} @throws {HashOptionError} @throws {CheckpointError}
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
    throw unresumable(compression);
  }
  const { inputOffset, outputOffset } = describeCheckpoint(resumption.checkpoint);
  const machine = compression.resumeMachine(resumption.checkpoint, resumption.level, machineOptions);
  progress.resumeAt(inputOffset, outputOffset);
  return machine;
}

/**
 * Refuses what makes a pass that can't be gone on with in another process: there would be no checkpoints of it.
 *
 * @throws {UnsupportedError} that says what to leave out
 */
export function requireCheckpoints(
  compression: Compression,
  { machine, resumption, spool }: RunOptions,
): void {
  if (spool !== undefined) {
    throw new UnsupportedError(
      "a layer with a spool gives no checkpoints: make it without one, or read it to its end first, so that its digest is known",
    );
  }
  if (machine?.sha256 === "native") {
    throw new UnsupportedError(
      "a layer with the runtime's own hashes gives no checkpoints: leave sha256 out",
    );
  }
  if (resumption !== undefined) {
    throw new UnsupportedError(
      "the layer was made with `resume`, and begins in the middle: make it over the whole source, without that",
    );
  }
  if (compression.resumeMachine === undefined) {
    throw unresumable(compression);
  }
}

function unresumable(compression: Compression): UnsupportedError {
  return new UnsupportedError(
    `a layer ${describe(compression)} can't be resumed: make it anew over the whole source, with gzip if it is to be resumed`,
  );
}

/** What compresses a layer whose source is compressed already may be known only when it is read. */
function describe(compression: Compression): string {
  return compression instanceof CompressedInput
    ? "whose source is compressed already"
    : `with the compression ${compression.name}`;
}
