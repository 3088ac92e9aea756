import { WINDOW_ROOM } from "./protocol.js";

/**
 * One segment on its way: filled, then encoded by whoever comes first, then joined to the stream in its turn. It keeps
 * its input until then, so that the main thread can always encode it itself, whatever becomes of the worker that has a
 * copy.
 */
export class SegmentSlot {
  readonly #memory: Uint8Array<ArrayBuffer>;
  #output: Uint8Array<ArrayBuffer> | undefined;
  /** Counts the segments that it has held: a reply about an earlier one is stale. */
  serial = 0;
  /** Bytes of window before the segment. */
  window = 0;
  /** Bytes of the segment. */
  length = 0;
  last = false;
  /** The CRC-32 of the segment, when it is encoded. */
  crc = 0;

  constructor(segmentSize: number) {
    this.#memory = new Uint8Array(WINDOW_ROOM + segmentSize);
  }

  /** Begins the segment behind the one in `before`, whose end is its window; the stream's first if there is none. */
  begin(before: SegmentSlot | undefined): void {
    this.#output = undefined;
    this.serial++;
    this.length = 0;
    this.last = false;
    this.window = before === undefined ? 0 : WINDOW_ROOM;
    if (before !== undefined) {
      const end = WINDOW_ROOM + before.length;
      this.#memory.set(before.#memory.subarray(end - WINDOW_ROOM, end));
    }
  }

  /** Appends bytes to the segment, which has room for them. */
  fill(bytes: Uint8Array): void {
    this.#memory.set(bytes, WINDOW_ROOM + this.length);
    this.length += bytes.length;
  }

  get full(): boolean {
    return WINDOW_ROOM + this.length === this.#memory.length;
  }

  /** How many more bytes the segment takes. */
  get room(): number {
    return this.#memory.length - WINDOW_ROOM - this.length;
  }

  /** Window and segment. */
  get input(): Uint8Array<ArrayBuffer> {
    return this.#memory.subarray(WINDOW_ROOM - this.window, WINDOW_ROOM + this.length);
  }

  /** What came of the segment; undefined while it isn't encoded. */
  get output(): Uint8Array<ArrayBuffer> | undefined {
    return this.#output;
  }

  /** Keeps what came of the segment, over its input: a segment's output is never longer than a window more. */
  keep(output: Uint8Array, crc: number): void {
    this.#memory.set(output);
    this.#output = this.#memory.subarray(0, output.length);
    this.crc = crc;
  }
}
