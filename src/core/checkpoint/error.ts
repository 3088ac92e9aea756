import { VarveError } from "../error.js";

/**
 * Why a checkpoint was refused.
 *
 * - `"not-a-checkpoint"`: other bytes altogether
 * - `"truncated"`: its end is missing
 * - `"damaged"`: bytes of it have changed, or it says what can't be
 * - `"version"`: a newer varve has written it
 * - `"kind"`: it was taken of something else, such as a hash where a compressor is to be resumed
 * - `"format"`: it was taken by a compressor whose bytes are those of another format
 * - `"level"`: it was taken at another level than the one that is expected
 */
export type CheckpointProblem =
  | "not-a-checkpoint"
  | "truncated"
  | "damaged"
  | "version"
  | "kind"
  | "format"
  | "level";

/**
 * A checkpoint that can't be resumed. Nothing has been made of it. Its `code` is `ERR_VARVE_CHECKPOINT`; no message
 * of it tells what the checkpoint holds.
 */
export class CheckpointError extends VarveError {
  override readonly name = "CheckpointError";
  /** What is wrong with it, for programs. */
  readonly reason: CheckpointProblem;

  /** @param problem a clause that says what is wrong with it */
  constructor(reason: CheckpointProblem, problem: string) {
    super(
      "ERR_VARVE_CHECKPOINT",
      `the checkpoint can't be resumed: ${problem}; resume an older one, or start over`,
    );
    this.reason = reason;
  }
}
