import { unlessAborted } from "../bytes/index.js";
import { VarveError } from "../core/error.js";
import { messageOf } from "../core/message.js";
import type { Hash } from "../v1/index.js";

/** What can be wrong, by a name that never changes its meaning. */
export type ProblemName =
  /** A digest is not that of the bytes. */
  | "mismatched-digest"
  /** A diffID is not that of the uncompressed bytes. */
  | "mismatched-diff-id"
  /** A size is not the number of the bytes. */
  | "mismatched-size"
  /** A media type is said to be two things. */
  | "mismatched-media-type"
  /** What a method gives parsed is not what its bytes say. */
  | "mismatched-content"
  /** An index says of an image that it is for another platform than the image's configuration does. */
  | "mismatched-platform"
  /** There are more or fewer layers than the manifest or the configuration lists. */
  | "mismatched-count"
  /** A layer has a path twice, so that one file hides another. */
  | "duplicate-path"
  /** A layer has more paths than may be remembered, so it is not known whether one is there twice. */
  | "too-many-paths"
  /** A layer's content ends before its end. */
  | "undersized-content"
  /** A layer's content can't be read: it is damaged, no tar, or the source failed. */
  | "unreadable-content"
  /** `rootfs.type` of a configuration is not `"layers"`. */
  | "invalid-rootfs"
  /** A blob is not where it should be. */
  | "missing"
  /** A method failed that should give a value. */
  | "unanswered";

/** One thing that is wrong. */
export interface ValidationProblem {
  readonly problem: ProblemName;
  /** What was being validated: `"layers"`, `"config"` or `"manifest"` of an image, `"index"` or `"children"` of an index. */
  readonly stage: Stage;
  /** Where it is, such as `"layers[1]"`, `"config"` or `"manifests[0]/layers[1]"`. */
  readonly where: string;
  /** What was expected and what was found. */
  readonly message: string;
  /** The error underneath, if there is one. */
  readonly cause?: unknown;
}

/** A part of an image or an index that is validated for itself. */
export type Stage = "layers" | "config" | "manifest" | "index" | "children";

/** So many problems are told in the message; all are in `problems`. */
const TOLD = 20;

/** A layer, an image or an index is not what it says. Its `code` is `ERR_VARVE_VALIDATION`; `problems` has all that is wrong. */
export class ValidationError extends VarveError {
  override readonly name = "ValidationError";
  readonly problems: readonly ValidationProblem[];

  /** @param what what was validated, such as `"image"` */
  constructor(what: string, problems: readonly ValidationProblem[]) {
    const told = problems
      .slice(0, TOLD)
      .map(({ stage, where, message }) => `validating ${stage}: ${where}: ${message}`);
    const untold = problems.length > TOLD ? [`and ${problems.length - TOLD} more, in problems`] : [];
    super(
      "ERR_VARVE_VALIDATION",
      `the ${what} is not valid (${problems.length} ${problems.length === 1 ? "problem" : "problems"}): ${[...told, ...untold].join("; ")}`,
      { cause: problems.find(({ cause }) => cause !== undefined)?.cause },
    );
    this.problems = problems;
  }
}

/** Gathers what is wrong with one part of what is validated. */
export class Problems {
  readonly stage: Stage;
  readonly #all: ValidationProblem[];
  readonly #prefix: string;
  readonly #signal: AbortSignal | undefined;

  constructor(
    signal: AbortSignal | undefined,
    stage: Stage = "layers",
    prefix = "",
    all: ValidationProblem[] = [],
  ) {
    this.stage = stage;
    this.#all = all;
    this.#prefix = prefix;
    this.#signal = signal;
  }

  /** The same list, for what is told of another part. */
  in(stage: Stage): Problems {
    return new Problems(this.#signal, stage, this.#prefix, this.#all);
  }

  /** The same list, for what lies further inside. */
  below(where: string): Problems {
    return new Problems(this.#signal, this.stage, `${this.#prefix}${where}/`, this.#all);
  }

  add(problem: ProblemName, where: string, message: string, cause?: unknown): void {
    this.#all.push({
      problem,
      stage: this.stage,
      where: `${this.#prefix}${where}`,
      message,
      ...(cause === undefined ? {} : { cause }),
    });
  }

  /** Adds a problem unless both are the same; what could not be had is not compared. */
  compare(problem: ProblemName, where: string, stated: Stated, found: Stated): void {
    const [[statedName, statedValue], [foundName, foundValue]] = [stated, found];
    if (statedValue === undefined || foundValue === undefined) return;
    const [is, should] = [String(statedValue), String(foundValue)];
    if (is !== should) this.add(problem, where, `${statedName} is ${is}, ${foundName} is ${should}`);
  }

  /** What the call gives; a failure is a problem, and then it is undefined. An abort is no problem but the end. */
  async ask<T>(where: string, name: string, call: () => Promise<T>): Promise<T | undefined> {
    try {
      return await unlessAborted(this.#signal, call());
    } catch (error) {
      this.#signal?.throwIfAborted();
      this.add("unanswered", where, `${name} failed: ${messageOf(error)}`, error);
      return undefined;
    }
  }

  /** Goes on if the failure was that of what is validated; an abort ends everything. */
  throwIfAborted(): void {
    this.#signal?.throwIfAborted();
  }

  /** @throws {ValidationError} if there are any */
  throwIfAny(what: string): void {
    if (this.#all.length > 0) throw new ValidationError(what, this.#all);
  }
}

/** Who says so, and what. */
export type Stated = readonly [name: string, value: string | number | Hash | undefined];
