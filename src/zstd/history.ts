/** The most bytes that one block adds. */
const BLOCK = 128 * 1024;
/** It starts with room for as much, however large a window the frame claims, and grows with what really comes. */
const START = 256 * 1024;
/** Room beyond the window, so that the window is moved once for as many bytes, and not with every block. */
const LEAST_SLACK = 512 * 1024;

/**
 * The content of a stream as far as it is still needed: what a match may reach back to, and what has not been handed
 * out. New content is written behind the old; when the buffer is full, what is needed moves to its front.
 */
export class History {
  /** Bytes before `end` are content. */
  bytes: Uint8Array<ArrayBuffer> = new Uint8Array(START);
  /** Where content goes on. */
  end = 0;
  /** Where the frame's content begins, or where the buffer does, if that is later. */
  frameStart = 0;
  #taken = 0;
  #windowSize = 0;

  /** Begins a frame: what is there is no longer within reach. */
  startFrame(windowSize: number): void {
    this.frameStart = this.end;
    this.#windowSize = windowSize;
  }

  /** Bytes that have not been handed out. */
  get waiting(): number {
    return this.end - this.#taken;
  }

  /** Hands out what waits, as a view that is valid until room is made. */
  take(): Uint8Array<ArrayBuffer> {
    const view = this.bytes.subarray(this.#taken, this.end);
    this.#taken = this.end;
    return view;
  }

  /** Makes room behind the content. Positions change. */
  reserve(room: number): void {
    if (this.end + room <= this.bytes.length) return;
    const keep = Math.min(this.#taken, Math.max(this.frameStart, this.end - this.#windowSize));
    const kept = this.end - keep;
    const slack = Math.max(LEAST_SLACK, this.#windowSize >>> 1);
    const most = Math.max(this.#windowSize + slack, kept + room) + BLOCK;
    if (this.bytes.length < most) {
      const larger = new Uint8Array(Math.min(most, Math.max(2 * this.bytes.length, kept + room)));
      larger.set(this.bytes.subarray(keep, this.end));
      this.bytes = larger;
    } else {
      this.bytes.copyWithin(0, keep, this.end);
    }
    this.end = kept;
    this.#taken -= keep;
    this.frameStart = Math.max(this.frameStart - keep, 0);
  }
}
