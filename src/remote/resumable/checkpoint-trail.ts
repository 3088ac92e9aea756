import { describeCheckpoint } from "../../core/index.js";

/** A checkpoint, and how many of the layer's bytes had been read when it was given: no fewer than come before it. */
interface Mark {
  readonly offset: number;
  readonly checkpoint: Uint8Array;
}

/**
 * The checkpoints of a layer that is read ahead of what the registry has. Kept are the two newest before the end of what the registry
 * has, the two newest before the end of the chunk that is being made, and those after that.
 */
export class CheckpointTrail {
  #marks: readonly Mark[] = [];
  #confirmed: number;
  #target = 0;

  /**
   * @param confirmed what the registry has to begin with
   * @param earlier checkpoints from before there, the newest first
   */
  constructor(confirmed: number, earlier: readonly Uint8Array[]) {
    this.#confirmed = confirmed;
    this.#marks = earlier
      .map((checkpoint) => ({ offset: describeCheckpoint(checkpoint).outputOffset, checkpoint }))
      .toReversed();
  }

  /** The bytes up to there are the next that the registry will be given. */
  aim(target: number): void {
    this.#target = target;
  }

  /** Notes the checkpoint that the layer gives when so many of its bytes have been read. */
  add(offset: number, checkpoint: Uint8Array | undefined): void {
    if (checkpoint === undefined) {
      return;
    }
    const marks = [...this.#marks, { offset, checkpoint }];
    const end = Math.max(this.#confirmed, this.#target);
    this.#marks = [
      ...marks.filter((mark) => mark.offset <= this.#confirmed).slice(-2),
      ...marks.filter((mark) => mark.offset > this.#confirmed && mark.offset <= end).slice(-2),
      ...marks.filter((mark) => mark.offset > end),
    ];
  }

  /** The newest checkpoint at or before the end of what the registry has now, and the one before it: at most two, the newer one first. */
  confirm(confirmed: number): readonly Uint8Array[] {
    this.#confirmed = confirmed;
    const found = new Map<number, Uint8Array>();
    for (const { checkpoint } of this.#marks.filter(({ offset }) => offset <= confirmed).toReversed()) {
      const { outputOffset } = describeCheckpoint(checkpoint);
      if (found.size < 2 && !found.has(outputOffset)) {
        found.set(outputOffset, checkpoint);
      }
    }
    return [...found.values()];
  }
}
