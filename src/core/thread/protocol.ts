/**
 * What the threads say to each other. The first message to a worker is a {@link Greeting} with a port, over which all
 * else goes: the worker says that it is {@link Ready}; then each {@link SegmentRequest} is answered by a {@link
 * SegmentReply}, in order. One `ArrayBuffer` travels to and fro, by transfer.
 */

/** Both sides must be of one version. */
export const PROTOCOL: string = "varve-thread/0";

/** Bytes before a segment's in a buffer: the window, whose end it is if it is shorter. */
export const WINDOW_ROOM: number = 32 * 1024;

export interface Greeting {
  readonly protocol: string;
  readonly port: MessagePort;
  /** `core.wasm`, compiled. */
  readonly module: WebAssembly.Module;
}

export interface Ready {
  readonly ready: string;
}

export interface SegmentRequest {
  readonly id: number;
  readonly level: number;
  /** Bytes of window before the segment. */
  readonly window: number;
  /** Bytes of the segment, which stand from {@link WINDOW_ROOM} on. */
  readonly length: number;
  readonly buffer: ArrayBuffer;
}

export interface SegmentReply {
  readonly id: number;
  /** Bytes of output, which stand at the buffer's beginning; negative if the worker could not encode the segment. */
  readonly size: number;
  /** The CRC-32 of the segment. */
  readonly crc: number;
  readonly buffer: ArrayBuffer;
}
