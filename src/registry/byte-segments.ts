import type { ByteRange } from "./byte-range.js";
import type { MemoryBudget } from "./memory-budget.js";

/** Segments double with the content between these bounds, so that short blobs waste little and long ones need few segments. */
const SMALLEST_SEGMENT = 4 * 1024;
const LARGEST_SEGMENT = 1024 * 1024;

/** Most bytes that are handed out at a time. */
const CHUNK = 64 * 1024;

/**
 * Bytes in memory that grow at the end. Content is copied in and copied out, since a chunk of a request may be a small view of a
 * large buffer, and a reader may take away the buffer that it is handed. What the segments occupy is taken from a budget.
 */
export class ByteSegments {
  readonly #budget: MemoryBudget;
  #segments: Uint8Array[] = [];
  #size = 0;
  #capacity = 0;

  constructor(budget: MemoryBudget) {
    this.#budget = budget;
  }

  /** Bytes of content. */
  get size(): number {
    return this.#size;
  }

  /** @throws {StorageFullError} if the budget is used up; the content then ends somewhere within these bytes */
  append(bytes: Uint8Array): void {
    let offset = 0;
    while (offset < bytes.length) {
      if (this.#size === this.#capacity) this.#grow();
      const segment = this.#segments.at(-1) as Uint8Array;
      const free = this.#capacity - this.#size;
      const part = bytes.subarray(offset, offset + free);
      segment.set(part, segment.length - free);
      this.#size += part.length;
      offset += part.length;
    }
  }

  /** Gives back what the content does not need; nothing is appended afterwards. */
  trim(): void {
    const free = this.#capacity - this.#size;
    const last = this.#segments.pop();
    if (last === undefined) return;
    this.#segments.push(last.slice(0, last.length - free));
    this.#capacity -= free;
    this.#budget.give(free);
  }

  /** Gives everything back. What {@link chunks} gave before still reads to its end. */
  release(): void {
    this.#budget.give(this.#capacity);
    this.#segments = [];
    this.#size = 0;
    this.#capacity = 0;
  }

  /** Copies of the content, or of the part of it that the range names. */
  chunks(range: ByteRange = { first: 0, last: this.#size - 1 }): Generator<Uint8Array, void, undefined> {
    return copies([...this.#segments], range);
  }

  #grow(): void {
    const wanted = Math.min(Math.max(this.#capacity, SMALLEST_SEGMENT), LARGEST_SEGMENT);
    const length = Math.max(Math.min(wanted, this.#budget.left), 1);
    this.#budget.take(length);
    this.#segments.push(new Uint8Array(length));
    this.#capacity += length;
  }
}

function* copies(segments: readonly Uint8Array[], range: ByteRange): Generator<Uint8Array, void, undefined> {
  let start = 0;
  for (const segment of segments) {
    const end = Math.min(segment.length, range.last + 1 - start);
    for (let from = Math.max(range.first - start, 0); from < end; from += CHUNK) {
      yield segment.slice(from, Math.min(from + CHUNK, end));
    }
    start += segment.length;
  }
}
