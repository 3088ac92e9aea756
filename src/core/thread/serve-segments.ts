import {
  type Greeting,
  PROTOCOL,
  type Ready,
  type SegmentReply,
  type SegmentRequest,
  WINDOW_ROOM,
} from "./protocol.js";

/** What a worker uses of `core.wasm`; assembly/index.ts documents it. */
interface SegmentExports {
  readonly memory: WebAssembly.Memory;
  readonly SEGMENT: WebAssembly.Global;
  readonly OUTPUT: WebAssembly.Global;
  reserveMemory(level: number): number;
  crc32(crc: number, pointer: number, length: number): number;
  segmentEncode(level: number, window: number, length: number, last: boolean, at: number): number;
}

/** A worker's whole life: it encodes the segments that come over the greeting's port, one after the other. */
export function serveSegments(greeting: unknown): void {
  const { port, module, protocol } = greeting as Greeting;
  if (protocol !== PROTOCOL) {
    throw new Error(
      `this worker speaks ${PROTOCOL}, and was greeted in ${protocol}: take both sides from one varve`,
    );
  }
  const exports = new WebAssembly.Instance(module).exports as unknown as SegmentExports;
  port.onmessage = ({ data }: MessageEvent<SegmentRequest>) => {
    const reply: SegmentReply = { ...encode(exports, data), id: data.id, buffer: data.buffer };
    port.postMessage(reply, [data.buffer]);
  };
  const ready: Ready = { ready: PROTOCOL };
  port.postMessage(ready);
}

/** What is said of a segment that was not encoded. */
const REFUSED = { size: -1, crc: 0 };

/** A segment that fails here is left to the main thread, whose own failure says more than a message could. */
function encode(
  exports: SegmentExports,
  { level, window, length, buffer }: SegmentRequest,
): { readonly size: number; readonly crc: number } {
  const segment = exports.SEGMENT.value as number;
  const output = exports.OUTPUT.value as number;
  try {
    if (!exports.reserveMemory(level)) return REFUSED;
    const memory = new Uint8Array(exports.memory.buffer);
    memory.set(new Uint8Array(buffer, WINDOW_ROOM - window, window + length), segment - window);
    const size = exports.segmentEncode(level, window, length, false, output);
    const crc = exports.crc32(0, segment, length);
    new Uint8Array(buffer).set(memory.subarray(output, output + size));
    return { size, crc };
  } catch {
    return REFUSED;
  }
}
