import { WINDOW_ROOM } from "./protocol.js";

/** How many bytes a segment's output may be longer than the segment: the core has no more room either. */
const GROWTH = 4096;
const NO_WINDOW: Uint8Array = /* @__PURE__ */ new Uint8Array(0);

/**
 * One segment on its way: filled, then encoded by whoever comes first, then joined to the stream in its turn. It keeps
 * its input until then, so that the main thread can always encode it itself, whatever becomes of the worker that has a
 * copy. Its window stays for as long as it is the next to be joined: a checkpoint of the boundary before it needs that.
 */
export class SegmentSlot {
  readonly #memory: Uint8Array<ArrayBuffer>;
  readonly #segmentSize: number;
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
  /** The hash of the input up to its end, where that is kept. */
  inputHash: Uint8Array | undefined;

  constructor(segmentSize: number) {
    this.#segmentSize = segmentSize;
    this.#memory = new Uint8Array(WINDOW_ROOM + segmentSize + GROWTH);
  }

  /** Begins the segment behind the one in `before`, whose end is its window; the stream's first if there is none. */
  begin(before: SegmentSlot | undefined): void {
    const end = WINDOW_ROOM + (before?.length ?? 0);
    this.beginBehind(before === undefined ? NO_WINDOW : before.#memory.subarray(end - WINDOW_ROOM, end));
  }

  /** Begins the segment behind a window of 32 KiB, or none. */
  beginBehind(window: Uint8Array): void {
    this.#output = undefined;
    this.serial++;
    this.length = 0;
    this.last = false;
    this.inputHash = undefined;
    this.window = window.length;
    this.#memory.set(window, WINDOW_ROOM - window.length);
  }

  /** Appends bytes to the segment, which has room for them. */
  fill(bytes: Uint8Array): void {
    this.#memory.set(bytes, WINDOW_ROOM + this.length);
    this.length += bytes.length;
  }

  get full(): boolean {
    return this.length === this.#segmentSize;
  }

  /** How many more bytes the segment takes. */
  get room(): number {
    return this.#segmentSize - this.length;
  }

  /** Window and segment. */
  get input(): Uint8Array<ArrayBuffer> {
    return this.#memory.subarray(WINDOW_ROOM - this.window, WINDOW_ROOM + this.length);
  }

  /** The bytes before the segment. */
  get windowBytes(): Uint8Array<ArrayBuffer> {
    return this.#memory.subarray(WINDOW_ROOM - this.window, WINDOW_ROOM);
  }

  /** What came of the segment; undefined while it isn't encoded. */
  get output(): Uint8Array<ArrayBuffer> | undefined {
    return this.#output;
  }

  /** Keeps what came of the segment, over its input. */
  keep(output: Uint8Array, crc: number): void {
    this.#memory.set(output, WINDOW_ROOM);
    this.#output = this.#memory.subarray(WINDOW_ROOM, WINDOW_ROOM + output.length);
    this.crc = crc;
  }
}
