import { LONGEST_TIMER } from "../../bytes/index.js";
import { VarveError } from "../../core/error.js";
import { RemoteOptionError } from "../option-error.js";
import { NetworkError } from "./network-error.js";
import { RegistryError } from "./registry-error.js";
import { discardBody } from "./response-body.js";
import { retryAfterOf } from "./retry-after.js";
import type { Answer } from "./transport.js";

/** How often something is tried, and how long to wait between the tries. */
export interface RetryBackoff {
  /** Tries in all, at least 1. Default: 3. */
  readonly attempts?: number | undefined;
  /** Milliseconds before the second try. Default: 1000. */
  readonly delay?: number | undefined;
  /** What each further wait is multiplied with. Default: 3. */
  readonly factor?: number | undefined;
  /** The most that a wait is lengthened by at random, as a part of it. Default: 0.1. */
  readonly jitter?: number | undefined;
}

/** What is tried again, and when. */
export interface RetryOptions {
  readonly retryBackoff?: RetryBackoff | undefined;
  /**
   * Whether a failure is one that passes. By default a connection that broke, and any other error that is `retryable`. What a
   * signal's abortion causes is never asked about.
   */
  readonly retryPredicate?: ((failure: unknown) => boolean) | undefined;
  /** Statuses after which a request is made again. Default: 408, 429, 499, 500, 502, 503, 504, 522. */
  readonly retryStatusCodes?: readonly number[] | undefined;
}

const STATUSES: readonly number[] = [408, 429, 499, 500, 502, 503, 504, 522];

/** Tries again what failed for a reason that passes. */
export class RetryPolicy {
  readonly #backoff: Required<{ [K in keyof RetryBackoff]: number }>;
  readonly #predicate: (failure: unknown) => boolean;
  readonly #statuses: ReadonlySet<number>;

  /** @throws {RemoteOptionError} if a number of `retryBackoff` is none, or too small */
  constructor(options: RetryOptions = {}) {
    const { attempts = 3, delay = 1000, factor = 3, jitter = 0.1 } = options.retryBackoff ?? {};
    this.#backoff = { attempts, delay, factor, jitter };
    for (const [name, value] of Object.entries(this.#backoff)) {
      const least = name === "attempts" ? 1 : 0;
      // Nothing would ever be the last of so many attempts as NaN.
      if (!(value >= least)) {
        throw new RemoteOptionError(`retryBackoff.${name} is ${value}: give a number, at least ${least}`);
      }
    }
    this.#predicate = options.retryPredicate ?? isTemporary;
    this.#statuses = new Set(options.retryStatusCodes ?? STATUSES);
  }

  /** Tries in all. */
  get attempts(): number {
    return this.#backoff.attempts;
  }

  /** Whether it makes sense to try again after a failure. */
  allows(failure: unknown): boolean {
    return this.#predicate(failure);
  }

  /**
   * Makes a request until it is answered with a status that stands, or the tries are used up; then that answer is given, whatever it is.
   *
   * @param send makes the request once
   */
  async send(send: () => Promise<Answer>, signal?: AbortSignal): Promise<Answer> {
    for (let attempt = 1; ; attempt++) {
      let wait: number | undefined;
      try {
        const answer = await send();
        if (attempt >= this.attempts || !this.#statuses.has(answer.response.status)) {
          return answer;
        }
        wait = retryAfterOf(answer.response);
        await discardBody(answer.response, signal);
      } catch (failure) {
        signal?.throwIfAborted();
        if (attempt >= this.attempts || !this.#predicate(failure)) {
          throw failure;
        }
      }
      await this.pause(attempt, wait, signal);
    }
  }

  /**
   * Does work until it succeeds, fails for good, or the tries are used up.
   *
   * @param work given the number of the try, from 1
   * @param alsoPasses what else passes than what the policy lets pass
   * @throws the last failure
   */
  run<T>(
    work: (attempt: number) => Promise<T>,
    signal?: AbortSignal,
    alsoPasses: (failure: unknown) => boolean = () => false,
  ): Promise<T> {
    return this.#repeat(work, (failure) => this.#predicate(failure) || alsoPasses(failure), signal);
  }

  /** As {@link run}, for work that is one request with the reading of its answer: statuses are looked at as by {@link send}, too. */
  read<T>(work: (attempt: number) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const passes = (failure: unknown): boolean =>
      this.#predicate(failure) || (failure instanceof RegistryError && this.#statuses.has(failure.status));
    return this.#repeat(work, passes, signal);
  }

  async #repeat<T>(
    work: (attempt: number) => Promise<T>,
    passes: (failure: unknown) => boolean,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work(attempt);
      } catch (failure) {
        if (signal?.aborted === true && !isOfItsOwn(failure)) {
          throw signal.reason;
        }
        if (attempt >= this.attempts || !passes(failure)) {
          throw failure;
        }
        signal?.throwIfAborted();
        await this.pause(attempt, failure instanceof RegistryError ? failure.retryAfter : undefined, signal);
      }
    }
  }

  /**
   * Waits before the next try.
   *
   * @param attempt the number of the try that failed, from 1
   * @param least what the registry asked for, in milliseconds; the longer wait is taken, as far as a timer can wait
   * @throws the signal's reason, at once, when it is aborted
   */
  async pause(attempt: number, least: number | undefined, signal?: AbortSignal): Promise<void> {
    const { delay, factor, jitter } = this.#backoff;
    const wait = delay * factor ** (attempt - 1) * (1 + jitter * Math.random());
    await sleep(Math.min(Math.max(wait, least ?? 0), LONGEST_TIMER), signal);
  }
}

/** Tries once. */
export const onceOnly: RetryPolicy = /* @__PURE__ */ new RetryPolicy({ retryBackoff: { attempts: 1 } });

/**
 * Whether a failure is none that an abortion causes: it came first, and what then was aborted was no more than the clean-up after it.
 */
function isOfItsOwn(failure: unknown): boolean {
  return failure instanceof VarveError && failure.code !== "ERR_VARVE_ABORTED";
}

function isTemporary(failure: unknown): boolean {
  if (failure instanceof NetworkError) {
    return failure.broken;
  }
  return failure instanceof VarveError && failure.retryable;
}

/** @throws the signal's reason, at once, when it is aborted */
function sleep(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      if (signal?.aborted === true) {
        reject(signal.reason);
      } else {
        resolve();
      }
    };
    const timer = setTimeout(end, milliseconds);
    if (signal?.aborted === true) {
      end();
    } else {
      signal?.addEventListener("abort", end, { once: true });
    }
  });
}
