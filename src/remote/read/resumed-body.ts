import type { ChunkSource } from "../../bytes/index.js";
import { isStatus } from "../auth/connection.js";
import { causedBy } from "../transport/earlier-failure.js";
import { brokenBody } from "../transport/network-error.js";
import { ProtocolError } from "../transport/protocol-error.js";
import { redactURL } from "../transport/redact.js";
import type { RetryPolicy } from "../transport/retry.js";
import type { Answer } from "../transport/transport.js";

/**
 * The body of an answer, and of the answers that take it up where it broke off (RFC 9110, section 14.2). How often that is done is counted
 * anew whenever something has come. Whether the parts belong together is for the digest to tell.
 */
export class ResumedBody implements ChunkSource {
  readonly #request: (from: number) => Promise<Answer>;
  readonly #retry: RetryPolicy;
  readonly #size: number | undefined;
  readonly #signal: AbortSignal | undefined;
  #answer: Answer;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  /** Bytes that have been read. */
  #offset = 0;
  /** Bytes of this answer that had been read from one before. */
  #skip = 0;
  #failures = 0;
  /** What broke the body off, until something has come after that. */
  #broken: unknown;
  #closed = false;

  /**
   * @param answer the first, from the beginning
   * @param request asks for what is there from an offset on; answered with 206, or with 200 by those who know no ranges
   * @param size bytes in all; undefined if that is not known
   * @param signal ends the waiting before a further request
   */
  constructor(
    answer: Answer,
    request: (from: number) => Promise<Answer>,
    retry: RetryPolicy,
    size: number | undefined,
    signal: AbortSignal | undefined,
  ) {
    this.#answer = answer;
    this.#reader = answer.response.body?.getReader();
    this.#request = request;
    this.#retry = retry;
    this.#size = size;
    this.#signal = signal;
  }

  /** @throws {NetworkError} if it breaks off for good; {@link RegistryError} if the rest is refused */
  async next(): Promise<Uint8Array | undefined> {
    for (;;) {
      let value: Uint8Array | undefined;
      try {
        value = (await this.#reader?.read())?.value;
      } catch (failure) {
        await this.#takeUp(failure);
        continue;
      }
      if (value === undefined) {
        this.#end();
        return undefined;
      }
      const skipped = Math.min(this.#skip, value.byteLength);
      this.#skip -= skipped;
      this.#offset += value.byteLength - skipped;
      if (skipped < value.byteLength) {
        this.#failures = 0;
        this.#broken = undefined;
      }
      return value.subarray(skipped);
    }
  }

  async close(reason: unknown): Promise<void> {
    this.#closed = true;
    await this.#reader?.cancel(reason);
  }

  /** Where nothing came of the rest, what was in the way of it is the failure, and not what is missing. */
  #end(): void {
    if (this.#broken !== undefined && this.#offset < (this.#size ?? 0)) {
      throw this.#broken;
    }
  }

  /** Asks for the rest; throws what broke the body if that is no use. */
  async #takeUp(failure: unknown): Promise<void> {
    const broken = brokenBody(failure, this.#answer);
    this.#signal?.throwIfAborted();
    this.#failures += 1;
    if (this.#closed || this.#failures >= this.#retry.attempts || !this.#retry.allows(broken)) {
      throw broken;
    }
    await this.#retry.pause(this.#failures, undefined, this.#signal);
    this.#broken = broken;
    try {
      this.#answer = await this.#request(this.#offset);
    } catch (refusal) {
      this.#signal?.throwIfAborted();
      causedBy(refusal, broken);
      if (!isStatus(refusal, 416)) {
        throw refusal;
      }
      // There is nothing from there on: it broke at the very end, or there is less than there should be.
      this.#broken = refusal;
      this.#reader = undefined;
      return;
    }
    this.#reader = this.#answer.response.body?.getReader();
    if (this.#closed) {
      await this.#reader?.cancel();
    }
    this.#skip = this.#offset - this.#begin();
  }

  /** Where the answer's body begins. */
  #begin(): number {
    const { response, url } = this.#answer;
    if (response.status !== 206) {
      return 0;
    }
    const range = response.headers.get("content-range");
    const begin = /^bytes (\d{1,15})-/.exec(range ?? "")?.[1];
    if (begin === undefined && range === null) {
      return this.#offset;
    }
    if (begin === undefined || Number(begin) > this.#offset) {
      throw new ProtocolError(
        `GET ${redactURL(url)}: asked for what is there from byte ${this.#offset} on, and was given something else`,
      );
    }
    return Number(begin);
  }
}
